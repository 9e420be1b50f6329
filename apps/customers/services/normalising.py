"""One form for every identifier, so that two systems that mean the same person write the same value.

These functions never refuse: a sale is booked whatever somebody typed as a phone number. What is no usable identifier
gives an empty string. The edges of the house (API, forms) refuse bad input before it comes here.
"""

import datetime as dt
import re
import unicodedata

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from stdnum.eu import vat as european_vat

HOME_REGION = "NL"
SHORTEST_CARD, LONGEST_CARD = 6, 20

_NL_POSTCODE = re.compile(r"[1-9]\d{3}[A-Z]{2}")
_HOUSE_NUMBER = re.compile(r"(\d{1,6})\s*[-/ ]?\s*(.*)")
_EARLIEST_BIRTH = dt.date(1890, 1, 1)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NL_PHONE = re.compile(r"\+31[1-9]\d{8}")


def text(value: str | None, limit: int) -> str:
    """A line of text: no control characters, single spaces, cut to `limit` characters."""
    if not value:
        return ""
    printable = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in value)
    return " ".join(printable.split())[:limit].rstrip()


def email(value: str | None) -> str:
    """`J.Jansen@Example.org ` is j.jansen@example.org. Dots and plus parts are kept: they mean different boxes elsewhere."""
    address = text(value, 255).lower()
    if not address or len(address) > 254:
        return ""
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address


def phone(value: str | None, region: str = HOME_REGION) -> str:
    """`06 12345678` is +31612345678 (E.164). A number without a country code belongs to `region`."""
    typed = text(value, 40)
    if _NL_PHONE.fullmatch(typed):
        return typed
    try:
        number = phonenumbers.parse(typed, region or HOME_REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def postcode(value: str | None) -> str:
    """`3511 ab` is 3511AB; other countries' codes lose spaces and go to capitals too."""
    return text(value, 20).upper().replace(" ", "")[:10]


def is_dutch_postcode(value: str) -> bool:
    return _NL_POSTCODE.fullmatch(value) is not None


def house_number(value: str | None, suffix: str | None = "") -> tuple[str, str]:
    """Number and addition apart: `12-bis` is ("12", "BIS"), also when somebody typed both into one field."""
    typed = text(value, 24)
    match = _HOUSE_NUMBER.fullmatch(typed)
    number, rest = (match[1].lstrip("0"), match[2]) if match else (typed[:12].upper(), "")
    addition = " ".join(part for part in (rest, text(suffix, 12)) if part)
    return number, addition.upper()[:12].rstrip()


def address_key(postcode_value: str | None, number: str | None) -> str:
    """Postcode and house number as one identifier: 3511AB-12. Everybody in the house shares it, whatever the addition."""
    code, (digits, _) = postcode(postcode_value), house_number(number)
    return f"{code}-{digits}" if code and digits else ""


def card(value: str | None) -> str:
    """The digits of a card number; a text with letters in it is no card."""
    digits = re.sub(r"[\s.\-]", "", value or "")
    return digits if digits.isascii() and digits.isdigit() and SHORTEST_CARD <= len(digits) <= LONGEST_CARD else ""


def account(value: str | None) -> str:
    """A webshop's own id for a person, as it is."""
    return text(value, 120)


def kvk(value: str | None) -> str:
    """The eight digits of a company in the Dutch trade register."""
    digits = re.sub(r"[\s.\-]", "", value or "")
    return digits if digits.isascii() and digits.isdigit() and len(digits) == 8 and digits != "00000000" else ""


def vat(value: str | None) -> str:
    """A European VAT number with right check digits, with its country: `nl 8540.12.345.b01` is NL854012345B01."""
    typed = text(value, 30).upper()
    return european_vat.compact(typed) if typed and european_vat.is_valid(typed) else ""


def token(value: str | None) -> str:
    """The digest of a payment card: 64 hexadecimal digits, for nothing else may be kept of one."""
    digest = (value or "").lower()
    return digest if _DIGEST.fullmatch(digest) else ""


def birth_date(value: dt.date | str | None) -> str:
    """1974-03-21, of a date or of one written so; what cannot be somebody's date of birth gives nothing."""
    try:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(text(value, 10))
    except ValueError:
        return ""
    return day.isoformat() if _EARLIEST_BIRTH <= day <= timezone.localdate() else ""
