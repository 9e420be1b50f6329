"""By when a customer can have an order, and by when each location is to have done its part: from the hours of the locations."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from apps.inventory.models import Demand
from apps.inventory.services.awaiting import Arrival, arrivals
from apps.inventory.services.promise_dates import asked_by, collect_from, dispatch, end_of_day
from apps.network.directory import Directory, locations
from apps.network.opening import Hours
from apps.orders.models import LineStatus, Order, OrderLine


def date_lines(lines: Sequence[Any], *, store_id: int | None, since: dt.datetime) -> dt.datetime | None:
    """Write on lines that have a location by when it is to have them done, counted from `since`; return when the customer can
    have all of them, None when none has a location.

    With a `store_id` they are collected there: from that moment on, goods of another location once they came. Else they are
    sent: until that moment they are at the door. Not saved.
    """
    directory = locations(knowing=[line.location_id for line in lines if line.location_id])
    moments = [_date(line, directory, store_id, since) for line in lines if line.location_id is not None]
    return max(moments, default=None)


def _date(line: Any, directory: Directory, store_id: int | None, since: dt.datetime) -> dt.datetime:
    hours = directory.by_id[line.location_id].hours
    if line.location_id == store_id:
        ready = line.handle_by = collect_from(hours, since)
        return ready
    sent = dispatch(hours, since)
    line.handle_by = sent.by
    if store_id is None:
        return end_of_day(sent.comes_on, time_zone=hours.time_zone)
    there = locations(knowing=[store_id]).by_id[store_id].hours
    return collect_from(there, _opens_on(there, sent.comes_on))


def date_waiting(lines: Iterable[Any], *, store_id: int | None) -> dt.datetime | None:
    """When the customer can have what lines wait for, from the days on which suppliers said it comes in: it is handled from the
    day after. None when none waits for announced goods."""
    ids = [line.demand_id for line in lines if line.location_id is None and line.demand_id is not None]
    found = arrivals(list(Demand.objects.filter(pk__in=ids))) if ids else {}
    return max((_after(arrival, store_id) for arrival in found.values()), default=None)


def _after(arrival: Arrival, store_id: int | None) -> dt.datetime:
    hours = locations(knowing=[arrival.location_id]).by_id[arrival.location_id].hours
    since = _opens_on(hours, arrival.day + dt.timedelta(days=1))
    if arrival.location_id == store_id:
        return collect_from(hours, since)
    return end_of_day(dispatch(hours, since).comes_on, time_zone=hours.time_zone)


def _opens_on(hours: Hours, day: dt.date) -> dt.datetime:
    return hours.moments(hours.next_open_day(day))[0][0]


def date_anew(order: Order, lines: Iterable[OrderLine], *, since: dt.datetime) -> None:
    """Promise a locked order for a later day: it was paid now, or comes another way. Saves the order and the lines."""
    waiting = [line for line in lines if line.status in {LineStatus.SOURCED, LineStatus.COMING}]
    order.promised_at = date_lines(waiting, store_id=order.location_id, since=since) or order.promised_at
    OrderLine.objects.bulk_update(waiting, ["handle_by"])
    order.save(update_fields=["promised_at"])


def order_by(order: Order) -> dt.date | None:
    """The day by which an order is to be at the door: as it was promised, else by the speed that was asked for."""
    if order.location_id is not None:
        return None
    if order.promised_at is not None:
        return door_day(order.promised_at, time_zone=order.channel.time_zone)
    return asked_by(order.speed, order.business_date, country=order.channel.country)


def door_day(promised_at: dt.datetime, *, time_zone: str) -> dt.date:
    """The day on which what is sent was promised at the door, as it is called where the customer is."""
    return promised_at.astimezone(ZoneInfo(time_zone)).date()
