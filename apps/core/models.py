"""Tables of the mechanisms; each lives with its mechanism."""

from apps.core.audit.models import Change
from apps.core.comparing.models import Compared, Comparison
from apps.core.events.models import Event, Origin, ParkedEvent, Subscription
from apps.core.idempotency.models import IdempotencyKey
from apps.core.inbox.models import DocumentStatus, InboxDocument, Quarantined
from apps.core.jobs.models import Job, JobLine, JobState

__all__ = [
    "Change",
    "Compared",
    "Comparison",
    "DocumentStatus",
    "Event",
    "IdempotencyKey",
    "InboxDocument",
    "Job",
    "JobLine",
    "JobState",
    "Origin",
    "ParkedEvent",
    "Quarantined",
    "Subscription",
]
