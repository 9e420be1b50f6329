"""Bar codes as products have them: 14 digits, and what people read on a label."""

from django.utils.translation import gettext as _

from apps.core.codes.gtins import NotAGtin, WrongCheckDigit, gtin14
from apps.core.errors import InvalidInput


class InvalidGtin(InvalidInput):
    """The text is no GTIN, or a digit of it is wrong."""

    code = "invalid_gtin"


def parse_gtin(text: str) -> str:
    """The 14 digits of a GTIN of 8, 12, 13 or 14 digits; spaces and hyphens do not count. Raises `InvalidGtin`."""
    try:
        return gtin14(text)
    except NotAGtin as error:
        raise InvalidGtin(_("A GTIN has 8, 12, 13 or 14 digits.")) from error
    except WrongCheckDigit as error:
        raise InvalidGtin(_("The check digit of this GTIN is wrong: one of its digits was misread.")) from error


def shown(code: str) -> str:
    """A GTIN as people know it from the label: 13 digits, or 14 for a case, or 8 for a small pack."""
    if code.startswith("000000"):
        return code[6:]
    return code.removeprefix("0")
