"""Deciding how long data is kept, after it was tried out what that would come to."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.actors import actor_of
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.customers.rights.retention.letting_go import held_of, let_go_of, when_over
from apps.customers.rights.retention.models import RetentionRun, RetentionTerm
from apps.customers.rights.retention.rules import RetentionRule

TRIAL_HOLDS = dt.timedelta(days=7)
SAMPLE = 20


@transaction.atomic
def try_out(*, rule: RetentionRule, months: int, principal: Any) -> RetentionRun:
    """Count what a term would come to today; nothing is changed. Raises InvalidInput where it is shorter than the rule allows."""
    check_months(rule, months)
    before = when_over(months)
    due = held = 0
    for part in rule.parts:
        held += held_of(part, part.due(before)).count()
        due += let_go_of(part, before).count()
    return RetentionRun.objects.create(
        rule=rule.code,
        months=months,
        before=before,
        is_trial=True,
        rows=due,
        held=held,
        sample=_sample_of(rule, before),
        asked_by=actor_of(principal),
    )


def _sample_of(rule: RetentionRule, before: dt.datetime) -> list[tuple[str, str]]:
    share = max(SAMPLE // len(rule.parts), 1)
    samples = [part.sample(let_go_of(part, before), share) for part in rule.parts]
    return [(since.isoformat(), what) for sample in samples for since, what in sample]


@transaction.atomic
def decide(*, rule: RetentionRule, months: int, is_on: bool, reason: str, principal: Any) -> RetentionTerm:
    """Set the term of a rule, or end it.

    Raises InvalidInput for a term shorter than the rule allows or without a reason, and Conflict where it was not tried out
    with this term lately: nobody lets go of what they have not seen.
    """
    check_months(rule, months)
    if not reason.strip():
        detail = _("Say why.")
        raise InvalidInput(detail, faults=[Fault("required", detail, "reason")])
    tried = RetentionRun.objects.filter(
        rule=rule.code, months=months, is_trial=True, ran_at__gt=timezone.now() - TRIAL_HOLDS
    )
    if is_on and not tried.exists():
        detail = _("Try these months out first: you see what would go.")
        raise Conflict(detail, faults=[Fault("not_tried", detail, "months")])
    return RetentionTerm.objects.create(
        rule=rule.code, months=months, is_on=is_on, reason=reason.strip(), decided_by=actor_of(principal)
    )


def terms() -> dict[str, RetentionTerm]:
    """What was decided last, by rule; a rule of which nobody decided is not in it."""
    return {term.rule: term for term in RetentionTerm.objects.newest()}


def last_trial(rule: RetentionRule) -> RetentionRun | None:
    """The last time a rule was tried out."""
    return RetentionRun.objects.filter(rule=rule.code, is_trial=True).order_by("-pk").first()


def check_months(rule: RetentionRule, months: int) -> None:
    """Raise InvalidInput for a term shorter than the rule allows."""
    if months < rule.least:
        detail = _("Keep it for %(months)s months at least.") % {"months": rule.least}
        raise InvalidInput(detail, faults=[Fault("too_short", detail, "months")])
