"""What must be true when the dust has settled: nothing lost, nothing doubled, nothing stuck, the books right."""

from collections.abc import Mapping

from django.utils import timezone

from apps.accounts.models import WebhookDelivery
from apps.core.events.models import ParkedEvent
from apps.core.events.subscribers import lag
from apps.core.models import Event, Job
from apps.inventory.models import Demand, StockLevel
from apps.messages.models import Message
from apps.orders.letters import CONFIRMED
from apps.orders.models import Order
from tests.killing.crowd import ENDED
from tests.shop import nothing_differs

UNDER_WAY = ["queued", "sending"]


def let_leases_run_out() -> None:
    """What a dead sender held is taken up again once its minutes are over."""
    now = timezone.now()
    Message.objects.filter(status="sending").update(due_at=now)
    WebhookDelivery.objects.filter(status="sending").update(due_at=now)


def waits() -> dict[str, int]:
    """What is still to be done, by kind; empty when all is quiet."""
    found = {
        "events without a position": Event.objects.filter(position=None).count(),
        **{f"events unread by {reader}": behind for reader, behind in lag().items()},
        "mail": Message.objects.filter(status__in=UNDER_WAY).count(),
        "webhooks": WebhookDelivery.objects.open().count(),
        "jobs": Job.objects.active().count(),
    }
    return {kind: number for kind, number in found.items() if number}


def wrongs(acknowledged: Mapping[str, tuple[str, str]]) -> list[str]:
    """What is not as it must be, in words; `acknowledged` as the crowd keeps it."""
    found: list[str] = []
    orders = {order.external_id: order for order in Order.objects.all()}
    if len(orders) != Order.objects.count():
        found.append("an order was placed twice")
    if set(orders) != set(acknowledged):
        found.append(f"orders that are not those acknowledged: {sorted(set(orders) ^ set(acknowledged))[:5]}")
    for name, (number, end) in acknowledged.items():
        order = orders.get(name)
        if order is None or order.number != number or order.status != ENDED[end]:
            found.append(f"{name} is {order.status if order else 'lost'}, was acknowledged as {end}")
    handed_over = sum(1 for _number, end in acknowledged.values() if end == "collected")
    kept = sum(1 for _number, end in acknowledged.values() if end in {"placed", "picked"})
    for sku, each in (("A", 1), ("B", 2)):
        level = StockLevel.objects.get(variant__sku=sku, location__code="S1", condition="saleable")
        if (level.reserved, level.oversold) != (kept * each, 0):
            found.append(f"{sku}: {level.reserved} reserved and {level.oversold} oversold, {kept * each} are promised")
        if level.on_hand != STOCKED - handed_over * each:
            found.append(f"{sku}: {level.on_hand} on hand, {handed_over * each} of {STOCKED} were handed over")
    if Demand.objects.count() != 2 * len(acknowledged):
        found.append("a demand without its order line, or twice")
    confirmed = Message.objects.filter(template=CONFIRMED, status="sent").count()
    if not len([end for _number, end in acknowledged.values() if end != "cancelled"]) <= confirmed <= len(acknowledged):
        found.append(f"{confirmed} confirmations of {len(acknowledged)} orders")
    if ParkedEvent.objects.exists():
        found.append(f"parked: {ParkedEvent.objects.first()}")
    if not nothing_differs():
        found.append("a running figure is not what its ledger adds up to")
    return found


STOCKED = 1_000_000
