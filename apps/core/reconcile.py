"""Reconciling: each projection is compared with the ledger that it is a projection of.

Apps register their checks next to their services; the command and the page run them all. A check names the subscribers its
figure depends on, so that a reader that is behind shows as lag and not as a difference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.core.events.subscribers import catch_up, lag

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that is not what its ledger says. `key` is what the check's `ways` find the row by."""

    what: str
    stored: Decimal | int | str
    ledger: Decimal | int | str
    key: Key = ()


@dataclass(frozen=True, slots=True)
class Way:
    """Something to do about a difference: a link for whoever holds the permission."""

    label: Any
    url: str
    permission: str


Finder = Callable[[], Sequence[Difference]]


def nothing_to_do(key: Sequence[str]) -> list[Way]:
    """For figures that nobody puts right by hand."""
    return []


@dataclass(frozen=True, slots=True)
class Check:
    """A comparison. `find` returns at most a few hundred differences; none means that all is well.

    `label` is what people read, `ways(key)` what they can do about a difference.
    """

    name: str
    find: Finder
    subscribers: frozenset[str] = frozenset()
    label: Any = ""
    ways: Callable[[Sequence[str]], list[Way]] = nothing_to_do


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check came to. While a reader is `behind` its differences say nothing."""

    check: Check
    differences: Sequence[Difference]
    behind: int


_checks: dict[str, Check] = {}


def check(
    name: str,
    find: Finder,
    *,
    label: Any,
    subscribers: set[str] | None = None,
    ways: Callable[[Sequence[str]], list[Way]] = nothing_to_do,
) -> None:
    """Register a check under a unique name, which stays the same: what it came to is kept under it."""
    known = _checks.get(name)
    if known is not None and known.find.__qualname__ != find.__qualname__:
        raise ValueError(f"two checks are called {name}")
    _checks[name] = Check(name, find, frozenset(subscribers or ()), label, ways)


def checks() -> list[Check]:
    """Every check, by name."""
    return sorted(_checks.values(), key=lambda each: each.name)


def compare(each: Check) -> Outcome:
    """Run one check, of which the readers may be at work meanwhile.

    A figure that follows the log may differ for the moment between an event and its reading. So what differs is looked at
    again once the readers have caught up, and only what differs in the same way both times is a difference.
    """
    found = each.find()
    behind = _behind(each)
    if found and each.subscribers:
        catch_up(names=set(each.subscribers))
        again = set(each.find())
        found, behind = [one for one in found if one in again], _behind(each)
    return Outcome(each, found, behind)


def _behind(each: Check) -> int:
    positions = lag() if each.subscribers else {}
    return max((positions.get(name, 0) for name in each.subscribers), default=0)


def reconcile() -> list[Outcome]:
    """Let subscribers read to the head of the log as it is now, then run every check."""
    catch_up()
    return [compare(each) for each in checks()]
