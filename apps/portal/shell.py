"""What stands around every page: rail, top bar, store bar, theme."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from apps.accounts.roles import Role
from apps.core.reach import reach_of
from apps.core.statements import Statements
from apps.network.models import Location
from apps.portal.contributions import Drawn
from apps.portal.entries import NavigationEntry, Section, WaitingRows
from apps.portal.jobs.header import JobsInHeader
from apps.portal.registry import contributed
from apps.portal.store import store_of, stores_of

THEME_COOKIE = "toonbank_theme"
THEMES = ("light", "dark", "auto")
BOTTOM_BAR_ROOM = 5


@dataclass(frozen=True)
class Link:
    """A navigation entry on this page, with the work that waits behind it."""

    entry: NavigationEntry
    url: str
    current: bool
    count: int


def in_rail(principal: Any) -> list[NavigationEntry]:
    """The pages that somebody may use, as they stand in the rail from top to bottom."""
    order = {section: place for place, section in enumerate(Section)}
    return sorted(contributed.navigation_for(principal), key=lambda entry: order[entry.section])


def _counting(principal: Any, blanks: Any, *waiting: WaitingRows) -> tuple[str, list[Any]]:
    """The statement that counts what waits, a column for each."""
    columns: list[str] = []
    parameters: list[Any] = []
    for rows_of in waiting:
        found, counts = rows_of(principal), []
        for rows in [found] if isinstance(found, QuerySet) else found:
            with suppress(EmptyResultSet):  # nothing of it is within reach
                named = rows if rows.query.values_select else rows.values("pk")
                of_rows, given = named.order_by().query.sql_with_params()
                counts.append(f"(SELECT count(*) FROM ({of_rows}) AS waiting)")
                parameters += given
        columns.append(" + ".join(counts))
    return f"SELECT {', '.join(column or '0' for column in columns)}" if any(columns) else "", parameters


_counts = Statements(_counting)


class Shell:
    """The frame of one page. Everything is worked out when a template first asks, so swaps cost nothing."""

    def __init__(self, request: HttpRequest | None) -> None:
        self.request = request

    @property
    def user(self) -> Any:
        return getattr(self.request, "user", None)

    @property
    def signed_in(self) -> bool:
        return self.user is not None and self.user.is_authenticated

    @property
    def theme(self) -> str:
        theme = self.request.COOKIES.get(THEME_COOKIE, "") if self.request else ""
        return theme if theme in THEMES else "auto"

    @property
    def single_keys(self) -> bool:
        """Whether single keys are shortcuts for this person."""
        return self.signed_in and bool(self.user.single_keys)

    @property
    def is_demo(self) -> bool:
        return bool(settings.DEMO)

    @cached_property
    def store(self) -> Location | None:
        return store_of(self.request) if self.request and self.signed_in else None

    @cached_property
    def stores(self) -> list[Location]:
        return stores_of(self.request) if self.request and self.signed_in else []

    @cached_property
    def jobs(self) -> JobsInHeader:
        """One's jobs that are at work, or ended unseen."""
        return JobsInHeader.of(self.user)

    @cached_property
    def _links(self) -> list[Link]:
        if not self.signed_in:
            return []
        entries = in_rail(self.user)
        urls = {entry.route: entry.url for entry in entries}
        here = urls.get(self._named) or max(filter(self._is_below, urls.values()), key=len, default="")
        waiting = {e.route: e.waiting for e in entries if e.waiting}
        [counted] = _counts.ask(self.user, *waiting.values()) or [()]
        counts = dict(zip(waiting, counted, strict=False))
        return [Link(e, urls[e.route], urls[e.route] == here, counts.get(e.route, 0)) for e in entries]

    @property
    def _named(self) -> str:
        """The route of the entry that the page itself says it belongs to."""
        match = self.request.resolver_match if self.request else None
        return getattr(getattr(match and match.func, "view_class", None), "rail", "")

    def _is_below(self, url: str) -> bool:
        """Whether this page is `url` or lies below it. Everything lies below the start page, so that must match whole."""
        path = self.request.path if self.request else ""
        return path == url if url == self._start else path.startswith(url)

    @cached_property
    def _start(self) -> str:
        return reverse("portal:today")

    @property
    def rail(self) -> list[tuple[Any, list[Link]]]:
        """The links by section: (heading, links)."""
        by_section = groupby(self._links, key=lambda link: link.entry.section)
        return [(Section(section).label, list(group)) for section, group in by_section]

    @property
    def bottom_bar(self) -> list[Link]:
        """The store's links within thumb's reach."""
        chosen = [link for link in self._links if link.entry.store_order is not None]
        return sorted(chosen, key=lambda link: link.entry.store_order or 0)[:BOTTOM_BAR_ROOM]

    @cached_property
    def bars(self) -> list[Drawn]:
        """What stands above the page: what the person is in the middle of."""
        return contributed.bars_for(self.request) if self.request and self.signed_in else []

    @property
    def role(self) -> str:
        """What the person is, in words: the roles they hold."""
        held = reach_of(self.user).roles if self.signed_in else frozenset()
        return ", ".join(str(label) for value, label in Role.choices if value in held)
