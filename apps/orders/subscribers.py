"""What happens when something happens to an order: the customer is told."""

from collections.abc import Sequence

from apps.core.events.models import Event
from apps.core.events.subscribers import subscriber
from apps.messages.services import news, queue_messages
from apps.orders.letters import (
    address_notices,
    change_notices,
    confirmations,
    left_out_notices,
    not_collected_notices,
    parcel_notices,
    ready_notices,
    reminders,
)
from apps.orders.services.if_short import do_as_wished


@subscriber("orders.confirm", topics={"order.placed"})
def confirm_orders(events: Sequence[Event]) -> None:
    """Mail that the order was received."""
    queue_messages(confirmations(news(events)))


@subscriber("orders.do_as_wished", topics={"order.refused"})
def do_as_customers_wish(events: Sequence[Event]) -> None:
    """What a store could not give comes the way that the customer chose for that."""
    for number in dict.fromkeys(event.object_key for event in events):
        do_as_wished(number=number)


@subscriber("orders.tell_ready", topics={"order.ready"})
def tell_ready(events: Sequence[Event]) -> None:
    """Mail that the order can be collected, with the code."""
    queue_messages(ready_notices(news(events)))


@subscriber("orders.tell_rerouted", topics={"order.rerouted", "order.time_changed"})
def tell_rerouted(events: Sequence[Event]) -> None:
    """Mail that the order comes another way, or at another time."""
    queue_messages(change_notices(news(events)))


@subscriber("orders.tell_readdressed", topics={"order.readdressed"})
def tell_readdressed(events: Sequence[Event]) -> None:
    """Mail that the order goes to another address."""
    queue_messages(address_notices(news(events)))


@subscriber("orders.remind", topics={"order.reminded", "order.kept_longer"})
def remind(events: Sequence[Event]) -> None:
    """Mail that the order still lies ready, and until when: to remind, or because that day has changed."""
    queue_messages(reminders(news(events)))


@subscriber("orders.tell_not_collected", topics={"order.cancelled"})
def tell_not_collected(events: Sequence[Event]) -> None:
    """Mail that the order was called off because nobody came for it."""
    queue_messages(not_collected_notices(news(events)))


@subscriber("orders.tell_left_out", topics={"order.cancelled"})
def tell_left_out(events: Sequence[Event]) -> None:
    """Mail that a part was called off because the store could not find it."""
    queue_messages(left_out_notices(news(events)))


@subscriber("orders.tell_shipped", topics={"order.parcel_left"})
def tell_shipped(events: Sequence[Event]) -> None:
    """Mail that a parcel is on its way, with its tracking number."""
    queue_messages(parcel_notices(news(events)))
