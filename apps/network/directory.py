"""All locations at once, for reads that touch hundreds of them: kept per process and read anew when it matters.

A change of a location's name or services shows after `KEPT_SECONDS` at the latest; a new location at once, because
`locations(knowing=…)` reads again when it is asked about one it has not seen.
"""

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.utils import timezone

from apps.network.local_delivery import Slot
from apps.network.models import DeliverySlot, FulfilmentConsent, LegalEntity, Location, Ownership
from apps.network.opening import Hours
from apps.network.postcodes import Point, centroid
from apps.network.timetables import Timetables, read_timetables

KEPT_SECONDS = 30.0
_RANKINGS_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """What a read needs to know of a location."""

    id: int
    code: str
    name: str
    kind: str
    city: str
    point: Point | None
    time_zone: str
    hours: Hours
    offers_collect: bool
    ships_orders: bool
    parcels_a_day: int | None
    is_active: bool
    is_franchised: bool
    agrees: bool
    delivers_within_km: int | None = None
    slots: tuple[Slot, ...] = field(default=(), kw_only=True)

    @property
    def sends(self) -> bool:
        """Whether orders of any store or webshop may be sent from here."""
        return self.ships_orders and (self.agrees or not self.is_franchised)

    @property
    def brings(self) -> bool:
        """Whether customers near by can choose a time at which it brings their order itself."""
        return self.is_active and self.sends and self.delivers_within_km is not None and bool(self.slots)


@dataclass(frozen=True)
class Ranking:
    """Locations from a point: how far away each is (None where unknown), and the order, nearest first."""

    km: dict[int, float | None]
    order: list[int]
    place: dict[int, int]


@dataclass(frozen=True)
class Directory:
    """The locations, by id and by code, as of `read_at` (monotonic seconds)."""

    by_id: dict[int, Entry]
    by_code: dict[str, Entry]
    timetables: Timetables
    read_at: float
    _rankings: dict[Point | None, Ranking] = field(default_factory=dict)

    @cached_property
    def active(self) -> frozenset[int]:
        return frozenset(entry.id for entry in self.by_id.values() if entry.is_active)

    @cached_property
    def collecting(self) -> frozenset[int]:
        """Where a customer can collect an order."""
        return frozenset(id_ for id_ in self.active if self.by_id[id_].offers_collect)

    @cached_property
    def shipping(self) -> frozenset[int]:
        """From where a parcel can be sent: of a franchisee's stores those whose owner agreed to it."""
        return frozenset(id_ for id_ in self.active if self.by_id[id_].sends)

    @cached_property
    def shipping_by_hours(self) -> list[tuple[Hours, frozenset[int]]]:
        """From where a parcel can be sent, those with the same hours together."""
        by_hours: dict[Hours, set[int]] = {}
        for id_ in self.shipping:
            by_hours.setdefault(self.by_id[id_].hours, set()).add(id_)
        return [(hours, frozenset(ids)) for hours, ids in by_hours.items()]

    @cached_property
    def bringing(self) -> frozenset[int]:
        """What brings orders itself, in time slots."""
        return frozenset(id_ for id_, entry in self.by_id.items() if entry.brings)

    @cached_property
    def willing(self) -> frozenset[int]:
        """From where a parcel could be sent if every franchisee agreed."""
        return frozenset(id_ for id_ in self.active if self.by_id[id_].ships_orders)

    def ranking(self, origin: Point | None) -> Ranking:
        """All locations from a point, nearest first, those without coordinates last; without a point, by code."""
        known = self._rankings.get(origin)
        if known is None:
            if len(self._rankings) >= _RANKINGS_KEPT:
                self._rankings.clear()
            known = self._rankings[origin] = self._rank(origin)
        return known

    def _rank(self, origin: Point | None) -> Ranking:
        km = {
            entry.id: round(origin.km_to(entry.point), 1) if origin and entry.point else None
            for entry in self.by_id.values()
        }

        def nearest_first(entry: Entry) -> tuple[bool, float, str]:
            distance = km[entry.id]
            return (distance is None, distance or 0.0, entry.code)

        order = [entry.id for entry in sorted(self.by_id.values(), key=nearest_first)]
        return Ranking(km, order, {id_: place for place, id_ in enumerate(order)})


_kept: Directory | None = None


def _point(latitude: float | None, longitude: float | None) -> Point | None:
    return None if latitude is None or longitude is None else Point(latitude, longitude)


def _read() -> Directory:
    today = timezone.localdate()
    open_now = Q(active_from__lte=today) & (Q(active_until=None) | Q(active_until__gte=today))
    is_active = ExpressionWrapper(open_now, output_field=BooleanField())
    of_today = {"location": OuterRef("pk"), "valid__contains": today}
    franchised = Exists(Ownership.objects.filter(**of_today, legal_entity__kind=LegalEntity.Kind.FRANCHISEE))
    # The word of whoever owns it now; a new owner is asked anew.
    owned = {f"legal_entity__ownerships__{name}": value for name, value in of_today.items()}
    agrees = Exists(FulfilmentConsent.objects.filter(**of_today, **owned))
    timetables, slots = read_timetables(today), _read_slots()
    entries = []
    for (
        id_,
        code,
        name,
        kind,
        city,
        latitude,
        longitude,
        postcode,
        country,
        zone,
        *more,
    ) in Location.objects.values_list(
        *("pk", "code", "name", "kind", "city", "latitude", "longitude", "postcode", "country", "time_zone"),
        *("offers_collect", "ships_orders", "parcels_a_day", is_active, franchised, agrees, "delivers_within_km"),
    ):
        point = _point(latitude, longitude) or centroid(postcode, country=country)
        hours = timetables.hours(id_, time_zone=zone, country=country)
        entries.append(Entry(id_, code, name, kind, city, point, zone, hours, *more, slots=slots.get(id_, ())))
    by_id = {entry.id: entry for entry in entries}
    return Directory(by_id, {e.code: e for e in entries}, timetables, time.monotonic())


def _read_slots() -> dict[int, tuple[Slot, ...]]:
    """The time slots of each location that has any, in order."""
    found: dict[int, list[Slot]] = defaultdict(list)
    rows = DeliverySlot.objects.values_list(
        "location_id", "weekday", "starts", "ends", "capacity", "cut_off_minutes"
    ).order_by("starts", "ends")
    for location_id, weekday, starts, ends, capacity, cut_off in rows:
        span = (starts.hour * 60 + starts.minute, ends.hour * 60 + ends.minute)
        found[location_id].append(Slot(weekday, *span, capacity, dt.timedelta(minutes=cut_off)))
    return {location_id: tuple(slots) for location_id, slots in found.items()}


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


def hours_of(location_id: int | None, *, time_zone: str) -> Hours:
    """The hours of a location; without one those that the chain keeps."""
    if location_id is None:
        return locations().timetables.hours(None, time_zone=time_zone, country="NL")
    return locations(knowing=[location_id]).by_id[location_id].hours


def forget() -> None:
    """Read anew at the next question: after a change that must show at once, and between tests."""
    global _kept
    _kept = None
