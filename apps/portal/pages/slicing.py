"""The rows of one page of a list, and how to get to the next.

A large table is paged by key: the next page begins after the last row of this one, which an index finds at once, where
`OFFSET 500000` would read half a million rows first. That takes an order of columns that are never empty; else, and for
small tables, pages are counted.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet

Place = dict[str, str]
"""Where a page begins, as parameters of an address."""


@dataclass(frozen=True)
class Slice:
    """Rows `first` to `last`, with the places of the pages before and after, if there are any."""

    records: list[Any]
    first: int
    previous: Place | None
    next: Place | None

    @property
    def last(self) -> int:
        return self.first + len(self.records) - 1


@dataclass(frozen=True)
class Order:
    """An order of rows that no two rows share: (path, descending) of columns that are never empty, the key last."""

    parts: tuple[tuple[str, bool], ...]

    @classmethod
    def of(cls, rows: QuerySet[Any]) -> "Order | None":
        """The order of these rows; None where it cannot be followed by key."""
        named = rows.query.order_by or rows.model._meta.ordering or ()
        parts = []
        for name in named:
            if not isinstance(name, str) or not _is_never_empty(rows.model, name.lstrip("-")):
                return None
            parts.append((name.lstrip("-"), name.startswith("-")))
        return cls(tuple(parts))

    def after(self, values: Sequence[str], *, reverse: bool = False) -> Q:
        """A condition: rows that come after the row with these values (with `reverse`, before it)."""
        beyond = Q()
        equal = Q()
        for (path, descending), value in zip(self.parts, values, strict=True):
            side = "lt" if descending != reverse else "gt"
            beyond |= equal & Q(**{f"{path}__{side}": value})
            equal &= Q(**{path: value})
        path, descending = self.parts[0]
        bound = "lte" if descending != reverse else "gte"
        return Q(**{f"{path}__{bound}": values[0]}) & beyond  # the first says to an index where to begin

    def values_of(self, record: Any) -> list[str]:
        """The values that place a record in this order."""
        return [_value(record, path) for path, _descending in self.parts]

    def cursor(self, record: Any) -> str:
        values = self.values_of(record)
        return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    def values(self, cursor: str) -> list[str] | None:
        """The values in a cursor; None for one that is no cursor of this order."""
        try:
            values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (ValueError, binascii.Error):
            return None
        fits = isinstance(values, list) and len(values) == len(self.parts) and all(isinstance(v, str) for v in values)
        return values if fits else None


def slice_of(rows: QuerySet[Any], *, size: int, place: Place, large: bool, total: int) -> Slice:
    """A page of rows: the one at `place`, or the first where the place makes no sense."""
    order = Order.of(rows) if large else None
    page = _number(place.get("page", ""))
    if order is not None:
        return _by_key(rows, order, size, place, page)
    last = max(1, -(-total // size))
    page = min(page, last)
    records = list(rows[(page - 1) * size : page * size + 1])
    if not records and page > 1:  # there are fewer than the planner thought
        return slice_of(rows, size=size, place=place, large=large, total=rows.count())
    return Slice(
        records[:size],
        (page - 1) * size + 1,
        _page(page - 1) if page > 1 else None,
        _page(page + 1) if len(records) > size else None,
    )


def _page(number: int) -> Place:
    return {"page": str(number)} if number > 1 else {}


def _by_key(rows: QuerySet[Any], order: Order, size: int, place: Place, page: int) -> Slice:
    backwards = "before" in place
    cursor = place.get("before", "") or place.get("after", "")
    values = order.values(cursor) if cursor else None
    try:
        if values is None:
            page, backwards, found = 1, False, list(rows[: size + 1])
        elif backwards:
            found = list(rows.filter(order.after(values, reverse=True)).reverse()[: size + 1])
        else:
            found = list(rows.filter(order.after(values))[: size + 1])
    except (ValidationError, ValueError):  # a cursor somebody made up
        page, backwards, values, found = 1, False, None, list(rows[: size + 1])
    more = len(found) > size
    records = found[:size][::-1] if backwards else found[:size]
    if backwards and not more:  # the very first rows, however many pages it took to get here
        return slice_of(rows, size=size, place={}, large=True, total=0)
    has_next = backwards or more
    return Slice(
        records,
        (page - 1) * size + 1,
        _place(order, "before", records[0], page - 1) if records and values is not None else None,
        _place(order, "after", records[-1], page + 1) if records and has_next else None,
    )


def _place(order: Order, side: str, record: Any, page: int) -> Place:
    return _page(page) | {side: order.cursor(record)}


def _number(page: str) -> int:
    return min(int(page), 10_000_000) if page.isascii() and page.isdigit() and 0 < len(page) < 20 and int(page) else 1


def _is_never_empty(model: type[Model], path: str) -> bool:
    current: Any = model
    for name in path.split("__"):
        if name == "pk":
            continue
        try:
            found = current._meta.get_field(name)
        except FieldDoesNotExist:
            return False  # worked out by the query: no index to follow
        if not getattr(found, "concrete", False) or found.null:
            return False
        current = found.related_model or current
    return True


def _value(record: Any, path: str) -> str:
    for name in path.split("__"):
        record = getattr(record, name)
    if isinstance(record, Model):
        record = record.pk
    return str(record.isoformat() if hasattr(record, "isoformat") else record)
