"""The list that a page about one object was opened from: the way back to it, and the rows before and after.

The address of the object carries the address of the list (`?list=/orders/?view=short`), so that it can be sent to somebody
else, needs no session, and shows nobody more than the list itself shows them.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from apps.portal.pages.listing import ListPage
from apps.portal.pages.recalling import list_at
from apps.portal.pages.slicing import Order
from apps.portal.remembering import LIST, with_list

NUMBERED = 10_000
"""In a list of at most so many rows each has its number; of a `large` table it is `NUMBERED_OF_LARGE`."""
NUMBERED_OF_LARGE = 1_000


@dataclass(frozen=True)
class Beside:
    """A row next to the object, by the name it has."""

    url: str
    label: str


@dataclass(frozen=True)
class Walk:
    """The rows beside an object in its list. `number` and `total` are None in a long list, and for an object that is not
    in the list any more."""

    previous: Beside | None
    next: Beside | None
    number: int | None = None
    total: int | None = None


class ListBehind:
    """The list behind a page about one object. It is read with the reach of whoever looks, and only when it is asked for."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def address(self) -> str:
        """Path and query of the list; empty where the page was opened otherwise, or from something else than a list."""
        return self.request.GET.get(LIST, "") if self.page is not None else ""

    @cached_property
    def page(self) -> ListPage | None:
        path, _mark, query = self.request.GET.get(LIST, "").partition("?")
        if not path.startswith("/"):
            return None
        try:
            page = list_at(path, query, self.request.user, session=getattr(self.request, "session", None))
            page.reachable  # noqa: B018  (what the list is about may be out of reach, which it finds out only now)
        except (Http404, LookupError, PermissionDenied):
            return None
        return page

    @property
    def label(self) -> Any:
        """The list by name."""
        return self.page.get_title() if self.page is not None else ""

    def around(self, obj: Model) -> Walk | None:
        """The rows beside `obj`; None where the list is of other things, or cannot be followed."""
        page = self.page
        if page is None or page.model is not type(obj):
            return None
        rows = page.get_table().data.data.prefetch_related(None)
        most = NUMBERED_OF_LARGE if page.large else NUMBERED
        keys = list(rows.values_list("pk", flat=True)[: most + 1])
        if len(keys) <= most and obj.pk in keys:
            return self._numbered(page, keys, keys.index(obj.pk))
        return self._by_key(rows, obj)

    def _numbered(self, page: ListPage, keys: list[Any], place: int) -> Walk:
        before, after = keys[place - 1 : place], keys[place + 1 : place + 2]
        found = page.reachable.prefetch_related(None).in_bulk([*before, *after])
        previous, following = (self._beside(found.get(key[0]) if key else None) for key in (before, after))
        return Walk(previous, following, place + 1, len(keys))

    def _by_key(self, rows: QuerySet[Any], obj: Model) -> Walk | None:
        """Also where the object is: not in the list any more, because of what was just done with it."""
        order = Order.of(rows)
        if order is None:
            return None
        values = order.values_of(obj)
        before = rows.filter(order.after(values, reverse=True)).reverse().first()
        return Walk(self._beside(before), self._beside(rows.filter(order.after(values)).first()))

    def _beside(self, row: Any) -> Beside | None:
        return Beside(with_list(row.get_absolute_url(), self.address), str(row)) if row is not None else None


class KnowsList:
    """For pages about one object: they know which list they were opened from, and so do the pages they lead to."""

    request: HttpRequest

    @cached_property
    def list_behind(self) -> ListBehind:
        return ListBehind(self.request)

    def with_list(self, url: str) -> str:
        """An address that leads on without losing the list."""
        return with_list(url, self.list_behind.address)
