"""Saying how far away, and in which time slots, a location brings orders itself. What it was is in the audit trail.

Orders that have a place in a slot keep it, whatever is changed here afterwards.
"""

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Fault, InvalidInput
from apps.network import directory
from apps.network.models import DeliverySlot, Location

FURTHEST_KM = 200
MOST_ORDERS = 999
MOST_MINUTES = 48 * 60
"""A slot is closed to orders at most so long before it starts."""
MOST_SLOTS = 12
"""So many a weekday."""


@transaction.atomic
def deliver_within(*, location: Location, km: int | None) -> Location:
    """From now on a location brings orders to customers this far away, as the crow flies; None: to nobody."""
    if km is not None and not 1 <= km <= FURTHEST_KM:
        _refuse(_("Choose between 1 and %(km)s km.") % {"km": FURTHEST_KM}, "delivers_within_km")
    location.delivers_within_km = km
    location.save(update_fields=["delivers_within_km"])
    transaction.on_commit(directory.forget)
    return location


@transaction.atomic
def add_slots(
    *,
    location: Location,
    weekdays: Collection[int],
    starts: dt.time,
    ends: dt.time,
    capacity: int,
    cut_off_minutes: int,
) -> list[DeliverySlot]:
    """A time slot on each of these weekdays. Raises InvalidInput for what is none, Conflict where there is the same already."""
    Location.objects.select_for_update().get(pk=location.pk)
    if not weekdays:
        _refuse(_("Choose at least one day."), "weekdays")
    if starts >= ends:
        _refuse(_("It ends after it starts."), "ends")
    _check(capacity, cut_off_minutes)
    kept = DeliverySlot.objects.filter(location=location, weekday__in=weekdays)
    if kept.filter(starts=starts, ends=ends).exists():
        detail = _("There is such a time slot already.")
        raise Conflict(detail, code="slot_exists", faults=[Fault("slot_exists", detail, "starts")])
    added = [
        DeliverySlot(
            location=location,
            weekday=weekday,
            starts=starts,
            ends=ends,
            capacity=capacity,
            cut_off_minutes=cut_off_minutes,
        )
        for weekday in sorted(set(weekdays))
    ]
    if any(kept.filter(weekday=slot.weekday).count() >= MOST_SLOTS for slot in added):
        _refuse(_("A day has at most %(n)s time slots.") % {"n": MOST_SLOTS}, "weekdays")
    DeliverySlot.objects.bulk_create(added)
    transaction.on_commit(directory.forget)
    return added


@transaction.atomic
def change_slot(*, slot: DeliverySlot, capacity: int, cut_off_minutes: int) -> DeliverySlot:
    """How many orders are brought in it, and until when they are taken. Fewer than it has already: it is full."""
    _check(capacity, cut_off_minutes)
    slot.capacity, slot.cut_off_minutes = capacity, cut_off_minutes
    slot.save(update_fields=["capacity", "cut_off_minutes"])
    transaction.on_commit(directory.forget)
    return slot


@transaction.atomic
def drop_slot(*, slot: DeliverySlot) -> None:
    """It is not offered any more."""
    slot.delete()
    transaction.on_commit(directory.forget)


def _check(capacity: int, cut_off_minutes: int) -> None:
    if not 1 <= capacity <= MOST_ORDERS:
        _refuse(_("Choose between 1 and %(n)s orders.") % {"n": MOST_ORDERS}, "capacity")
    if not 0 <= cut_off_minutes <= MOST_MINUTES:
        _refuse(_("Choose at most %(n)s minutes.") % {"n": MOST_MINUTES}, "cut_off_minutes")


def _refuse(detail: str, attr: str) -> None:
    raise InvalidInput(detail, faults=[Fault("invalid", detail, attr)])
