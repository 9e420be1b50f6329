"""All locations at once, for reads that touch hundreds of them: kept per process and read anew when it matters.

A change of a location's name or services shows after `KEPT_SECONDS` at the latest; a new location at once, because
`locations(knowing=…)` reads again when it is asked about one it has not seen.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from apps.network.models import Location
from apps.network.postcodes import Point

KEPT_SECONDS = 30.0
_FURTHEST = 100_000.0  # km; where a location without coordinates stands


@dataclass(frozen=True, slots=True)
class Entry:
    """What a read needs to know of a location."""

    id: int
    code: str
    name: str
    kind: str
    city: str
    point: Point | None
    offers_collect: bool
    ships_orders: bool
    is_active: bool


@dataclass(frozen=True)
class Directory:
    """The locations, by id and by code, as of `read_at` (monotonic seconds)."""

    by_id: dict[int, Entry]
    by_code: dict[str, Entry]
    read_at: float
    _nearest: dict[Point, dict[int, tuple[float, str]]] = field(default_factory=dict)

    def distances(self, origin: Point) -> dict[int, tuple[float, str]]:
        """Per location its distance in km from `origin` and its code: a key to sort by, nearest first."""
        known = self._nearest.get(origin)
        if known is None:
            known = {
                entry.id: (round(origin.km_to(entry.point), 1) if entry.point else _FURTHEST, entry.code)
                for entry in self.by_id.values()
            }
            if len(self._nearest) > 2000:
                self._nearest.clear()
            self._nearest[origin] = known
        return known


_kept: Directory | None = None


def _read() -> Directory:
    today = timezone.localdate()
    is_active = Q(active_from__lte=today) & (Q(active_until=None) | Q(active_until__gte=today))
    entries = [
        Entry(id_, code, name, kind, city, Point(lat, lon) if lat is not None and lon is not None else None, *flags)
        for id_, code, name, kind, city, lat, lon, *flags in Location.objects.values_list(
            "pk", "code", "name", "kind", "city", "latitude", "longitude", "offers_collect", "ships_orders", is_active
        )
    ]
    return Directory({e.id: e for e in entries}, {e.code: e for e in entries}, time.monotonic())


def locations(*, knowing: Iterable[int] = (), code: str = "") -> Directory:
    """The directory; read anew when it is old or lacks one of the ids (or the code) asked for."""
    global _kept
    directory = _kept
    if (
        directory is None
        or time.monotonic() - directory.read_at > KEPT_SECONDS
        or (code and code not in directory.by_code)
        or any(id_ not in directory.by_id for id_ in knowing)
    ):
        directory = _kept = _read()
    return directory


def forget() -> None:
    """Read anew at the next question: after a change that must show at once, and between tests."""
    global _kept
    _kept = None
