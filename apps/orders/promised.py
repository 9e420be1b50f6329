"""What a customer was promised, in words, and whether it was kept."""

import datetime as dt
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.network.directory import locations
from apps.orders.models import Method, Order, OrderStatus
from apps.orders.services.dating import door_day
from apps.portal import formats

UNDER_WAY = (OrderStatus.OPEN, OrderStatus.SOURCED, OrderStatus.PICKING)
"""States in which the customer cannot have it yet, and nobody but the chain is waited for."""


def late_orders() -> Q:
    """Orders that the customer should have been able to have by now."""
    return Q(promised_at__lt=timezone.now(), status__in=UNDER_WAY)


def clock_of(order: Order) -> AbstractContextManager[Any]:
    """While it is entered, moments are told by the clock of the store where the order is collected, if it is."""
    if order.location_id is None:
        return nullcontext()
    return timezone.override(locations(knowing=[order.location_id]).by_id[order.location_id].time_zone)


def time_in_words(starts_at: dt.datetime, ends_at: dt.datetime, *, time_zone: str) -> str:
    """A time at which something is brought, by the clock of who brings it: "today 14:00–16:00", "Tue 24 Nov 14:00–16:00"."""
    with timezone.override(time_zone):
        is_today = timezone.localdate(starts_at) == timezone.localdate()
        day = _("today") if is_today else formats.when(timezone.localdate(starts_at))
        return f"{day} {formats.clock(starts_at)}–{formats.clock(ends_at)}"


def brought_at(order: Order) -> str:
    """The time at which an order is brought, in words; blank when none was agreed. Wants `slot_booking__slot` at hand."""
    slot = order.slot
    if slot is None:
        return ""
    place = locations(knowing=[slot.location_id]).by_id[slot.location_id]
    return time_in_words(slot.starts_at, slot.ends_at, time_zone=place.time_zone)


def promise_of(order: Order) -> str:
    """From when by the clock of the store, or on which day: "from 23 nov 11:00", "Monday 23 November 2026", "Monday 23 November
    2026, 14:00–16:00"; both where a part is collected and a part is sent, blank when nothing was promised."""
    return " · ".join(filter(None, (collect_promise(order), door_promise(order))))


def collect_promise(order: Order) -> str:
    """From when what is collected can be, by the clock of the store; blank for none."""
    moment = collect_from_of(order)
    if moment is None or order.location_id is None:
        return ""
    with clock_of(order):
        return _("from %(moment)s") % {"moment": formats.when(moment)}


def door_promise(order: Order) -> str:
    """The day on which what is sent was promised at the door, with the time that was agreed; blank for none."""
    day = delivery_on_of(order)
    if day is None or order.slot is None:
        return formats.day(day) if day else ""
    place = locations(knowing=[order.slot.location_id]).by_id[order.slot.location_id]
    with timezone.override(place.time_zone):
        return f"{formats.day(day)}, {formats.clock(order.slot.starts_at)}–{formats.clock(order.slot.ends_at)}"


def collect_from_of(order: Order) -> dt.datetime | None:
    """From when what is collected was promised to be ready."""
    return order.promised_at if _is_all_collected(order) else order.collect_promised_at


def delivery_on_of(order: Order) -> dt.date | None:
    """The day on which what is sent was promised at the door; the one that was agreed, if one was."""
    promised_at = order.slot.ends_at if order.slot is not None else order.promised_at
    if promised_at is None or _is_all_collected(order):
        return None
    return door_day(promised_at, time_zone=order.channel.time_zone)


def _is_all_collected(order: Order) -> bool:
    """Whether the promise of the order is about the store alone."""
    return order.method == Method.COLLECT and order.collect_promised_at is None


def how_it_was_kept(order: Order) -> str:
    """ "2 h 10 late" of what is not there in time, "kept" or how much too late of what was ready or left."""
    if order.promised_at is None:
        return ""
    if order.status in UNDER_WAY:
        late = timezone.now() - order.promised_at
        return _("%(duration)s late") % {"duration": formats.duration(late)} if late.total_seconds() > 0 else ""
    there = order.ready_at if _is_all_collected(order) else None
    if there is None:
        return ""
    if there <= order.promised_at:
        return _("kept")
    return _("%(duration)s too late") % {"duration": formats.duration(there - order.promised_at)}
