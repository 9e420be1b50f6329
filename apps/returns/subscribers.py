"""What returns themselves do once the money went back."""

from collections.abc import Sequence

from apps.core.events.models import Event
from apps.core.events.subscribers import subscriber
from apps.messages.services import news
from apps.returns.services.telling import tell_refunds


@subscriber("returns.tell", topics={"return.settled"})
def tell(events: Sequence[Event]) -> None:
    tell_refunds(numbers={event.object_key for event in news(events)})
