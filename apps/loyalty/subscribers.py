"""How points react to purchases and returns."""

from collections.abc import Sequence

from apps.core.events.models import Event
from apps.core.events.subscribers import subscriber
from apps.loyalty.services.posting import post_points


@subscriber("loyalty.earn", topics={"order.fulfilled"})
def earn(events: Sequence[Event]) -> None:
    post_points({event.object_key for event in events})


@subscriber("loyalty.reverse", topics={"return.settled"})
def reverse(events: Sequence[Event]) -> None:
    lines = (line for event in events for line in event.payload["lines"])
    post_points({line["order"] for line in lines if line["order"]})
