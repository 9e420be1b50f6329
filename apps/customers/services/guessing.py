"""What somebody typed into one field, as the identifiers it may be."""

import re

from apps.core import numbers
from apps.customers.services import lookup, normalising
from apps.customers.services.people import Kind

_ADDRESS = re.compile(r"([1-9]\d{3}\s?[A-Za-z]{2})[\s,\-/]+(\d.*)")
_SHORTEST_GIVEN = 9  # digits: as many as a phone number has without its zero
_CODE = re.compile(r"[0-9A-Za-z]{6,16}")
_RECEIPT = re.compile(r".+/\s*\d{4}-\d\d-\d\d\s*/\s*\d+")


def names_somebody(typed: str) -> str:
    """The kind of identifier that a text is in full, of those that stand for a person; empty when it is none of them.

    This reads nothing but the text: it says what could be looked up, not whether anybody is known by it.
    """
    text = normalising.text(typed, 254)
    digits = re.sub(r"[\s.\-+()]", "", text)
    if normalising.email(text):
        return str(Kind.EMAIL)
    if _ADDRESS.fullmatch(text):
        return str(Kind.ADDRESS)
    if not (digits.isascii() and digits.isdigit() and len(digits) >= _SHORTEST_GIVEN):
        return ""
    if normalising.card(text) and not text.startswith("0"):
        return str(Kind.CARD)
    return str(Kind.PHONE) if normalising.phone(text) else ""


def guesses(typed: str) -> list[dict[str, str]]:
    """The look-ups worth trying, likeliest first; the first that finds somebody counts."""
    text = normalising.text(typed, 254)
    if "@" in text:
        return [{Kind.EMAIL: text}]
    if address := _ADDRESS.fullmatch(text):
        return [{"postcode": address[1], "house_number": address[2]}]
    compact = re.sub(r"[\s.\-]", "", text).upper()
    known = set(lookup.identifier_kinds())
    if _RECEIPT.fullmatch(text):
        return [{"receipt": text}] if "receipt" in known else []
    tried: list[dict[str, str]] = []
    if numbers.is_number(compact, numbers.ORDER):
        tried.append({"order": compact})
    if normalising.card(text) and not compact.startswith("0"):
        tried.append({Kind.CARD: text})
    if normalising.phone(text):
        tried.append({Kind.PHONE: text})
    if _CODE.fullmatch(compact) and not compact.isdigit():
        tried.append({"collect_code": compact})
    return [attempt for attempt in tried if known.issuperset(attempt)]
