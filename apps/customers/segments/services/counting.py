"""How many customers a segment has: counted at night for all, at once for one, and for a store among its own customers."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from apps.core.reach import reach_of
from apps.customers.segments.conditions import Definition
from apps.customers.segments.models import Segment, SegmentCount
from apps.customers.segments.selecting import at_home_in, who

TRIES_MS = 4000
"""How long somebody who looks on is kept waiting for a number."""
_TOO_SLOW = "57014"  # query_canceled


@transaction.atomic
def count_segment(*, segment: Segment) -> Segment:
    """Count a segment as it is now, and keep the number. Locks the segment only to write it down."""
    version = Segment.objects.values_list("version", flat=True).get(pk=segment.pk)
    people = who(segment.definition).count()
    segment = Segment.objects.select_for_update().get(pk=segment.pk)
    now = timezone.now()
    SegmentCount.objects.create(segment=segment, version=version, people=people, counted_at=now)
    if segment.version == version:
        segment.people, segment.counted_at = people, now
        segment.save(update_fields=["people", "counted_at"])
    return segment


def count_all(*, older_than: dt.datetime) -> int:
    """Count each segment in use that was not counted since, each in a transaction of its own; return how many were."""
    done = 0
    waiting = Segment.objects.in_use().exclude(counted_at__gte=older_than).order_by("pk")
    for segment in list(waiting):
        count_segment(segment=segment)
        done += 1
    return done


def count_now(*, definition: Definition, principal: Any) -> int | None:
    """How many customers in reach a definition selects; None when that takes too long to wait for."""
    reach = reach_of(principal)
    among = None if reach.every_location else at_home_in(reach.location_ids)
    try:
        with transaction.atomic(), _within(TRIES_MS):
            return who(definition, among=among).count()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == _TOO_SLOW:
            return None
        raise


@contextmanager
def _within(milliseconds: int) -> Iterator[None]:
    """Let statements of this transaction take so long at most."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        [before] = cursor.fetchone()
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
        yield
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
