"""What is still to be done for a customer, in one list: apps above say what of theirs waits."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.core.reach import reach_of


@dataclass(frozen=True, kw_only=True)
class OpenItem:
    """One thing that waits, since which moment or day, and how far it is in one word. An `amount` is what the customer still
    gets."""

    title: Any
    since: dt.datetime | dt.date
    status: Any
    tone: str = "wait"
    url: str = ""
    amount: Decimal | None = None
    currency: str = ""


Reader = Callable[[Any, Sequence[int]], Iterable[OpenItem]]


@dataclass(frozen=True)
class _Source:
    order: int
    permission: str
    datum: str
    reader: Reader


_sources: dict[str, _Source] = {}

MOST = 8
"""How many of one kind are shown: who has more waiting has a page of their own for it."""


def open_work(name: str, reader: Reader, permission: str, *, datum: str, order: int) -> None:
    """Let an app above say what waits for somebody: `reader(principal, source_record_ids)`, newest first, within reach.

    It is read for who holds the permission, where `datum` is not hidden.
    """
    if name in _sources and _sources[name].reader is not reader:
        raise ValueError(f"two readers for {name}")
    _sources[name] = _Source(order, permission, datum, reader)


def open_work_of(
    source_record_ids: Sequence[int], *, principal: Any, shows: Callable[[str], bool]
) -> list[tuple[str, OpenItem]]:
    """What waits for the person behind some records, kind by kind, each with the datum that it tells."""
    reach = reach_of(principal)
    return [
        (source.datum, item)
        for source in sorted(_sources.values(), key=lambda source: source.order)
        if reach.may(source.permission) and shows(source.datum)
        for item in source.reader(principal, source_record_ids)
    ]
