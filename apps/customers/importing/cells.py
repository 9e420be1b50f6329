"""What cells of customer files hold, as other systems write it: dates, yes and no, an address or a name in one cell."""

import datetime as dt
import re
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from apps.customers.services import normalising

_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_STREET = re.compile(r"(.*\S)[\s,]+(\d{1,5})(?:\s*[-/ ]?\s*([A-Za-z0-9]{1,6}|bis))?")
_WHOLE = re.compile(r"\d{1,9}|\d{1,3}([.,]\d{3}){1,2}")
_YES = frozenset({"yes", "ja", "true", "1", "y", "j", "subscribed", "waar"})
_NO = frozenset({"no", "nee", "false", "0", "n", "unsubscribed", "onwaar", "not subscribed"})
_TWO_WORDS = ("van der", "van den", "van de", "van 't", "in 't", "op de", "op den")
INFIXES = (*_TWO_WORDS, "van", "der", "den", "de", "ter", "ten", "te", "het", "'t", "op", "tot")


def split_address(line: str) -> tuple[str, str, str]:
    """Street, house number and addition of "Kerkstraat 12 bis"; all of it is the street where there is no number."""
    found = _STREET.fullmatch(line.strip())
    return (found[1].strip(), found[2], found[3] or "") if found else (line.strip(), "", "")


def split_name(name: str) -> tuple[str, str, str]:
    """First name, infix and last name of "Anna van der Berg"; of "Berg, Anna van der" too."""
    last, comma, rest = name.partition(",")
    words = f"{rest} {last}".split() if comma else name.split()
    if len(words) < 2:
        return "", "", name.strip()
    first, tail = words[0], words[1:]
    for infix in INFIXES:
        size = len(infix.split())
        if len(tail) > size and " ".join(tail[:size]).lower() == infix:
            return first, " ".join(tail[:size]), " ".join(tail[size:])
    return first, "", " ".join(tail)


class DayField(serializers.Field[Any, Any, Any, Any]):
    """A day as people and systems write it: 21-3-1974, 1974-03-21, or with a time behind it. Never in the future."""

    default_error_messages = {"invalid_date": ""}

    def to_internal_value(self, data: Any) -> dt.date:
        text = str(data).strip()
        day_first, year_first = _DAY_FIRST.fullmatch(text), _YEAR_FIRST.fullmatch(text)
        try:
            if day_first:
                day = dt.date(int(day_first[3]), int(day_first[2]), int(day_first[1]))
            elif year_first:
                day = dt.date(int(year_first[1]), int(year_first[2]), int(year_first[3]))
            else:
                raise ValueError(text)
        except ValueError:
            self.fail("invalid_date")
        if not dt.date(1900, 1, 1) <= day <= timezone.localdate():
            self.fail("invalid_date")
        return day

    def to_representation(self, value: Any) -> Any:
        return value


class PointsField(serializers.Field[Any, Any, Any, Any]):
    """A whole number of points, as people and systems write it: 1250, 1.250, 1,250 or 1250,00. None is below zero."""

    default_error_messages = {"invalid_points": ""}
    most = 10_000_000

    def to_internal_value(self, data: Any) -> int:
        text = re.sub(r"[.,]0{1,2}$", "", re.sub(r"\s", "", str(data)))
        if not _WHOLE.fullmatch(text):
            self.fail("invalid_points")
        number = int(re.sub(r"[.,]", "", text))
        if number > self.most:
            self.fail("invalid_points")
        return number

    def to_representation(self, value: Any) -> Any:
        return value


class YesNoField(serializers.Field[Any, Any, Any, Any]):
    """Yes or no, as systems write it."""

    default_error_messages = {"invalid_yes_no": ""}

    def to_internal_value(self, data: Any) -> bool:
        word = str(data).strip().lower()
        if word not in _YES | _NO:
            self.fail("invalid_yes_no")
        return word in _YES

    def to_representation(self, value: Any) -> Any:
        return value


class EmailCell(serializers.CharField):
    default_error_messages = {"invalid_email": ""}

    def to_internal_value(self, data: Any) -> str:
        address = normalising.email(super().to_internal_value(data))
        if not address:
            self.fail("invalid_email")
        return address


class PhoneCell(serializers.CharField):
    """A phone number, kept as typed: which country it is of is known with the row."""

    default_error_messages = {"invalid_phone": ""}

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if sum(char.isdigit() for char in text) < 6:
            self.fail("invalid_phone")
        return text


class CardCell(serializers.CharField):
    default_error_messages = {"invalid_card": ""}

    def to_internal_value(self, data: Any) -> str:
        number = normalising.card(super().to_internal_value(data))
        if not number:
            self.fail("invalid_card")
        return number
