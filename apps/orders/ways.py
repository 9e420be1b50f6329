"""How the customer gets each line of an order: one way for all of it, or a part in the store and a part at home."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from apps.orders.models import Method


class _GoesSomehow(Protocol):
    @property
    def method(self) -> str: ...


Line = TypeVar("Line", bound=_GoesSomehow)


def collected(lines: Iterable[Line]) -> list[Line]:
    """Those that the customer collects in the store of the order."""
    return [line for line in lines if line.method == Method.COLLECT]


def sent(lines: Iterable[Line]) -> list[Line]:
    """Those that go to the customer's address."""
    return [line for line in lines if line.method == Method.DELIVERY]


def store_of(line: _GoesSomehow, order_location_id: int | None) -> int | None:
    """The store (id) in which a line is collected, None for any other line."""
    return order_location_id if line.method == Method.COLLECT else None


def is_mixed(methods: Iterable[str]) -> bool:
    """Whether parts of an order go different ways."""
    return len(set(methods)) > 1


def ways_in_order(first: str, methods: Iterable[str]) -> list[str]:
    """The different methods, `first` before the others, which are always in one order."""
    found = set(methods)
    return sorted(found, key=lambda method: (method != first, [*Method.values].index(method)))


def with_place(method: str, store: Any) -> str:
    """A method in words, with the store where it is one of the store: "Collect · Haarlem"."""
    place = str(store) if store and method != Method.DELIVERY else ""
    return " · ".join(part for part in (str(Method(method).label), place) if part)


def way_of_most(asked: str, methods: Sequence[str]) -> str:
    """The method of an order as a whole: the one that was asked for it, if any line goes so; else that of most lines that
    still go somewhere."""
    if asked in methods:
        return asked
    going = [method for method in methods if method != Method.CARRY_OUT] or list(methods)
    return Counter(going).most_common(1)[0][0]
