"""Comparing the books and keeping what came of it: when somebody asks, and once a day."""

import datetime as dt

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from apps.core.actors import SYSTEM
from apps.core.comparing.models import Compared, Comparison
from apps.core.events.subscribers import catch_up
from apps.core.reconcile import Outcome, checks, compare

KEPT = dt.timedelta(days=60)
EVERY = dt.timedelta(hours=24)
LEASE = dt.timedelta(hours=2)
"""How long a comparison that began counts as being made; whoever made one that took longer is believed to be gone."""


def begin(*, actor: str) -> Comparison:
    """A comparison that is about to be made."""
    return Comparison.objects.create(asked_by=actor)


def keep(comparison: Comparison, outcome: Outcome) -> Compared:
    """Write down what a check came to; a second time replaces the first."""
    is_behind = bool(outcome.behind)
    found = [] if is_behind else outcome.differences
    compared, _made = Compared.objects.update_or_create(
        comparison=comparison,
        check_name=outcome.check.name,
        defaults={
            "at": timezone.now(),
            "behind": outcome.behind,
            "differences": len(found),
            "found": [[one.what, str(one.stored), str(one.ledger), list(one.key)] for one in found],
        },
    )
    return compared


def finish(comparison: Comparison) -> Comparison:
    """Add up what the checks came to. What was kept longer than `KEPT` goes."""
    outcomes = list(comparison.checks.all())
    comparison.differences = sum(one.differences for one in outcomes)
    comparison.behind = sum(1 for one in outcomes if one.behind)
    comparison.finished_at = timezone.now()
    comparison.save(update_fields=["differences", "behind", "finished_at"])
    Comparison.objects.filter(started_at__lt=timezone.now() - KEPT).delete()
    return comparison


def compare_all(*, actor: str = SYSTEM) -> Comparison:
    """Run every check now and keep what came of it."""
    return _go_through(begin(actor=actor))


def _go_through(comparison: Comparison) -> Comparison:
    catch_up()
    for each in checks():
        outcome = compare(each)
        with transaction.atomic():
            keep(comparison, outcome)
    return finish(comparison)


def compare_if_due() -> Comparison | None:
    """Compare the books unless that was done in the last day or is being done; None then."""
    comparison = _begin_if_due()
    return None if comparison is None else _go_through(comparison)


@transaction.atomic
def _begin_if_due() -> Comparison | None:
    """The row of a comparison is its lease: whoever writes it makes it, one at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('toonbank.comparing'))")
    now = timezone.now()
    done, being_made = Q(finished_at__gt=now - EVERY), Q(finished_at=None, started_at__gt=now - LEASE)
    if Comparison.objects.filter(done | being_made).exists():
        return None
    return begin(actor=SYSTEM)
