"""Codes that a scale prints: prefix 20 to 29, in which some digits name the article and others its price or weight.

GS1 leaves these numbers to each country and retailer, so which digits mean what is a setting: `MEASURE_CODES`, one layout
per prefix, for instance `{"22": "price:PPIIIIIVVVVV:2"}`. Of the twelve digits before the check digit, `P` is the prefix,
`I` the article, `C` a check digit over the value, `V` the value with so many decimals (euros, kilograms, pieces).
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal, cast, get_args

from biip.checksums import gs1_price_weight_check_digit
from django.conf import settings

from apps.core.codes.gtins import WrongCheckDigit, with_check_digit

Measure = Literal["price", "weight", "count"]
_DIGITS = 12


@dataclass(frozen=True)
class Layout:
    """What the digits of a prefix mean."""

    prefix: str
    measure: Measure
    pattern: str
    decimals: int

    def read(self, gtin: str) -> "Measured":
        """The article and value in a GTIN of 14 digits. Raises WrongCheckDigit when the value's own check digit is wrong."""
        digits = gtin[1:13]
        value = self._at(digits, "V")
        check = self._at(digits, "C")
        if check and int(check) != gs1_price_weight_check_digit(value):
            raise WrongCheckDigit(gtin)
        return Measured(self._article(digits), self.measure, Decimal(value).scaleb(-self.decimals))

    def _at(self, digits: str, letter: str) -> str:
        return "".join(digit for digit, meaning in zip(digits, self.pattern, strict=True) if meaning == letter)

    def _article(self, digits: str) -> str:
        """The GTIN under which the article is known: the same one with a value of nought."""
        kept = "".join(d if meaning in "PI" else "0" for d, meaning in zip(digits, self.pattern, strict=True))
        return with_check_digit(kept).zfill(14)


@dataclass(frozen=True)
class Measured:
    """An article and how much of it there is in one pack."""

    article: str
    measure: Measure
    value: Decimal


def measured(gtin: str) -> Measured | None:
    """What a scale wrote into a GTIN of 14 digits; None for one without price or weight in it. Raises WrongCheckDigit."""
    if not gtin.startswith("02"):
        return None
    layout = _layouts(tuple(sorted(settings.MEASURE_CODES.items()))).get(gtin[1:3])
    return layout.read(gtin) if layout else None


@lru_cache(maxsize=8)
def _layouts(spelled: tuple[tuple[str, str], ...]) -> dict[str, Layout]:
    return {prefix: parse_layout(prefix, layout) for prefix, layout in spelled}


def parse_layout(prefix: str, spelled: str) -> Layout:
    """A layout as it is spelled in the settings. Raises ValueError for one that means nothing."""
    try:
        measure, pattern, decimals = spelled.split(":")
        if not (prefix.isdigit() and 20 <= int(prefix) <= 29 and measure in get_args(Measure)):
            raise ValueError
        if len(pattern) != _DIGITS or not pattern.startswith("PP") or set(pattern[2:]) - set("ICV"):
            raise ValueError
        if "I" not in pattern or pattern.count("C") > 1 or pattern.count("V") not in (4, 5, 6):
            raise ValueError
        if "C" in pattern and pattern.count("V") > 5:  # no such check digit is defined
            raise ValueError
        return Layout(prefix, cast("Measure", measure), pattern, int(decimals))
    except ValueError as error:
        raise ValueError(f"MEASURE_CODES: prefix {prefix!r} cannot be laid out as {spelled!r}") from error
