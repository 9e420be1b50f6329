"""What the roll-ups are kept by."""

from collections.abc import Sequence

from apps.core.events.models import Event
from apps.core.events.subscribers import subscriber
from apps.kpis.services.rolling_up import FULFILLED, SETTLED, SUBSCRIBER, add_news


@subscriber(SUBSCRIBER, topics={FULFILLED, SETTLED}, history=True)
def roll_up_sales(events: Sequence[Event]) -> None:
    """Imported history counts as sales too."""
    add_news(events)
