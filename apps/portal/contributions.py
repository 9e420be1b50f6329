"""The shapes in which contributing apps answer the portal. Texts may be lazy; URLs are addresses of this portal."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, kw_only=True)
class SearchHit:
    """One thing found. `exact` means the text is its full number or code: a single such hit is opened at once."""

    title: Any
    url: str
    meta: Any = ""
    status: Any = ""
    tone: str = ""
    exact: bool = False


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """A code as it came from the scanner, without surrounding space, who scanned it, and in which location."""

    principal: Any
    code: str
    location: Any


@dataclass(frozen=True, kw_only=True)
class ScanAnswer:
    """What a scan leads to: either a page (`url`), or a fragment shown below the scan box.

    `said` is the sentence announced beside the box, for instance "Order T48101273642, ready to collect".
    """

    said: Any
    url: str = ""
    template: str = ""
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One thing that happened. `at` is aware; `key` tells entries of the same moment apart and orders them.

    `tone` is "", "now" (going on) or "note" (internal, never said to the customer).
    """

    at: dt.datetime
    key: str
    kind: str
    icon: str
    title: Any
    where: Any = ""
    text: Any = ""
    amount: Decimal | None = None
    currency: str = ""
    figure: Any = ""
    url: str = ""
    tone: str = ""

    @property
    def moment(self) -> "Moment":
        return (self.at, self.key)


Moment = tuple[dt.datetime, str]
"""Where a timeline page ends: the time and key of its oldest entry."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure on the Today page. It opens: `url` leads to the rows, `how` says how it is calculated."""

    name: Any
    value: Any
    url: str
    change: Any = ""
    how: Any = ""


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something to do. `urgency` is "", "soon" or "late"."""

    what: Any
    url: str
    icon: str
    meta: Any = ""
    due: Any = ""
    urgency: str = ""


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """A list of things to do, the most urgent first; `more_url` leads to all of them."""

    title: Any
    tasks: list[Task]
    total: int
    more_url: str
