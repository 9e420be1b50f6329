"""What can be measured of a person. An app contributes its measures in its `measures.py`:

    register(Measure(
        name="orders.number", group=_("Orders"), label=_("Number of orders"), said=_("ordered %(value)s×"),
        kind=Kind.NUMBER, rows=lambda asked: asked.in_period(Order.objects.all(), "business_date"), by_period=True,
    ))

`rows` are the rows of the app that count, `customer` the way from such a row to its customer, `measured` what is worked
out of one customer's rows. Everything goes by source record, so nothing has to be done when customers are joined or parted.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Count, Q, QuerySet

from apps.network.models import Channel


class Kind(StrEnum):
    """What a measure comes to, which says how it is compared."""

    NUMBER = "number"
    AMOUNT = "amount"  # of money, in one currency
    SHARE = "share"  # per cent
    DAY = "day"
    FLAG = "flag"  # rows or none
    ONE_OF = "one_of"


ONLINE, STORES = "@online", "@stores"  # no code of a channel begins like this


@dataclass(frozen=True)
class Asked:
    """What a condition says about which rows count: from when (None: ever), of which channel, currency and values."""

    since: dt.date | None = None
    until: dt.date | None = None
    channel: str = ""
    currency: str = ""
    values: tuple[str, ...] = ()

    def in_period(self, rows: "QuerySet[Any]", day: str) -> "QuerySet[Any]":
        """The rows whose `day`, a date, is in the period."""
        if self.since is not None:
            rows = rows.filter(**{f"{day}__gte": self.since})
        if self.until is not None:
            rows = rows.filter(**{f"{day}__lte": self.until})
        return rows

    def in_channel(self, rows: "QuerySet[Any]", channel: str) -> "QuerySet[Any]":
        """The rows of the channel asked for; `channel` is the way to it."""
        if not self.channel:
            return rows
        if self.channel in {ONLINE, STORES}:
            online = Q(**{f"{channel}__in": Channel.objects.filter(kind__in=Channel.ONLINE).values("pk")})
            return rows.filter(online if self.channel == ONLINE else ~online)
        return rows.filter(**{f"{channel}__code": self.channel})


Choices = Callable[[], Sequence[tuple[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """Something that is known of a person. `name` is kept in saved segments: never change it.

    `said` puts a condition into words after "the customer": `%(value)s` is what it is compared with, which names its own
    comparison ("at least 3", "more than 90 days ago"). `said_not` is its opposite, of a flag and of one of several.
    A measure that is one of several has `choices`, or is `typed` as codes with commas between them, which `unknown` looks
    at: those of the codes that do not exist.
    """

    name: str
    group: Any
    label: Any
    said: Any
    kind: Kind
    rows: "Callable[[Asked], QuerySet[Any]]"
    customer: str = "source_record__customer"
    measured: Any = None
    said_not: Any = ""
    by_period: bool = False
    by_channel: bool = False
    choices: Choices | None = None
    unknown: Callable[[Sequence[str]], Sequence[str]] | None = None
    unit: Any = ""
    help: Any = ""

    @property
    def worked_out(self) -> Any:
        return self.measured if self.measured is not None else Count("pk")

    @property
    def typed(self) -> bool:
        return self.kind == Kind.ONE_OF and self.choices is None


_measures: dict[str, Measure] = {}


def register(*measures: Measure) -> None:
    """Make measures known, as their app is loaded."""
    for measure in measures:
        if measure.name in _measures:
            raise ValueError(f"two measures are called {measure.name}")
        _measures[measure.name] = measure


def measure_called(name: str) -> Measure | None:
    return _measures.get(name)


def grouped() -> list[tuple[str, list[Measure]]]:
    """All measures under the head of their group, in the order in which apps contributed them."""
    groups: dict[str, list[Measure]] = {}
    for measure in _measures.values():
        groups.setdefault(str(measure.group), []).append(measure)
    return list(groups.items())
