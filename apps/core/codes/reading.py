"""What a scanned or typed text says by itself, before anybody looks anything up.

One place reads GTINs, GS1 element strings (with a symbology prefix or in brackets), GS1 Digital Links and the codes of
scales. A text that is none of these may still be an order number, a card or a SKU: then only `text` says something.
"""

import datetime as dt
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from biip import BiipException
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString, GS1ElementStrings
from biip.gs1_messages import GS1Message

from apps.core.codes.gtins import NotAGtin, WrongCheckDigit, gtin14
from apps.core.codes.measuring import measured

SEPARATOR = "\x1d"
_SEPARATORS_SPELLED = re.compile(r"␝|<GS>|\{GS\}", re.IGNORECASE)  # as scanners send what a keyboard has no key for
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_SYMBOLOGIES = frozenset({"]C1", "]d2", "]Q3", "]e0", "]J1"})
_LINK = re.compile(r"https?://", re.IGNORECASE)
_STARTS_WITH_GTIN = re.compile(r"0[12](\d{14})")
_LONGEST_GTIN = 14


class Flaw(StrEnum):
    """What is wrong with a code that has the form of one."""

    CHECK_DIGIT = "check_digit"
    REST = "rest"  # the GTIN is good, what follows it cannot be read
    NO_PRODUCT = "no_product"  # a link, or a GS1 code, that names no product


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A text and what it says. `gtin` has 14 digits; `article` is the GTIN without what a scale wrote into it.

    Weight in kilograms, price of this very piece in the currency of the store.
    """

    text: str
    gtin: str = ""
    article: str = ""
    lot: str = ""
    serial: str = ""
    produced: dt.date | None = None
    best_before: dt.date | None = None
    use_by: dt.date | None = None
    weight: Decimal | None = None
    count: Decimal | None = None
    price: Decimal | None = None
    flaw: Flaw | None = None

    @property
    def gtins(self) -> list[str]:
        """Under which GTINs the product may be known, likeliest first."""
        return [gtin for gtin in (self.gtin, self.article) if gtin]

    @property
    def is_plain(self) -> bool:
        """Whether it is a text like any other: no bar code of a product, not even a bad one."""
        return not self.gtin and self.flaw is None


def read_code(text: str) -> Reading:
    """Read a text as it came from a scanner, a camera or a keyboard."""
    spelled = _SEPARATORS_SPELLED.sub(SEPARATOR, text.strip())
    symbology = spelled[:3] if _SYMBOLOGY.match(spelled) else ""
    code = spelled[len(symbology) :].strip()
    if _LINK.match(code):
        return _read_link(code)
    if code.startswith("("):
        return _read_message(code, in_brackets=True)
    if symbology in _GS1_SYMBOLOGIES or (len(code) > _LONGEST_GTIN and _STARTS_WITH_GTIN.match(code)):
        return _read_message(code, in_brackets=False)
    return _read_gtin(code)


def _read_gtin(code: str) -> Reading:
    plain = Reading(text=code)
    try:
        gtin = gtin14(code)
        scale = measured(gtin)
    except NotAGtin:
        return plain
    except WrongCheckDigit:
        return replace(plain, flaw=Flaw.CHECK_DIGIT)
    if scale is None:
        return replace(plain, gtin=gtin)
    told: dict[str, Any] = {scale.measure: scale.value}
    return replace(plain, gtin=gtin, article=scale.article, **told)


def _read_link(code: str) -> Reading:
    scheme, rest = code.split(":", 1)
    try:
        strings = GS1DigitalLinkURI.parse(f"{scheme.lower()}:{rest}").element_strings
    except (BiipException, ValueError):
        return Reading(text=code, flaw=Flaw.NO_PRODUCT)
    return _told(code, strings)


def _read_message(code: str, *, in_brackets: bool) -> Reading:
    try:
        message = GS1Message.parse_hri(code) if in_brackets else GS1Message.parse(code)
    except (BiipException, ValueError):
        return _only_gtin(code.replace("(", "").replace(")", ""))
    return _told(code, message.element_strings)


def _only_gtin(code: str) -> Reading:
    """A message that cannot be read to its end, of which the beginning may still name the product."""
    start = _STARTS_WITH_GTIN.match(code)
    if start is None:
        return Reading(text=code, flaw=Flaw.NO_PRODUCT)
    try:
        return Reading(text=code, gtin=gtin14(start[1]), flaw=Flaw.REST)
    except WrongCheckDigit:
        return Reading(text=code, flaw=Flaw.CHECK_DIGIT)


def _told(code: str, strings: GS1ElementStrings) -> Reading:
    by_ai = {string.ai.ai: string for string in strings}
    named = by_ai.get("01") or by_ai.get("02")
    if named is None:
        return Reading(text=code, flaw=Flaw.NO_PRODUCT)
    if named.gtin is None:
        return Reading(text=code, flaw=Flaw.CHECK_DIGIT)
    count = _value(by_ai, "30") or _value(by_ai, "37")
    return Reading(
        text=code,
        gtin=named.value.zfill(14),
        lot=_value(by_ai, "10"),
        serial=_value(by_ai, "21"),
        produced=_date(by_ai, "11"),
        best_before=_date(by_ai, "15"),
        use_by=_date(by_ai, "17"),
        weight=_decimal(by_ai, "310"),
        count=Decimal(count) if count else None,
        price=_decimal(by_ai, "392"),
    )


def _value(by_ai: dict[str, GS1ElementString], ai: str) -> str:
    return by_ai[ai].value if ai in by_ai else ""


def _date(by_ai: dict[str, GS1ElementString], ai: str) -> dt.date | None:
    return by_ai[ai].date if ai in by_ai else None


def _decimal(by_ai: dict[str, GS1ElementString], family: str) -> Decimal | None:
    """The value of an identifier of which the last digit says how many decimals it has, such as 3103."""
    return next((string.decimal for ai, string in by_ai.items() if ai.startswith(family) and len(ai) == 4), None)
