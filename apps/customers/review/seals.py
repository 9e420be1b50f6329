"""Seals: the digest of each day's looks, chained to the day before, written to the program's log too.

Whoever changes or removes a row afterwards, with whatever rights in the database, breaks every seal from that day on; the
copy in the log stands outside the database. `manage.py reconcile` compares.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence

import structlog
from django.db import transaction
from django.utils import timezone

from apps.core.reconcile import Difference
from apps.customers.review.models import Look, Seal

_log = structlog.get_logger(__name__)
_FIELDS = [field.attname for field in Look._meta.local_concrete_fields]
COMPARED_DAYS = 40
WAIT = dt.timedelta(hours=1)  # after midnight, for what was under way


@transaction.atomic
def seal_days(*, now: dt.datetime | None = None) -> int:
    """Seal every day that is over and has none yet. Gives how many were sealed."""
    last = timezone.localdate((now or timezone.now()) - WAIT) - dt.timedelta(days=1)
    before = Seal.objects.order_by("-day").first()
    first = before.day + dt.timedelta(days=1) if before else _first_day()
    sealed, digest = 0, before.digest if before else ""
    while first is not None and first <= last:
        rows, digest = _digest_of(first, digest)
        Seal.objects.create(day=first, rows=rows, digest=digest)
        _log.info("looks sealed", day=first.isoformat(), rows=rows, digest=digest)
        first += dt.timedelta(days=1)
        sealed += 1
    return sealed


def _first_day() -> dt.date | None:
    return Look.objects.order_by("day").values_list("day", flat=True).first()


def _digest_of(day: dt.date, before: str) -> tuple[int, str]:
    digest, rows = hashlib.sha256(before.encode()), 0
    for row in Look.objects.filter(day=day).order_by("pk").values_list(*_FIELDS).iterator(chunk_size=2000):
        digest.update(("|".join(str(value) for value in row) + "\n").encode())
        rows += 1
    return rows, digest.hexdigest()


def broken_seals() -> Sequence[Difference]:
    """The days whose looks are not what was sealed, of the last weeks."""
    seals = list(Seal.objects.order_by("-day")[: COMPARED_DAYS + 1])[::-1]
    differences = []
    for before, seal in zip([None, *seals], seals, strict=False):
        if before is None and Seal.objects.filter(day__lt=seal.day).exists():
            continue  # only here as the one before
        _rows, digest = _digest_of(seal.day, before.digest if before else "")
        if digest != seal.digest:
            differences.append(Difference(seal.day.isoformat(), seal.digest[:16], digest[:16]))
    return differences
