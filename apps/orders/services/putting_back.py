"""What was picked and does not go to the customer from there after all: out of its parcel, back on its shelf."""

from collections.abc import Sequence

from django.utils import timezone

from apps.inventory.models import StoreTask
from apps.orders.models import Order, OrderLine, Parcel, ParcelStatus


def put_back(order: Order, lines: Sequence[OrderLine]) -> None:
    """Give the store a task for each of these lines that was picked."""
    now = timezone.now()
    StoreTask.objects.bulk_create(
        [
            StoreTask(
                location_id=ln.location_id,
                kind=StoreTask.Kind.PUT_BACK,
                variant_id=ln.variant_id,
                quantity=ln.quantity_picked,
                cause_type="order",
                cause_id=order.number,
                raised_at=now,
            )
            for ln in lines
            if ln.quantity_picked > 0 and ln.location_id is not None
        ],
        ignore_conflicts=True,
    )


def take_out(lines: Sequence[OrderLine]) -> None:
    """Unpack the parcels that still stand here with any of these lines; what else is in them is packed anew."""
    standing = (ParcelStatus.ASKED, ParcelStatus.BOOKED, ParcelStatus.FAILED)
    parcels = Parcel.objects.filter(status__in=standing, lines__order_line__in=lines)
    Parcel.objects.filter(pk__in=parcels.values("pk")).update(status=ParcelStatus.UNPACKED, due_at=None)
