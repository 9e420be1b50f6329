"""When a line has gone: all that is wanted of it is in parcels that left."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from apps.inventory.models import StockMovement
from apps.orders.acts import TO_PICK
from apps.orders.models import LineStatus, Order, OrderLine, ParcelLine, ParcelStatus
from apps.orders.services.fulfilling import leave


def contents_of(order: Order) -> list[ParcelLine]:
    """What is in all parcels of an order."""
    parts = ParcelLine.objects.filter(parcel__order=order).select_related("parcel", "order_line")
    return list(parts.defer("parcel__label").order_by("pk"))


def left_of(order: Order, *, contents: Sequence[ParcelLine] | None = None) -> dict[int, Decimal]:
    """How many of each line (by its id) are in parcels that left."""
    gone: dict[int, Decimal] = {}
    for part in contents_of(order) if contents is None else contents:
        if part.parcel.status in {ParcelStatus.LEFT, ParcelStatus.DELIVERED}:
            gone[part.order_line_id] = gone.get(part.order_line_id, Decimal(0)) + part.quantity
    return gone


def finish_left(
    order: Order,
    lines: Sequence[OrderLine],
    at: dt.datetime,
    actor: str,
    *,
    contents: Sequence[ParcelLine] | None = None,
) -> None:
    """Those of `lines` of which all that is wanted has left have gone: stock falls. Nothing to read where none was picked."""
    if not any(ln.status == LineStatus.PICKING for ln in lines):
        return
    gone = left_of(order, contents=contents)
    going = [ln for ln in lines if ln.pk in gone and ln.status in TO_PICK and gone[ln.pk] >= ln.standing]
    if going:
        leave(order, going, at, actor, kind=StockMovement.Kind.SHIP, status=LineStatus.SHIPPED)
