"""A kind of work: which rows wait, where and since when. Counts, lists and lateness are all read from it."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from apps.core.reach import reach_of


@dataclass(frozen=True, kw_only=True)
class Described:
    """A thing to do in words, and the page where it is done."""

    what: Any
    url: str
    meta: Any = ""


@dataclass(frozen=True, kw_only=True)
class WorkKind:
    """Work of one kind that waits in stores.

    `rows(principal)` gives the rows that wait, unordered; one thing to do is one `key` in one `location`, however many
    rows it has. `key`, `location`, `since` and `due` are paths from a row: what it is called by, where it waits, since
    when, and the moment that was agreed for it, if any. What has none is to be done within `within` of opening time.
    `describe(principal, keys)` puts things into words, in a number of queries that does not grow with them.

    `permission` is for whoever does it; who looks after the chain sees it with `seen_with`. `route` is the page with
    all of it.
    """

    name: str
    label: Any
    icon: str
    permission: str
    seen_with: str
    rows: Callable[[Any], QuerySet[Any]]
    describe: Callable[[Any, Collection[Any]], Mapping[Any, Described]]
    within: dt.timedelta
    order: int
    route: str
    key: str = "pk"
    location: str = "location"
    since: str
    due: str = ""

    def is_for(self, principal: Any) -> bool:
        reach = reach_of(principal)
        return reach.may(self.seen_with if reach.every_location else self.permission)

    def waiting(self, principal: Any) -> QuerySet[Any]:
        """The rows that wait where the principal works."""
        return self.rows(principal).filter(reach_of(principal).q(self.location)).order_by()
