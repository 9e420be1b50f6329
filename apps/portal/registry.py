"""What apps above the portal contribute to its pages.

Each app's `portal.py` calls the functions at the bottom of this module when Django starts. A page knows only the
registry, so a lower page can show what an upper app knows without importing it. A name used twice is a mistake in
the program and raises at once.
"""

from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

from apps.portal.access import allowed
from apps.portal.charts import BarChart
from apps.portal.contributions import Drawn, Figure, TimelineReader
from apps.portal.discretion import Datum, Tag
from apps.portal.entries import (
    UNKNOWN,
    Bar,
    BarReader,
    ChartReader,
    ChartSource,
    FigureReader,
    Finder,
    LookUp,
    NavigationEntry,
    Panel,
    ScanAct,
    ScanHandler,
    ScanLink,
    ScanSource,
    SearchSource,
    Section,
    TimelineSource,
    TodayFigure,
    UnknownScan,
    WaitingRows,
)
from apps.portal.work.kinds import WorkKind

__all__ = ["UNKNOWN", "Figure", "Registry", "Section", "contributed"]

T = TypeVar("T")


def _add(entries: dict[str, T], key: str, entry: T, what: str) -> None:
    if key in entries:
        raise ImproperlyConfigured(f"{what} {key!r} is contributed twice")
    entries[key] = entry


def _in_order(entries: Iterable[T]) -> list[T]:
    return sorted(entries, key=attrgetter("order"))


