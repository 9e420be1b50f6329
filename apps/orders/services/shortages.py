"""What was promised but is not on the shelf."""

from collections.abc import Collection
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import InvalidInput
from apps.core.retry import retried
from apps.inventory.models import Demand, StoreTask
from apps.inventory.services.promising import release
from apps.orders.models import LineStatus, Order, OrderLine
from apps.orders.services.fulfilling import locked, lying_at, save_status
from apps.orders.services.types import WrongState


@retried
@transaction.atomic
def report_short(*, number: str, line: int, actor: str, places: Collection[int] | None = None) -> Order:
    """A line cannot be found: its promise is let go, the store gets a task to count, the line waits for other stock.

    With `places` (ids of locations) only of what should lie there.
    """
    order, lines = locked(number)
    short = next((ln for ln in lying_at(places, lines) if ln.line == line), None)
    if short is None:
        raise InvalidInput(_("This order has no such line."), code="does_not_exist")
    demand = short.demand
    level = demand.level if demand else None
    if short.status not in {LineStatus.SOURCED, LineStatus.PICKING} or demand is None or level is None:
        raise WrongState(_("This line does not wait to be picked."))
    held = demand.quantity - demand.consumed - demand.released
    unsourced = Demand.objects.create(
        reservation_id=demand.reservation_id, line=short.line, variant_id=short.variant_id, quantity=held
    )
    StoreTask.objects.get_or_create(
        location_id=level.location_id,
        kind=StoreTask.Kind.COUNT_MISSING,
        variant_id=short.variant_id,
        cause_type="order",
        cause_id=order.number,
        defaults={"quantity": held, "raised_at": timezone.now()},
    )
    short.demand, short.status, short.quantity_picked = unsourced, LineStatus.OPEN, Decimal(0)
    OrderLine.objects.bulk_update([short], ["demand", "status", "quantity_picked"])
    order = save_status(order, lines)
    release(demand_quantities={demand.pk: held})
    return order
