"""What a customer has in the apps above, in figures: what comes together when two customers are joined."""

from collections.abc import Callable, Collection
from typing import Any

Count = Callable[[Collection[int]], Any]
_counts: dict[str, tuple[int, Any, Count]] = {}


def belonging(name: str, label: Any, count: Count, *, order: int) -> None:
    """Let an app above say how much of something some source records have: `count(source_record_ids)`."""
    if name in _counts and _counts[name][2] is not count:
        raise ValueError(f"two counts of {name}")
    _counts[name] = (order, label, count)


def belongings_of(*people: Collection[int]) -> list[tuple[Any, list[Any]]]:
    """How much each of some people has, one row for each kind: (label, figures)."""
    return [
        (label, [count(records) for records in people]) for _order, label, count in sorted(_counts.values(), key=_place)
    ]


def _place(entry: tuple[int, Any, Count]) -> int:
    return entry[0]
