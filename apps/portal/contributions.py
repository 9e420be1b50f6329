"""The shapes in which contributing apps answer the portal. Texts may be lazy; URLs are addresses of this portal."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import IntegerField, Model, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from apps.core.codes.reading import Reading
from apps.core.statements import KeptQuery

M = TypeVar("M", bound=Model)

COUNTED = 100
"""How far results are counted: beyond this nobody reads on, they type another letter."""


@dataclass(frozen=True, kw_only=True)
class SearchHit:
    """One thing found. `exact` means the text is its full number or code: a single such hit is opened at once.

    With `asks` nothing was read yet: the text has the form of something that opens by being given (a card, somebody's
    order). Choosing the hit is the look-up, which is written down.
    """

    title: Any
    url: str = ""
    meta: Any = ""
    status: Any = ""
    tone: str = ""
    exact: bool = False
    asks: bool = False


ASKED = _("Only when the customer gives it; this is written down")
"""What stands below a hit that asks."""


@dataclass(frozen=True)
class Found:
    """The first hits of a kind, best first, and how many there are, counted as far as COUNTED."""

    hits: Sequence[SearchHit] = ()
    total: int = 0

    @classmethod
    def of(cls, rows: QuerySet[Any], as_hit: Callable[[Any], SearchHit], limit: int) -> "Found":
        """The first `limit` of `rows`; they are counted only where there are more."""
        first = list(rows[: limit + 1])
        total = len(first) if len(first) <= limit else rows.order_by()[:COUNTED].count()
        return cls([as_hit(row) for row in first[:limit]], total)


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """A code as it came from the scanner, what it says by itself, who scanned it, and in which location."""

    principal: Any
    reading: Reading
    location: Any

    @property
    def code(self) -> str:
        """The text without surrounding space and without what the scanner put before it."""
        return self.reading.text


@dataclass(frozen=True, kw_only=True)
class ScanAnswer:
    """What a scan leads to: either a page (`url`), or a fragment shown below the scan box.

    `said` is the sentence announced beside the box, for instance "Order T48101273642, ready to collect". Two scans in a row
    with the same `same` are counted: the fragment finds their number as `times`. `is_known` is False for an answer that only
    says why there is none. `subject` is the object found, for those who contribute acts on it.
    """

    said: Any
    url: str = ""
    template: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    same: str = ""
    subject: Any = None
    is_known: bool = True


@dataclass(frozen=True, kw_only=True)
class ScanMatch:
    """Something that a scanned code stands for. Matching only reads; `answer()` opens it, and may write that down.

    A code may match several handlers; then a person chooses, by the handler's label and `about`, which is shown before
    anything was opened and so never tells of a person. A match that is `only_a_guess` counts when there is no other.
    """

    answer: Callable[[], ScanAnswer | None]
    about: Any = ""
    only_a_guess: bool = False


class Through(TextChoices):
    """Through what a customer and the chain met: the channels that a timeline is narrowed by."""

    STORE = "store", _("In the store")
    ONLINE = "online", _("Online")
    DESK = "desk", _("Service desk")


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One thing that happened. `at` is aware; `key` tells entries of the same moment apart and orders them.

    `through` is the channel it went through, blank for what went through none (points). `tone` is "", "now" (going on) or
    "note" (internal, never said to the customer). `datum` is what it tells of the customer, where that is not what its source
    says; `tag`, whether that may be said, is filled in when it is read.
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
    through: str = ""
    datum: str = ""
    tag: str = ""

    @property
    def moment(self) -> "Moment":
        return (self.at, self.key)

    @property
    def spelled(self) -> str:
        """Its place on the timeline as it stands in an address."""
        return f"{self.at.isoformat()}~{self.key}"


Moment = tuple[dt.datetime, str]
"""A place on a timeline: the time and key of an entry."""


class TimelineReader(ABC, Generic[M]):
    """How a source of timeline entries reads: which rows lie where, and what is said of the few that are shown.

    A row lies at its column `at`; its entry has the key `prefix` ("contact:", the source's own) with the row's unique `key`, so
    that entries of one moment have one order over all sources. `owner` is the column that says whose the row is: there is an
    index on it and `at`, so that no more is read than is asked for, however much there is (`apps.portal.timeline`).
    """

    model: type[M]
    prefix: ClassVar[str]
    at: ClassVar[str]
    key: ClassVar[str]
    owner: ClassVar[str] = "source_record"

    def rows(self, principal: Any, through: str) -> QuerySet[M]:
        """The rows within reach, whosesoever. With `through`, the one channel that is asked for, no others."""
        rows: QuerySet[M] = self.model.objects.visible_to(principal)  # type: ignore[attr-defined]  # each has it
        return rows

    def owners(self, principal: Any, source_record_ids: Sequence[int]) -> QuerySet[Any, Any] | None:
        """What `owner` is for these records, as a queryset of one column; None where it is the records themselves."""
        return None

    def said(self, rows: QuerySet[M]) -> QuerySet[M]:
        """These rows with what is said of them, by one statement: it is compiled once."""
        return rows

    @abstractmethod
    def entries(self, rows: Sequence[M]) -> Iterable[TimelineEntry]:
        """What is said of these rows, in any order, each with `key_of` its row."""

    def read(self, keys: Sequence[str]) -> list[M]:
        """The rows of entries by their keys."""
        own: list[Any] = [key.removeprefix(self.prefix) for key in keys]
        return self._kept.read(keys=[int(key) for key in own] if self.has_numbers else own)

    @cached_property
    def has_numbers(self) -> bool:
        """Whether rows are known by numbers, rather than by texts."""
        return isinstance(self.model._meta.get_field(self.key), IntegerField)

    @cached_property
    def _kept(self) -> KeptQuery[M]:
        def named(asked: Mapping[str, Any]) -> QuerySet[M]:
            return self.said(self.model._base_manager.filter(**{f"{self.key}__in": asked["keys"]}).order_by())

        return KeptQuery(named)

    def key_of(self, row: M) -> str:
        """The key of a row's entry. Numbers are padded: keys of one moment are compared as texts."""
        value = getattr(row, self.key)
        return f"{self.prefix}{value:020d}" if isinstance(value, int) else f"{self.prefix}{value}"


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A fragment of a page: its template, and what that is told, as `bar`."""

    template: str
    bar: Any


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
