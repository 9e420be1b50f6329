"""What was picked and does not go to the customer from there after all: out of its parcel, back on its shelf."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils import timezone

from apps.core.days import business_date
from apps.inventory.models import StoreTask
from apps.inventory.services.places.staging import Picked, stage
from apps.inventory.services.types import Cause, Spot
from apps.orders.models import Order, OrderLine, Parcel, ParcelStatus


def put_back(
    order: Order, lines: Sequence[OrderLine], pieces: Mapping[int, Decimal] | None = None, *, actor: str
) -> None:
    """Give the store a task for what was picked of these lines, or so many of each: {line: quantity}.

    They are set ready for nobody any more. What is to be put back of the same product already comes on top; a task that was
    done is asked anew.
    """
    now = timezone.now()
    wanted: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    back = {ln: ln.quantity_picked if pieces is None else pieces[ln.line] for ln in lines}
    for ln, pieces_back in back.items():
        if ln.location_id is not None:
            wanted[ln.location_id, ln.variant_id] += pieces_back
    wanted = {where: quantity for where, quantity in wanted.items() if quantity > 0}
    if not wanted:
        return
    standing = StoreTask.objects.select_for_update().filter(
        kind=StoreTask.Kind.PUT_BACK, cause_type="order", cause_id=order.number
    )
    for task in standing.order_by("pk"):
        quantity = wanted.pop((task.location_id, task.variant_id or 0), None)
        if quantity is not None:
            task.quantity = quantity + (task.quantity or 0 if task.done_at is None else 0)
            task.raised_at, task.done_at, task.done_by = now, None, ""
            task.save(update_fields=["quantity", "raised_at", "done_at", "done_by"])
    StoreTask.objects.bulk_create(
        StoreTask(
            location_id=location_id,
            kind=StoreTask.Kind.PUT_BACK,
            variant_id=variant_id,
            quantity=quantity,
            cause_type="order",
            cause_id=order.number,
            raised_at=now,
        )
        for (location_id, variant_id), quantity in wanted.items()
    )
    lay_ready(order, {ln: -quantity for ln, quantity in back.items()}, actor)


def lay_ready(order: Order, more: Mapping[OrderLine, Decimal], actor: str) -> None:
    """Note that so many more of these lines lie ready where the location has a place for it, or (below zero) so many fewer."""
    at = timezone.now()
    picked = [
        Picked(ln.line, ln.variant_id, Spot(level.location_id, level.owner_id, level.condition), quantity)
        for ln, quantity in more.items()
        if ln.demand is not None and (level := ln.demand.level) is not None
    ]
    time_zone = order.location.time_zone if order.location else order.channel.time_zone
    day = business_date(at, time_zone)
    stage(cause=Cause("order", order.number, order.business_date, at, day, actor), picked=picked)


def take_out(lines: Sequence[OrderLine]) -> None:
    """Unpack the parcels that still stand here with any of these lines; what else is in them is packed anew."""
    standing = (ParcelStatus.ASKED, ParcelStatus.BOOKED, ParcelStatus.FAILED)
    parcels = Parcel.objects.filter(status__in=standing, lines__order_line__in=lines)
    Parcel.objects.filter(pk__in=parcels.values("pk")).update(status=ParcelStatus.UNPACKED, due_at=None)
