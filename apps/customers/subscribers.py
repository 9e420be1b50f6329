"""How customers react to what happened to them."""

from collections.abc import Sequence

from apps.core.events.models import Event
from apps.core.events.subscribers import subscriber
from apps.customers.services.setting_apart import set_apart_shared


@subscriber("customers.set_apart", topics={"customer.recognised"})
def set_apart(events: Sequence[Event]) -> None:
    """Moments after one person too many brought an identifier, it joins nobody any more. What imports bring is seen at night."""
    set_apart_shared(source_record_ids={event.payload["source_record"] for event in events})
