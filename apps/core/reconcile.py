"""Reconciling: each projection is compared with the ledger that it is a projection of.

Apps register their checks next to their services; the command and the page run them all. A check names the subscribers its
figure depends on, so that a reader that is behind shows as lag and not as a difference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.events.subscribers import catch_up, lag


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that is not what its ledger says."""

    what: str
    stored: Decimal | int | str
    ledger: Decimal | int | str


Finder = Callable[[], Sequence[Difference]]


@dataclass(frozen=True, slots=True)
class Check:
    """A comparison. `find` returns at most a few hundred differences; none means that all is well."""

    name: str
    find: Finder
    subscribers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    check: Check
    differences: Sequence[Difference]
    behind: int


_checks: dict[str, Check] = {}


def check(name: str, find: Finder, *, subscribers: set[str] | None = None) -> None:
    """Register a check under a unique name."""
    known = _checks.get(name)
    if known is not None and known.find.__qualname__ != find.__qualname__:
        raise ValueError(f"two checks are called {name}")
    _checks[name] = Check(name, find, frozenset(subscribers or ()))


def reconcile() -> list[Outcome]:
    """Let subscribers read to the head of the log as it is now, then run every check."""
    catch_up()
    behind = lag()
    return [
        Outcome(c, c.find(), max((behind.get(name, 0) for name in c.subscribers), default=0))
        for c in sorted(_checks.values(), key=lambda c: c.name)
    ]
