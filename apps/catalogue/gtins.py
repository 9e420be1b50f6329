"""Bar codes: GTIN-8, -12, -13 and -14, kept as the 14 digits they all are."""

from django.utils.translation import gettext as _
from stdnum import ean
from stdnum.exceptions import InvalidChecksum, ValidationError

from apps.core.errors import InvalidInput

LENGTHS = frozenset({8, 12, 13, 14})


class InvalidGtin(InvalidInput):
    """The text is no GTIN, or a digit of it is wrong."""

    code = "invalid_gtin"


def parse_gtin(text: str) -> str:
    """The 14 digits of a GTIN of 8, 12, 13 or 14 digits; spaces and hyphens do not count. Raises `InvalidGtin`."""
    digits = ean.compact(text)
    if len(digits) not in LENGTHS or not (digits.isascii() and digits.isdigit()):
        raise InvalidGtin(_("A GTIN has 8, 12, 13 or 14 digits."))
    try:
        ean.validate(digits)
    except InvalidChecksum as error:
        raise InvalidGtin(_("The check digit of this GTIN is wrong: one of its digits was misread.")) from error
    except ValidationError as error:
        raise InvalidGtin(_("This is no GTIN.")) from error
    return digits.zfill(14)


def shown(code: str) -> str:
    """A GTIN as people know it from the label: 13 digits, or 14 for a case, or 8 for a small pack."""
    if code.startswith("000000"):
        return code[6:]
    return code.removeprefix("0")


def with_check_digit(digits: str) -> str:
    """The given digits and the check digit that belongs behind them."""
    return digits + str(ean.calc_check_digit(digits))
