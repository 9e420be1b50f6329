"""Writing to the event log."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.core.acting import current_act
from apps.core.audit.explaining import explain
from apps.core.bulk import insert_rows
from apps.core.events.models import Event, Origin


@dataclass(frozen=True)
class Happened:
    """An event about to be recorded. `payload` holds ids, codes and amounts (as strings), never personal data."""

    topic: str
    object_type: str
    object_key: str
    occurred_at: dt.datetime
    payload: dict[str, Any]
    origin: str = Origin.LIVE
    schema_version: int = 1


def record(*happenings: Happened) -> None:
    """Record events in the caller's transaction: they exist exactly when the change exists.

    Call it while holding the row lock of the object (or having just created it), since that is what puts the events of
    one object in the right order.
    """
    record_many(happenings)


def record_many(happenings: Iterable[Happened]) -> None:
    """As `record`, for many documents in one statement."""
    if not connection.in_atomic_block:
        raise RuntimeError("events are recorded in the transaction of the change")
    now = timezone.now()
    happenings = list(happenings)
    act = current_act()
    explain(((h.object_type, h.object_key) for h in happenings), at=now)
    who = (act.actor, act.source, act.request_id)
    insert_rows(
        Event,
        (
            "topic",
            "schema_version",
            "object_type",
            "object_key",
            "origin",
            "occurred_at",
            "recorded_at",
            "payload",
            "actor",
            "source",
            "request_id",
        ),
        [
            (h.topic, h.schema_version, h.object_type, h.object_key, h.origin, h.occurred_at, now, h.payload, *who)
            for h in happenings
        ],
    )
    nudge_after_commit()


def nudge_after_commit() -> None:
    """Wake the reader once per transaction; a lost nudge only costs the time until the next sweep."""
    for _, func, *_ in connection.run_on_commit:
        if getattr(func, "func", None) is _nudge:
            return
    transaction.on_commit(partial(_nudge), robust=True)


def _nudge() -> None:
    from apps.core.tasks import nudge_readers  # the task imports the subscribers, which import this module

    nudge_readers()
