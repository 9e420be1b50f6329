"""Reading the audit trail of one thing: its events and the changes of its fields, newest first."""

import datetime as dt
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any

from apps.core.audit.models import Change
from apps.core.events.models import Event


@dataclass(frozen=True)
class Entry:
    """One thing that was done: an event by its `topic`, or a change of fields of a row of `table`."""

    at: dt.datetime
    actor: str
    source: str
    request_id: str
    topic: str = ""
    table: str = ""
    kind: str = ""
    reason: str = ""
    fields: dict[str, tuple[Any, Any]] | None = None


def trail_of(object_type: str, object_key: str, *, limit: int, before: dt.datetime | None = None) -> list[Entry]:
    """The newest entries, or the newest before a moment; two queries."""
    of_object = {"object_type": object_type, "object_key": object_key}
    events = Event.objects.filter(**of_object).order_by("-id")
    changes = Change.objects.filter(**of_object).order_by("-id")
    if before is not None:
        events, changes = events.filter(recorded_at__lt=before), changes.filter(at__lt=before)
    happened, changed = list(events[:limit]), list(changes[:limit])
    why = {change.at: change.reason for change in changed if change.kind == Change.Kind.REASON}
    told = {event.recorded_at for event in happened}
    rest = [change for change in changed if change.kind != Change.Kind.REASON or change.at not in told]
    entries = (_event(event, why.get(event.recorded_at, "")) for event in happened)
    read = merge(entries, map(_change, rest), key=attrgetter("at"), reverse=True)
    return list(islice(read, limit))


def _event(event: Event, reason: str) -> Entry:
    at, actor, source, request_id = event.recorded_at, event.actor, event.source, event.request_id
    return Entry(at, actor, source, request_id, topic=event.topic, reason=reason)


def _change(change: Change) -> Entry:
    fields = {name: (before, after) for name, (before, after) in change.fields.items()}
    return Entry(
        change.at,
        change.actor,
        change.source,
        change.request_id,
        table=change.table,
        kind=change.kind,
        reason=change.reason,
        fields=fields,
    )
