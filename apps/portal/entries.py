"""What an app may contribute, each with who may see it: the entries of the registry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.portal.charts import BarChart
from apps.portal.contributions import Drawn, Figure, Found, ScanMatch, Scanned, TimelineReader


class Section(TextChoices):
    """The groups of the rail, from top to bottom."""

    START = "start", ""
    SALES = "sales", _("Sales")
    CUSTOMERS = "customers", _("Customers")
    RANGE = "range", _("Range")
    CHAIN = "chain", _("Chain")
    SYSTEM = "system", _("System")


UNKNOWN = "unknown"
"""The kind of a scanned code that stands for nothing here."""

WaitingRows = Callable[[Any], QuerySet[Any, Any] | Sequence[QuerySet[Any, Any]]]
Finder = Callable[[Any, str, int], Found]
LookUp = Callable[[HttpRequest, str], HttpResponse | None]
ScanHandler = Callable[[Scanned], ScanMatch | None]
UnknownScan = Callable[[Scanned], None]
ScanLink = Callable[[Any, int], str]
BarReader = Callable[[HttpRequest], Drawn | None]
FigureReader = Callable[[Any], Figure | None]
ChartReader = Callable[[Any], BarChart | None]


@dataclass(frozen=True, kw_only=True)
class NavigationEntry:
    """A link in the rail; with `store_order` also in the bottom bar of the store, which has room for five."""

    section: Section
    label: Any
    route: str
    icon: str
    permission: str
    order: int
    waiting: WaitingRows | None
    store_order: int | None
    store_label: Any
    key: str

    @property
    def url(self) -> str:
        return reverse(self.route)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A part of another app's detail page, loaded from the contributing app's own address."""

    page: str
    name: str
    title: Any
    route: str
    permission: str
    order: int
    side: bool
    datum: str = ""


@dataclass(frozen=True, kw_only=True)
class SearchSource:
    """One kind of thing the search box finds."""

    kind: str
    label: Any
    finder: Finder
    permission: str
    icon: str
    list_route: str | None
    look_up: LookUp | None
    guesses: bool
    order: int


@dataclass(frozen=True, kw_only=True)
class ScanSource:
    """One kind of code the scan box understands. Where a code is of several kinds, they are offered in their order."""

    name: str
    label: Any
    handler: ScanHandler
    permission: str
    icon: str
    order: int
    unknown: UnknownScan | None = None


@dataclass(frozen=True, kw_only=True)
class ScanAct:
    """Something one can do with what was scanned: a button below the answer of one kind.

    With `gives_way`, looking up whoever the code may name comes first: Enter in the search box looks up.
    """

    kind: str
    label: Any
    link: ScanLink
    permission: str
    icon: str
    order: int
    gives_way: bool = False


@dataclass(frozen=True, kw_only=True)
class TimelineSource:
    """What one app knows of a customer's history: entries of one `kind`, through some channels or (None) none at all.

    `label` is the filter that shows only these; sources with one kind share it, and without a label there is none.
    """

    name: str
    reader: TimelineReader[Any]
    permission: str
    kind: str
    label: Any
    through: frozenset[str] | None
    order: int
    datum: str = ""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What stands above every page of whoever is in the middle of something: a conversation with a customer."""

    name: str
    reader: BarReader
    permission: str
    order: int


@dataclass(frozen=True, kw_only=True)
class TodayFigure:
    """A figure on the page people start their day with."""

    name: str
    reader: FigureReader
    permission: str
    order: int


@dataclass(frozen=True, kw_only=True)
class ChartSource:
    """A chart on the Today page."""

    name: str
    reader: ChartReader
    permission: str
