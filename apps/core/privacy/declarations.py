"""The mechanisms' own columns in the register of personal data."""

from apps.core.models import (
    Change,
    Compared,
    Comparison,
    Event,
    IdempotencyKey,
    InboxDocument,
    Job,
    JobLine,
    ParkedEvent,
    Quarantined,
    Subscription,
)
from apps.core.privacy.register import BY_WORDS, Basis, Erase, Personal, declare

declare(Event, impersonal={"topic", "object_type", "object_key", "origin", "payload", "actor", "source", "request_id"})
declare(Subscription, impersonal={"name"})
declare(
    ParkedEvent,
    personal={"error": Personal("error text, which may quote what was wrong", Basis.INTEREST, export=False)},
    impersonal={"subscriber", "object_type", "object_key"},
    subject=BY_WORDS,
)
declare(
    IdempotencyKey,
    personal={"body": Personal("answer to a machine, kept for a week", erase=Erase.EXPIRES, export=False)},
    impersonal={"client", "path", "key", "fingerprint"},
    subject=BY_WORDS,
)
declare(
    InboxDocument,
    personal={"body": Personal("document as it came in", export=False)},
    impersonal={"source", "external_id", "fingerprint", "status"},
    subject=BY_WORDS,
)
declare(
    Quarantined,
    personal={
        "value": Personal("what could not be read", export=False),
        "reason": Personal("what is wrong, which may quote it", export=False),
        "params": Personal("what is wrong, which may quote it", export=False),
        "raw": Personal("row as it came in", export=False),
    },
    impersonal={"source", "external_id", "field", "code", "mend", "currency"},
    subject=BY_WORDS,
    is_of_one=True,
)
_SAID = Personal("what was said to whoever asked for a job, which may quote a row", Basis.INTEREST, export=False)
declare(
    Job,
    personal={
        "title": _SAID,
        "message": _SAID,
        "outcome": _SAID,
        "error": _SAID,
        "result": _SAID,
        "parameters": Personal("what a job was asked for, and why, in somebody's words", Basis.INTEREST, export=False),
        "file": Personal("file made for a member of staff, kept for days", erase=Erase.EXPIRES, export=False),
        "file_name": Personal("its name", erase=Erase.EXPIRES, export=False),
    },
    impersonal={
        "kind",
        "language",
        "once",
        "request_id",
        "state",
        "cursor",
        "counts",
        "link",
        "file_type",
    },
    subject=BY_WORDS,
)
declare(JobLine, personal={"text": _SAID}, impersonal={"level"}, subject=BY_WORDS)

declare(
    Change,
    personal={
        "fields": Personal("what a field was and is", Basis.LAW, export=False),
        "reason": Personal("why somebody changed it", Basis.LAW, export=False),
    },
    impersonal={"object_type", "object_key", "table", "kind", "actor", "source", "request_id"},
    subject=BY_WORDS,
)

declare(Comparison, impersonal={"asked_by"})
declare(
    Compared,
    personal={"found": Personal("figures that differ, with the card they are of", erase=Erase.EXPIRES, export=False)},
    impersonal={"check_name"},
    subject=BY_WORDS,
)
