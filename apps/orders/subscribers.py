"""What happens when something happens to an order: the customer is told."""

from collections.abc import Sequence

from apps.core.events.models import Event
from apps.core.events.subscribers import subscriber
from apps.messages.services import news, queue_messages
from apps.orders.letters import change_notices, confirmations, ready_notices


@subscriber("orders.confirm", topics={"order.placed"})
def confirm_orders(events: Sequence[Event]) -> None:
    """Mail that the order was received."""
    queue_messages(confirmations(news(events)))


@subscriber("orders.tell_ready", topics={"order.ready"})
def tell_ready(events: Sequence[Event]) -> None:
    """Mail that the order can be collected, with the code."""
    queue_messages(ready_notices(news(events)))


@subscriber("orders.tell_rerouted", topics={"order.rerouted"})
def tell_rerouted(events: Sequence[Event]) -> None:
    """Mail that the order comes another way."""
    queue_messages(change_notices(news(events)))
