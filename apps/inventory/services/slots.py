"""Time slots in which locations bring orders to customers near by: which can be chosen, and places in them, each given once."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Fault, InvalidInput
from apps.inventory.models import SlotDay
from apps.inventory.services.availability import THOUSAND, free_of
from apps.network.directory import Directory, Entry, locations
from apps.network.local_delivery import LONGEST_AHEAD, Named, NotASlot, Times, read_id, times_from, times_on
from apps.network.models import DeliverySlot
from apps.network.postcodes import Point

MOST_LOCATIONS = 10
"""Of so many locations, the nearest, times are offered at most."""
_ATTR = "fulfilment.slot"


class SlotFull(Conflict):
    """Others have all places of that time."""

    code = "slot_full"


class SlotGone(Conflict):
    """That time cannot be chosen any more: it is too late, too far away, or not offered."""

    code = "slot_gone"


@dataclass(frozen=True, slots=True)
class Offer:
    """A time at which a location, so far away, can bring an order; it has so many places `left`."""

    place: Entry
    km: float
    times: Times
    left: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """A time of a location that can still be ordered, whether it has a place or not."""

    place: Entry
    times: Times


def offered(
    *,
    near: Point,
    now: dt.datetime,
    days: int,
    wants: Mapping[int, Decimal] | None = None,
    channel: str = "",
    holding: Collection[int] = (),
) -> list[Offer]:
    """What can be chosen by whoever lives `near`, the first time first, of the nearest `MOST_LOCATIONS`.

    With `wants`, {variant id: quantity}, only at locations that have all of it free, or are `holding` it for whoever asks.
    At most two queries.
    """
    directory = locations()
    reached = _within_reach(directory, near)
    able = _with_all(wants, set(reached), directory, channel, holding) if wants else set(reached)
    found = list(_of_nearest({id_: km for id_, km in reached.items() if id_ in able}, directory, now, days))
    taken = _taken([(place.id, times.starts_at, times.ends_at) for place, _km, times in found])
    offers = [
        Offer(place, km, times, times.slot.capacity - taken.get((place.id, times.starts_at, times.ends_at), 0))
        for place, km, times in found
    ]
    there = [offer for offer in offers if offer.left > 0]
    return sorted(there, key=lambda offer: (offer.times.starts_at, offer.times.ends_at, offer.km, offer.place.code))


def _within_reach(directory: Directory, near: Point) -> dict[int, float]:
    """How far away each location is that brings orders there, the nearest first."""
    ranking = directory.ranking(near)
    return {
        id_: km
        for id_ in ranking.order
        if id_ in directory.bringing and (km := ranking.km[id_]) is not None and _reaches(directory.by_id[id_], km)
    }


def brings_to(place: Entry, near: Point | None) -> bool:
    """Whether a location brings orders to there; not to where nobody knows."""
    km = near.km_to(place.point) if near and place.point else None
    return km is not None and _reaches(place, round(km, 1))


def _reaches(place: Entry, km: float) -> bool:
    return place.delivers_within_km is not None and km <= place.delivers_within_km


def _with_all(
    wants: Mapping[int, Decimal], ids: set[int], directory: Directory, channel: str, holding: Collection[int]
) -> set[int]:
    found = free_of(wants.keys(), directory.shipping)
    thousandths = {variant_id: int(quantity * THOUSAND) for variant_id, quantity in wants.items()}
    able = set(ids)
    for variant_id, quantity in thousandths.items():
        free = found.get(variant_id)
        if free is None or free.sent_from(directory.shipping, channel) < quantity:
            able = set()
            break
        able &= {id_ for id_, there in free.delivery.items() if there >= quantity}
    return able | (ids & set(holding))


def _of_nearest(
    reached: Mapping[int, float], directory: Directory, now: dt.datetime, days: int
) -> Iterator[tuple[Entry, float, Times]]:
    named = 0
    for id_, km in reached.items():
        place = directory.by_id[id_]
        times = list(times_from(place.code, place.hours, place.slots, now, days=days))
        yield from ((place, km, one) for one in times)
        named += bool(times)
        if named == MOST_LOCATIONS:
            return


_Key = tuple[int, dt.datetime, dt.datetime]


def _taken(keys: Collection[_Key]) -> dict[_Key, int]:
    if not keys:
        return {}
    days = SlotDay.objects.filter(
        location__in={id_ for id_, _starts, _ends in keys}, starts_at__in={starts for _id, starts, _ends in keys}
    )
    return {(d.location_id, d.starts_at, d.ends_at): d.taken for d in days}


def choose(slot: str, *, near: Point | None, now: dt.datetime) -> Chosen:
    """The time that an id names, for whoever lives `near` (None: nobody knows where). Raises InvalidInput for what is no id,
    SlotGone for what cannot be chosen (any more)."""
    named = _named(slot)
    place = locations(code=named.location).by_code.get(named.location)
    if place is None or not place.brings:
        raise _gone(_("That time is not offered any more."))
    if not brings_to(place, near):
        raise _gone(_("%(store)s does not bring orders to that address.") % {"store": place.name})
    return Chosen(place, _kept(named, place, now))


def _named(slot: str) -> Named:
    try:
        return read_id(slot)
    except NotASlot as error:
        detail = _("“%(id)s” is no time slot.") % {"id": slot}
        raise InvalidInput(detail, faults=[Fault("invalid", detail, _ATTR)]) from error


def _kept(named: Named, place: Entry, now: dt.datetime) -> Times:
    for times in times_on(place.code, place.hours, place.slots, named.day):
        if (times.slot.starts, times.slot.ends) == (named.starts, named.ends):
            if now > times.order_by:
                raise _gone(_("It is too late to choose that time."))
            if named.day >= place.hours.local_day(now) + dt.timedelta(days=LONGEST_AHEAD):
                break
            return times
    raise _gone(_("That time is not offered any more."))


def _gone(detail: str) -> SlotGone:
    return SlotGone(detail, faults=[Fault(SlotGone.code, detail, _ATTR)])


# The capacity is what is written down now, not what a process remembers. A twin waits for this row, and then sees what we took.
_TAKE = """
    INSERT INTO inventory_slotday AS day (location_id, starts_at, ends_at, capacity, taken)
    SELECT slot.location_id, %(starts_at)s, %(ends_at)s, slot.capacity, 1 FROM network_deliveryslot AS slot
     WHERE slot.location_id = %(location)s AND slot.weekday = %(weekday)s
       AND slot.starts = %(starts)s AND slot.ends = %(ends)s
        ON CONFLICT (location_id, starts_at, ends_at)
        DO UPDATE SET taken = day.taken + 1, capacity = EXCLUDED.capacity WHERE day.taken < EXCLUDED.capacity
 RETURNING id"""


def take_place(chosen: Chosen) -> int:
    """Take a place at that time, in the caller's transaction and before any stock level is locked; return the id of its
    `SlotDay`. Raises SlotFull when others have them all, SlotGone when it was taken out meanwhile."""
    times, slot = chosen.times, chosen.times.slot
    where: dict[str, Any] = {
        "location": chosen.place.id,
        "weekday": slot.weekday,
        "starts": _wall(slot.starts),
        "ends": _wall(slot.ends),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {**where, "starts_at": times.starts_at, "ends_at": times.ends_at})
        row = cursor.fetchone()
    if row is not None:
        return int(row[0])
    if not DeliverySlot.objects.filter(**where).exists():
        raise _gone(_("That time is not offered any more."))
    detail = _("That time is full; choose another.")
    raise SlotFull(detail, faults=[Fault(SlotFull.code, detail, _ATTR)])


def give_place_back(slot_day_id: int) -> None:
    """Somebody else can have that place, from the end of the caller's transaction."""
    SlotDay.objects.filter(pk=slot_day_id).update(taken=F("taken") - 1)


def _wall(minutes: int) -> dt.time:
    return dt.time(*divmod(minutes, 60))
