"""The period a page of figures is about, and the one it is compared with."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.portal import formats

LENGTHS = {
    "week": (7, _("7 days")),
    "month": (30, _("30 days")),
    "quarter": (91, _("13 weeks")),
    "year": (365, _("12 months")),
}
LONGEST = dt.timedelta(days=20 * 366)


@dataclass(frozen=True)
class Period:
    """Days from `start` up to and including `end`."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def before(self) -> "Period":
        """As many days, just before."""
        return Period(self.start - dt.timedelta(days=self.days), self.start - dt.timedelta(days=1))

    @property
    def year_before(self) -> "Period":
        """The same days, a year earlier."""
        return Period(_year_before(self.start), _year_before(self.end))

    @property
    def months(self) -> list["Period"]:
        """The calendar months it touches, the first and last as far as it goes."""
        months, start = [], self.start
        while start <= self.end:
            following = (start.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
            months.append(Period(start, min(following - dt.timedelta(days=1), self.end)))
            start = following
        return months

    @property
    def weeks(self) -> list["Period"]:
        """Its weeks from Monday, the first and last as far as it goes."""
        weeks, start = [], self.start
        while start <= self.end:
            sunday = start + dt.timedelta(days=6 - start.weekday())
            weeks.append(Period(start, min(sunday, self.end)))
            start = sunday + dt.timedelta(days=1)
        return weeks

    def __iter__(self) -> Iterator[dt.date]:
        return (self.start + dt.timedelta(days=n) for n in range(self.days))

    def __str__(self) -> str:
        same_year = self.start.year == self.end.year
        first = formats.dated(self.start, "j M" if same_year else "j M Y")
        return f"{first} – {formats.dated(self.end, 'j M Y')}"


@dataclass(frozen=True)
class Choice:
    """A period that can be chosen, for the switch on the page."""

    value: str
    label: Any
    current: bool


def read_period(query: QueryDict, *, last: dt.date, default: str = "month") -> tuple[Period, str]:
    """The period an address asks for, and its name in the switch ("" for days chosen by hand).

    `from` and `to` name days; else `period` one of the lengths, ending at `last`. What makes no sense is left out.
    """
    start, end = _day(query.get("from")), _day(query.get("to"))
    if start or end:
        end = end or max(last, start or last)
        start = start or end - dt.timedelta(days=29)
        if start <= end and end - start <= LONGEST:
            return Period(start, end), ""
    name = query.get("period", default)
    name = name if name in LENGTHS else default
    days, _label = LENGTHS[name]
    return Period(last - dt.timedelta(days=days - 1), last), name


def choices(current: str) -> list[Choice]:
    return [Choice(value, label, value == current) for value, (_days, label) in LENGTHS.items()]


def _day(text: str | None) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 1900 < day.year < 2200 else None


def _year_before(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