class Registry:
    """Everything contributed, and what of it a given principal may see."""

    def __init__(self) -> None:
        self._navigation: dict[str, NavigationEntry] = {}
        self._panels: dict[str, Panel] = {}
        self._search: dict[str, SearchSource] = {}
        self._scan: dict[str, ScanSource] = {}
        self._scan_acts: dict[str, ScanAct] = {}
        self._timeline: dict[str, TimelineSource] = {}
        self._today: dict[str, TodayFigure] = {}
        self._work: dict[str, WorkKind] = {}
        self._charts: dict[str, ChartSource] = {}
        self._topics: dict[str, Any] = {}
        self._data: dict[str, Datum] = {}
        self._bars: dict[str, Bar] = {}

    # --- contributing -------------------------------------------------------------------------------------------------

    def navigation(
        self,
        section: Section,
        label: Any,
        route: str,
        icon: str,
        permission: str,
        waiting: WaitingRows | None = None,
        *,
        order: int,
        store_order: int | None = None,
        store_label: Any = None,
        key: str = "",
    ) -> None:
        """Add a link to the rail. `waiting(principal)` is the work waiting for that person: its rows, or those of several
        kinds. They are counted in one statement with those of all other links, which is written for all who may do the same
        (apps.core.statements).

        `key` is the letter that leads there after a `g`; the palette and the sheet of shortcuts show it too.
        """
        if key and any(entry.key == key for entry in self._navigation.values()):
            raise ImproperlyConfigured(f"Key {key!r} leads to two pages")
        entry = NavigationEntry(
            section=section,
            label=label,
            route=route,
            icon=icon,
            permission=permission,
            order=order,
            waiting=waiting,
            store_order=store_order,
            store_label=store_label or label,
            key=key,
        )
        _add(self._navigation, route, entry, "Navigation to")

    def topic(self, topic: str, words: Any) -> None:
        """Say in words what an event means, for the audit trail of its object."""
        _add(self._topics, topic, words, "Words for topic")

    def panel(
        self,
        page: str,
        name: str,
        title: Any,
        route: str,
        permission: str,
        *,
        order: int,
        side: bool = False,
        datum: str = "",
    ) -> None:
        """Add a panel to the detail page `page` ("customers.customer"). The route takes the page's own URL arguments.

        `datum` is what a panel on a customer's page tells of them; where that is hidden the panel is not there.
        """
        entry = Panel(
            page=page, name=name, title=title, route=route, permission=permission, order=order, side=side, datum=datum
        )
        _add(self._panels, f"{page}/{name}", entry, "Panel")

    def search(
        self,
        kind: str,
        label: Any,
        finder: Finder,
        permission: str,
        *,
        icon: str,
        order: int,
        list_route: str | None = None,
        look_up: LookUp | None = None,
        guesses: bool = False,
    ) -> None:
        """Add a kind of search result.

        `finder(principal, text, limit)` gives at most `limit` hits, best first, out of rows within reach; it runs while
        somebody types, so it writes nothing. `list_route` is the list page that takes the same text as `?q=`.
        `look_up(request, text)` answers a hit that `asks`, once somebody chose it; it writes down what it opens, and gives
        None when there is nothing to open. A finder that `guesses` goes by likeness of spelling (apps.core.spelling), so
        that it is worth asking it again with less when nothing at all was found.
        """
        entry = SearchSource(
            kind=kind,
            label=label,
            finder=finder,
            permission=permission,
            icon=icon,
            list_route=list_route,
            look_up=look_up,
            guesses=guesses,
            order=order,
        )
        _add(self._search, kind, entry, "Search kind")

    def scan(
        self,
        name: str,
        label: Any,
        handler: ScanHandler,
        permission: str,
        *,
        icon: str,
        order: int,
        unknown: UnknownScan | None = None,
    ) -> None:
        """Add a kind of code: `handler(scanned)` matches, or gives None for a code that is not its own.

        Every handler is asked for every code, so it reads only, and by an index. `unknown(scanned)` is told of a code that
        nobody knew, and may write that down.
        """
        entry = ScanSource(
            name=name, label=label, handler=handler, permission=permission, icon=icon, order=order, unknown=unknown
        )
        _add(self._scan, name, entry, "Scan handler")

    def scan_act(
        self,
        kind: str,
        name: str,
        label: Any,
        link: ScanLink,
        permission: str,
        *,
        icon: str,
        order: int,
        gives_way: bool = False,
    ) -> None:
        """Add a button below scanned things of a kind: `link(subject, times)` is where it leads, "" for nowhere.

        The kind UNKNOWN is a code that nobody knows; its subject is the `Reading`.
        """
        entry = ScanAct(
            kind=kind, label=label, link=link, permission=permission, icon=icon, order=order, gives_way=gives_way
        )
        _add(self._scan_acts, f"{kind}/{name}", entry, "Scan act")

    def timeline(
        self,
        name: str,
        reader: TimelineReader[Any],
        permission: str,
        *,
        kind: str = "",
        label: Any = "",
        through: Collection[str] | None = None,
        order: int = 100,
        datum: str = "",
    ) -> None:
        """Add a source of timeline entries, of one `kind`, that may have gone through these channels (`Through`).

        `datum` is what they tell of the customer, unless an entry says otherwise; where it is hidden the source is not read.

        With a `label` the page offers to show this kind alone. A source is not read where its kind or channels are not asked
        for.
        """
        source = TimelineSource(
            name=name,
            reader=reader,
            permission=permission,
            kind=kind or name,
            label=label,
            through=None if through is None else frozenset(through),
            order=order,
            datum=datum,
        )
        _add(self._timeline, name, source, "Timeline source")

    def datum(
        self,
        name: str,
        label: Any,
        tag: Tag,
        *,
        by_purpose: Mapping[str, Tag] | None = None,
        opens_with: Collection[str] = (),
    ) -> None:
        """Declare something about a customer that stands on their page, and how much of it may be said.

        These are the tags of a chain that decided nothing itself; head office changes them in its policy.
        """
        entry = Datum(name=name, label=label, tag=tag, by_purpose=by_purpose or {}, opens_with=frozenset(opens_with))
        _add(self._data, name, entry, "Datum")

    def bar(self, name: str, reader: BarReader, permission: str, *, order: int = 100) -> None:
        """Add a bar above every page; `reader(request)` gives None while there is nothing to show, in one cheap query."""
        _add(self._bars, name, Bar(name=name, reader=reader, permission=permission, order=order), "Bar")

    def today(self, name: str, reader: FigureReader, permission: str, *, order: int) -> None:
        """Add a figure to the Today page; `reader(principal)` gives None when it has nothing to say."""
        entry = TodayFigure(name=name, reader=reader, permission=permission, order=order)
        _add(self._today, name, entry, "Figure")

    def work(self, kind: WorkKind) -> None:
        """Add a kind of work that waits in stores: it is counted, listed by deadline, and told when it is late."""
        _add(self._work, kind.name, kind, "Work")

    def chart(self, name: str, reader: ChartReader, permission: str) -> None:
        """Offer a chart for the Today page, which shows one; `reader(principal)` gives None when there is nothing to draw."""
        _add(self._charts, name, ChartSource(name=name, reader=reader, permission=permission), "Chart")

    # --- reading ------------------------------------------------------------------------------------------------------

    def navigation_for(self, principal: Any) -> list[NavigationEntry]:
        return _in_order(allowed(self._navigation.values(), principal))

    def panels_for(self, page: str, principal: Any) -> list[Panel]:
        return _in_order(allowed((p for p in self._panels.values() if p.page == page), principal))

    def panel_at(self, route: str) -> Panel | None:
        """The panel that a route shows, for whoever reads that it was opened."""
        return next((panel for panel in self._panels.values() if panel.route == route), None)

    def search_for(self, principal: Any) -> list[SearchSource]:
        return _in_order(allowed(self._search.values(), principal))

    def scan_for(self, principal: Any) -> list[ScanSource]:
        return _in_order(allowed(self._scan.values(), principal))

    def scan_acts_for(self, kind: str, principal: Any) -> list[ScanAct]:
        return _in_order(allowed((act for act in self._scan_acts.values() if act.kind == kind), principal))

    def acts_on(self, kind: str, subject: Any, principal: Any, *, times: int = 1) -> list[tuple[ScanAct, str]]:
        """What the person may do with something scanned, and where each act leads."""
        linked = ((act, act.link(subject, times)) for act in self.scan_acts_for(kind, principal))
        return [(act, url) for act, url in linked if url]

    def timeline_for(self, principal: Any) -> list[TimelineSource]:
        return _in_order(allowed(self._timeline.values(), principal))

    def data(self) -> list[Datum]:
        """Everything about a customer that can stand on their page, by name."""
        return sorted(self._data.values(), key=attrgetter("name"))

    def datum_called(self, name: str) -> Datum:
        return self._data[name]

    def bars_for(self, request: Any) -> list[Drawn]:
        read = (bar.reader(request) for bar in _in_order(allowed(self._bars.values(), request.user)))
        return [drawn for drawn in read if drawn is not None]

    def figures_for(self, principal: Any) -> list[Figure]:
        read = (source.reader(principal) for source in _in_order(allowed(self._today.values(), principal)))
        return [figure for figure in read if figure is not None]

    def words_for(self, topic: str) -> Any:
        """What an event means; one without words goes by its name."""
        return self._topics.get(topic, topic)

    def work_for(self, principal: Any) -> list[WorkKind]:
        """The kinds of work that the person does, or sees waiting in the stores of the chain."""
        return _in_order(kind for kind in self._work.values() if kind.is_for(principal))

    def chart_for(self, principal: Any) -> BarChart | None:
        read = (source.reader(principal) for source in allowed(self._charts.values(), principal))
        return next((chart for chart in read if chart is not None), None)


contributed = Registry()

navigation = contributed.navigation
panel = contributed.panel
search = contributed.search
scan = contributed.scan
scan_act = contributed.scan_act
timeline = contributed.timeline
bar = contributed.bar
today = contributed.today
work = contributed.work
chart = contributed.chart
topic = contributed.topic
datum = contributed.datum
