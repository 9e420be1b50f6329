"""What a customer was promised, in words, and whether it was kept."""

import datetime as dt
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.network.directory import locations
from apps.orders.models import Order, OrderStatus
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
    2026, 14:00–16:00"; blank when nothing was promised."""
    if order.promised_at is None:
        return ""
    if order.location_id is not None:
        with clock_of(order):
            return _("from %(moment)s") % {"moment": formats.when(order.promised_at)}
    day = formats.day(door_day(order.promised_at, time_zone=order.channel.time_zone))
    if order.slot is None:
        return day
    place = locations(knowing=[order.slot.location_id]).by_id[order.slot.location_id]
    with timezone.override(place.time_zone):
        return f"{day}, {formats.clock(order.slot.starts_at)}–{formats.clock(order.slot.ends_at)}"


def how_it_was_kept(order: Order) -> str:
    """ "2 h 10 late" of what is not there in time, "kept" or how much too late of what was ready or left."""
    if order.promised_at is None:
        return ""
    if order.status in UNDER_WAY:
        late = timezone.now() - order.promised_at
        return _("%(duration)s late") % {"duration": formats.duration(late)} if late.total_seconds() > 0 else ""
    there = order.ready_at if order.location_id is not None else None
    if there is None:
        return ""
    if there <= order.promised_at:
        return _("kept")
    return _("%(duration)s too late") % {"duration": formats.duration(there - order.promised_at)}
