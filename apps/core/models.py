"""Tables of the mechanisms; each lives with its mechanism."""

from apps.core.events.models import Event, Origin, ParkedEvent, Subscription
from apps.core.idempotency.models import IdempotencyKey
from apps.core.inbox.models import DocumentStatus, InboxDocument, Quarantined

__all__ = [
    "DocumentStatus",
    "Event",
    "IdempotencyKey",
    "InboxDocument",
    "Origin",
    "ParkedEvent",
    "Quarantined",
    "Subscription",
]
