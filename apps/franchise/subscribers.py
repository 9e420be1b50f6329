"""What the franchise reacts to.

One reader for all of it: hand-overs and returns of an order must be seen in the order in which they happened, and only
topics of one reader are.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from apps.core.events.models import Event
from apps.core.events.subscribers import subscriber
from apps.franchise.models import RevenueShare
from apps.franchise.services.deciding import attribute_orders
from apps.franchise.services.sharing import Movement, share_revenue

PLACED, FULFILLED, SETTLED = "order.placed", "order.fulfilled", "return.settled"


@subscriber("franchise.shares", topics={PLACED, FULFILLED, SETTLED})
def share_online_revenue(events: Sequence[Event]) -> None:
    """Attribute orders when they are placed, credit what is handed over, reverse what comes back. History is left out."""
    attribute_orders({e.payload["order"] for e in events if e.topic == PLACED})
    told = (movement for event in events if event.topic != PLACED for movement in _movements(event))
    if movements := [movement for movement in told if movement.quantity]:
        share_revenue(movements)


def _movements(event: Event) -> Iterator[Movement]:
    """Goods only: charges and lines of unknown purchases have no order line."""
    if event.topic == FULFILLED:
        for line in event.payload["lines"]:
            yield Movement(
                kind=RevenueShare.Kind.CREDIT,
                event=event,
                cause_line=line["line"],
                order=event.payload["order"],
                line=line["line"],
                quantity=Decimal(line["quantity"]),
            )
        return
    for line in event.payload["lines"]:
        if line.get("order") and line.get("order_line") is not None:
            yield Movement(
                kind=RevenueShare.Kind.REVERSAL,
                event=event,
                cause_line=line["line"],
                order=line["order"],
                line=line["order_line"],
                quantity=-Decimal(line["quantity"]),
                return_number=event.payload["return"],
            )
