"""By when a customer can have an order, and by when each location is to have done its part: from the hours of the locations."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from apps.inventory.models import Demand
from apps.inventory.services.awaiting import arrivals
from apps.inventory.services.promise_dates import (
    asked_by,
    collect_from,
    dispatch,
    earliest_at_the_door,
    end_of_day,
)
from apps.network.directory import locations
from apps.network.opening import Hours
from apps.orders.models import LineStatus, Method, Order, OrderLine
from apps.orders.ways import collected, is_mixed, sent, store_of

_PROMISED = (LineStatus.SOURCED, LineStatus.COMING)


def date_lines(lines: Iterable[Any], *, store_id: int | None, since: dt.datetime) -> None:
    """Write on lines that have a location by when it is to have them done, counted from `since`: what lies in the `store_id`
    where it is collected ready, the others gone. Blank where nothing leaves, and for what was taken along. Not saved."""
    for line in lines:
        if line.location_id is None or line.method == Method.CARRY_OUT:
            continue
        hours = _hours(line.location_id)
        if line.location_id == store_of(line, store_id):
            line.handle_by = collect_from(hours, since)
        else:
            leaves = dispatch(hours, since)
            line.handle_by = leaves.by if leaves else None


def can_have(lines: Sequence[Any], *, store_id: int | None, since: dt.datetime, time_zone: str) -> dt.datetime | None:
    """When the customer can have all that is promised of these lines, counted from `since`, and all that waits for announced
    goods, which are handled from the day after. None when there is nothing of it, or some of it never leaves.

    What is collected in `store_id` is there from that moment on, goods of another location once they came. What is sent is at
    the door until that moment, the end of a day in the customer's `time_zone`.
    """
    waiting = {ln.demand_id: ln for ln in lines if ln.status == LineStatus.OPEN and ln.demand_id is not None}
    coming = arrivals(list(Demand.objects.filter(pk__in=list(waiting)))) if waiting else {}
    handled = {(ln.location_id, since, store_of(ln, store_id)) for ln in lines if ln.status in _PROMISED}
    handled |= {
        (
            arrival.location_id,
            _opens_on(_hours(arrival.location_id), arrival.day + dt.timedelta(days=1)),
            store_of(waiting[demand_id], store_id),
        )
        for demand_id, arrival in coming.items()
    }
    moments = [_there(place, begins, collected_at, time_zone) for place, begins, collected_at in handled]
    known = [moment for moment in moments if moment is not None]
    return max(known, default=None) if len(known) == len(moments) else None


def can_collect_part(
    lines: Sequence[Any], *, store_id: int | None, since: dt.datetime, time_zone: str
) -> dt.datetime | None:
    """From when the part of these lines that is collected can be, where another part is sent; else None."""
    part = collected(lines)
    if not part or not sent(lines):
        return None
    return can_have(part, store_id=store_id, since=since, time_zone=time_zone)


def all_there(brought_until: dt.datetime, part: dt.datetime | None) -> dt.datetime:
    """When the customer has all of an order that is brought at a chosen time, of which a `part` can be collected from then."""
    return brought_until if part is None else max(brought_until, part)


def _there(location_id: int, begins: dt.datetime, store_id: int | None, time_zone: str) -> dt.datetime | None:
    hours = _hours(location_id)
    if location_id == store_id:
        return collect_from(hours, begins)
    leaves = dispatch(hours, begins)
    if leaves is None:
        return None
    if store_id is None:
        return end_of_day(leaves.comes_on, time_zone=time_zone)
    return collect_from(_hours(store_id), _opens_on(_hours(store_id), leaves.comes_on))


def _hours(location_id: int) -> Hours:
    return locations(knowing=[location_id]).by_id[location_id].hours


def _opens_on(hours: Hours, day: dt.date) -> dt.datetime:
    return hours.moments(hours.next_open_day(day))[0][0]


def date_anew(
    order: Order, lines: Iterable[OrderLine], *, since: dt.datetime, not_before: dt.datetime | None = None
) -> None:
    """Promise a locked order anew: it was paid now, or comes another way. A promise that stood `not_before` a moment holds if it
    can still be kept. Saves the order and the lines."""
    lines = list(lines)
    found = can_have(lines, store_id=order.location_id, since=since, time_zone=order.channel.time_zone)
    order.promised_at = max(filter(None, [found, not_before]), default=order.promised_at)
    part = can_collect_part(lines, store_id=order.location_id, since=since, time_zone=order.channel.time_zone)
    is_parted = is_mixed(line.method for line in lines if line.status != LineStatus.CANCELLED)
    order.collect_promised_at = (part or order.collect_promised_at) if is_parted else None
    if order.slot is not None:
        order.promised_at = all_there(order.slot.ends_at, order.collect_promised_at)
    promised = [line for line in lines if line.status in _PROMISED]
    date_lines(promised, store_id=order.location_id, since=since)
    bring_in_time(order, promised)
    OrderLine.objects.bulk_update(promised, ["handle_by"])
    order.save(update_fields=["promised_at", "collect_promised_at"])


def bring_in_time(order: Order, lines: Iterable[OrderLine]) -> None:
    """What is sent and lies where an order is brought from at a chosen time is to have gone when that begins. Not saved."""
    slot = order.slot
    for line in sent(lines):
        if slot is not None and line.location_id == slot.location_id:
            line.handle_by = slot.starts_at


def order_by(order: Order, lines: Iterable[OrderLine]) -> dt.date | None:
    """The day by which what is sent of an order is to be at the door: as it was promised, else by the speed that was asked
    for."""
    if not sent(lines):
        return None
    if order.promised_at is not None:
        return door_day(order.promised_at, time_zone=order.channel.time_zone)
    return asked_by(order.speed, order.business_date, country=order.channel.country)


def still_by(order: Order, lines: Iterable[OrderLine], now: dt.datetime) -> dt.date | None:
    """The day by which what is sent is to be at the door; None as well once no location can make it any more."""
    by = order_by(order, lines)
    if by is None:
        return None
    found = earliest_at_the_door(locations().shipping_by_hours, now)
    return by if found and found[0][0] <= by else None


def door_day(promised_at: dt.datetime, *, time_zone: str) -> dt.date:
    """The day on which what is sent was promised at the door, as it is called where the customer is."""
    return promised_at.astimezone(ZoneInfo(time_zone)).date()
