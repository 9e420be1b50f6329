"""GTIN-8, -12, -13 and -14, kept as the 14 digits they all are. A UPC-A is a GTIN-12."""

from stdnum import ean

LENGTHS = frozenset({8, 12, 13, 14})


class NotAGtin(ValueError):
    """The text does not look like a GTIN at all."""


class WrongCheckDigit(ValueError):
    """The text has the form of a GTIN, but one of its digits was misread or mistyped."""


def gtin14(text: str) -> str:
    """The 14 digits of a GTIN of 8, 12, 13 or 14 digits; spaces and hyphens do not count. Raises NotAGtin, WrongCheckDigit."""
    digits = text if text.isdigit() else ean.compact(text)  # which takes longer than all the rest
    if len(digits) not in LENGTHS or not (digits.isascii() and digits.isdigit()):
        raise NotAGtin(text)
    if ean.calc_check_digit(digits[:-1]) != digits[-1]:
        raise WrongCheckDigit(digits)
    return digits.zfill(14)


def with_check_digit(digits: str) -> str:
    """The given digits and the check digit that belongs behind them."""
    return digits + str(ean.calc_check_digit(digits))
