"""Places of orders in the time slots in which a store brings them: taken with the order, given back with it."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import Fault, InvalidInput
from apps.inventory.models import Speed
from apps.inventory.services.slots import Chosen, choose, give_place_back
from apps.network.models import Channel
from apps.network.postcodes import centroid
from apps.orders.models import LineStatus, Method, Order, OrderLine, SlotBooking
from apps.orders.services.types import LineDraft, OrderDocument
from apps.orders.ways import sent


def chosen_slot(channel: Channel, document: OrderDocument) -> Chosen | None:
    """The time that an order about to be placed names; None when it names none. Raises InvalidInput, or SlotGone."""
    if not document.slot:
        return None
    if Method.DELIVERY not in document.methods:
        raise _wrong(_("Only an order that is sent has a time at which it is brought."), "slot")
    person = document.person
    if person is None or not person.postcode:
        raise _wrong(_("Say where to: the order is brought by the store."), "address", code="required")
    country = person.country or channel.country
    chosen = choose(document.slot, near=centroid(person.postcode, country=country), now=timezone.now())
    if document.delivery_on not in (None, chosen.times.day):
        raise _wrong(_("The time slot is on another day."), "delivery_on")
    if document.speed == Speed.SAME_DAY and chosen.times.day != business_date(timezone.now(), channel.time_zone):
        raise _wrong(_("The time slot is on another day."), "speed")
    return chosen


def _wrong(detail: str, field: str, *, code: str = "invalid") -> InvalidInput:
    return InvalidInput(detail, code=code, faults=[Fault(code, detail, f"fulfilment.{field}")])


def speed_of(chosen: Chosen, channel: Channel, asked: str) -> str:
    """How fast an order is that is brought then."""
    is_today = chosen.times.day == business_date(timezone.now(), channel.time_zone)
    return Speed.SAME_DAY if is_today else asked


def date_by_slot(lines: Iterable[LineDraft], chosen: Chosen) -> None:
    """What is brought leaves by the beginning of its time."""
    for line in sent(lines):
        if line.location_id == chosen.place.id:
            line.handle_by = chosen.times.starts_at


def book(order_id: int, slot_day_id: int) -> SlotBooking:
    """Note that an order has the place that was taken for it."""
    return SlotBooking.objects.create(order_id=order_id, slot_id=slot_day_id)


def leave_slot(order: Order) -> None:
    """A locked order gives its place to others, if it has one. Before any stock level is locked."""
    booking = getattr(order, "slot_booking", None)
    if booking is None:
        return
    give_place_back(booking.slot_id)
    booking.delete()
    order.slot_booking = None


def still_has_its_time(order: Order, lines: Iterable[OrderLine]) -> bool:
    """Whether all that is to be brought at the chosen time lies where it is brought from, or has gone."""
    slot = order.slot
    standing = [ln for ln in sent(lines) if ln.standing > ln.quantity_fulfilled]
    return slot is None or all(ln.status != LineStatus.OPEN and ln.location_id == slot.location_id for ln in standing)
