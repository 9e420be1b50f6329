"""Parcels leave for the customer's address. A line has gone once all of it has: then stock falls."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.money import plain
from apps.core.retry import retried
from apps.orders.acts import shippable
from apps.orders.models import LineStatus, Order, OrderLine, Parcel, ParcelLine, ParcelStatus
from apps.orders.services.fulfilling import is_past, locked, lying_at, save_status
from apps.orders.services.leaving import contents_of, finish_left
from apps.orders.services.packing import (
    Packed,
    is_booked_first,
    locked_parcel,
    put_each_into_parcels,
    put_into_parcels,
    still_to_pack,
)
from apps.orders.services.types import WrongState
from apps.orders.ways import sent


@retried
@transaction.atomic
def ship(*, number: str, actor: str, places: Collection[int] | None = None, parcels: Sequence[Packed] = ()) -> Order:
    """Everything that was picked leaves, in the parcels that stand packed and in `parcels`. Doing it again is a no-op.

    With `places` (ids of locations) only what lies there. What no parcel holds goes in one more; with `parcels` it stays.
    Raises WrongState while a carrier has not booked a parcel, InvalidInput for one in `parcels` that it would still have to.
    """
    order, lines = locked(number)
    here = lying_at(places, lines)
    if is_past(LineStatus.SHIPPED, sent(here)):
        return order
    going = shippable(order, here)
    for n, packed in enumerate(parcels):
        if is_booked_first(packed):
            detail = _("This carrier books a parcel before it leaves: pack it first, or send its tracking number.")
            raise InvalidInput(detail, faults=[Fault("invalid", detail, f"parcels.{n}.carrier")])
    put_each_into_parcels(order, going, parcels, actor)
    if not parcels and still_to_pack(going):
        put_into_parcels(order, going, Packed(), actor)
    standing = order.parcels.select_for_update().filter(location__in={ln.location_id for ln in going}).order_by("pk")
    return _leave(order, lines, [parcel for parcel in standing if parcel.is_here], actor)


@retried
@transaction.atomic
def let_leave(*, number: str, actor: str) -> Order:
    """One parcel has left; the rest of the order goes when it goes. Doing it again is a no-op."""
    order, lines, parcel = locked_parcel(number)
    if parcel.status in {ParcelStatus.LEFT, ParcelStatus.DELIVERED}:
        return order
    if parcel.status == ParcelStatus.UNPACKED:
        raise WrongState(_("This parcel was unpacked."))
    shippable(order, lying_at({parcel.location_id}, lines))
    return _leave(order, lines, [parcel], actor)


def _leave(order: Order, lines: Sequence[OrderLine], parcels: Sequence[Parcel], actor: str) -> Order:
    if any(parcel.status != ParcelStatus.BOOKED for parcel in parcels):
        raise WrongState(_("The carrier has not booked this parcel yet."))
    at = timezone.now()
    Parcel.objects.filter(pk__in=[parcel.pk for parcel in parcels]).update(status=ParcelStatus.LEFT, left_at=at)
    contents = contents_of(order)
    record(*(_left(order, parcel, contents) for parcel in parcels))
    finish_left(order, lines, at, actor, contents=contents)
    return save_status(order, lines, closed_at=at)


def _left(order: Order, parcel: Parcel, contents: Sequence[ParcelLine]) -> Happened:
    return Happened(
        topic="order.parcel_left",
        object_type="order",
        object_key=order.number,
        occurred_at=timezone.now(),
        payload={
            "order": order.number,
            "parcel": parcel.number,
            "carrier": parcel.carrier,
            "lines": [
                {"line": part.order_line.line, "quantity": plain(part.quantity)}
                for part in contents
                if part.parcel_id == parcel.pk
            ],
        },
    )
