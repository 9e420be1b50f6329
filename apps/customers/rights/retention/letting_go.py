"""Letting go of what is over its term, at night, a few rows at a time.

Each step is a transaction and takes only what is still due and still not held, so a night that is cut off is gone on with in the
next half hour, and two workers at once would do nothing twice. A row of somebody who is held, or whose request is open, stays.
"""

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.core.actors import SYSTEM
from apps.core.days import is_night
from apps.core.privacy.erasing import rows_naming
from apps.core.privacy.register import BY_WORDS, subjects_of
from apps.customers.models import Customer, PrivacyRequest, Protection, SourceRecord
from apps.customers.rights.clocks import months_after
from apps.customers.rights.erasing import words_of
from apps.customers.rights.retention.models import RetentionCall, RetentionRun, RetentionTerm
from apps.customers.rights.retention.rules import Part, RetentionRule, rule_called

log = logging.getLogger(__name__)

ONCE_IN = dt.timedelta(hours=12)
A_WHILE = dt.timedelta(minutes=20)  # after which a call begins nothing new
LEASE = dt.timedelta(hours=2)  # longer than what it began takes
AT_ONCE = 50_000  # keys in memory


def when_over(months: int) -> dt.datetime:
    """What is from before this moment is over a term of so many months."""
    day = months_after(timezone.localdate(), -months)
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def kept_records() -> QuerySet[Any]:
    """The source records of whoever is held, or asked something that is not answered, as a queryset of one column."""
    marked = SourceRecord.objects.filter(
        Q(protections__in=Protection.objects.in_force().filter(kind=Protection.Kind.HELD))
        | Q(privacy_requests__status=PrivacyRequest.Status.OPEN)
    )
    return SourceRecord.objects.filter(customer__in=marked.values("customer")).order_by().values("pk")


def held_of(part: Part, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those of a part's rows that stay for now. Where no key leads to a person, those that mention somebody who is held."""
    if part.model is Customer:
        return rows.filter(source_records__in=kept_records()).distinct()
    subjects = subjects_of(part.model)
    if subjects == BY_WORDS:
        return rows_naming(rows, words_of(list(kept_records().values_list("pk", flat=True))))
    about = Q()
    for path in subjects:
        about |= Q(**{f"{path}__in": kept_records()})
    return rows.filter(about).distinct()


def let_go_of(part: Part, before: dt.datetime, *, among: Sequence[Any] | None = None) -> QuerySet[Any]:
    """The rows of a part that are over the term and that nothing keeps, all or `among` these."""
    rows = part.due(before) if among is None else part.due(before).filter(pk__in=among)
    return rows.exclude(pk__in=held_of(part, rows).order_by().values("pk"))


def let_go_if_due() -> list[RetentionRun]:
    """At night, carry out the rules in force that are not done since the evening; what was done of each.

    While an earlier call is at work this one does nothing. What could not be done is in the log, and left.
    """
    now = timezone.now()
    if not is_night() or (call := begin(now)) is None:
        return []
    try:
        return _carry_out_due(now)
    finally:
        call.delete()


@transaction.atomic
def begin(now: dt.datetime) -> RetentionCall | None:
    """The row of a call is its lease: whoever writes it works, one at a time. None while another does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('toonbank.retention'))")
    RetentionCall.objects.filter(began_at__lte=now - LEASE).delete()  # its worker was killed
    return None if RetentionCall.objects.exists() else RetentionCall.objects.create(began_at=now)


def _carry_out_due(now: dt.datetime) -> list[RetentionRun]:
    runs = []
    for term in _due_terms(now):
        rule = rule_called(term.rule)
        if rule is not None and timezone.now() < now + A_WHILE:
            runs.append(carry_out(rule, term.months, until=now + A_WHILE))
    return runs


def _due_terms(now: dt.datetime) -> list[RetentionTerm]:
    done = RetentionRun.objects.filter(is_trial=False, left=0, ran_at__gt=now - ONCE_IN).values("rule")
    in_force = RetentionTerm.objects.filter(pk__in=RetentionTerm.objects.newest().values("pk"), is_on=True)
    return list(in_force.exclude(rule__in=done).order_by("pk"))


def carry_out(rule: RetentionRule, months: int, *, until: dt.datetime | None = None) -> RetentionRun:
    """Let go of what is over its term, until that moment at most, and write down what that came to."""
    before = when_over(months)
    done = waiting = held = left = 0
    for part in rule.parts:
        going = let_go_of(part, before)
        held += held_of(part, part.due(before)).count()
        keys = list(going.values_list("pk", flat=True)[:AT_ONCE])
        unfinished = 0
        for some in _batches(keys, part.at_once):
            if until is not None and timezone.now() > until:
                break
            try:
                went, wait = part.let_go(list(let_go_of(part, before, among=some).values_list("pk", flat=True)), before)
            except DatabaseError:
                log.exception("some of %s could not be let go of", rule.code)
                continue
            done, unfinished = done + went, unfinished + wait
        waiting += unfinished
        left += let_go_of(part, before).count() - unfinished
    return RetentionRun.objects.create(
        rule=rule.code,
        months=months,
        before=before,
        is_trial=False,
        rows=done,
        held=held,
        waiting=waiting,
        left=max(left, 0),
        asked_by=SYSTEM,
    )


def _batches(keys: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]
