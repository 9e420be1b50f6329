"""What explains that somebody was looked at: an order, a contact moment, a visit near it. Apps above say what they know."""

import datetime as dt
from collections.abc import Callable, Sequence

Reader = Callable[[Sequence[int], dt.datetime, dt.datetime], set[int]]
_readers: dict[str, Reader] = {}


def reason_source(name: str, reader: Reader) -> None:
    """Let an app above explain looks: `reader(source_record_ids, since, until)` gives the records that something happened
    with in that time, of those that were asked for."""
    if _readers.setdefault(name, reader) is not reader:
        raise ValueError(f"two readers for {name}")


def with_reason(source_record_ids: Sequence[int], *, since: dt.datetime, until: dt.datetime) -> set[int]:
    """The source records that something happened with between two moments."""
    found: set[int] = set()
    for reader in _readers.values():
        found |= reader([pk for pk in source_record_ids if pk not in found], since, until)
    return found
