"""KeptQuery the policy: the version in force, and its rules as choosing and the tags of data read them."""

from collections.abc import Sequence

from django.utils import timezone

from apps.core.statements import KeptQuery, today
from apps.customers.discretion import TagRule
from apps.portal.discretion import Tag
from apps.service.guidance.choosing import Condition
from apps.service.guidance.models import DatumRule, GuidanceRule, Policy
from apps.service.guidance.states import Terms


def policy_in_force() -> Policy | None:
    """The version that holds today. It is read anew each time: what was hidden a moment ago must not be shown."""
    return Policy.objects.on(timezone.localdate()).first()


def terms_of(policy: Policy | None) -> Terms:
    """What a version means by new, lapsed and an open complaint; without any the usual."""
    now = timezone.now()
    if policy is None:
        return Terms(now=now)
    return Terms(
        new_days=policy.new_days, lapsed_days=policy.lapsed_days, complaint_days=policy.complaint_days, now=now
    )


def condition_of(rule: GuidanceRule) -> Condition:
    """When a rule holds, as choosing reads it."""
    return Condition(position=rule.position, state=rule.state, channels=tuple(rule.channels), topic=rule.topic_id or "")


def tags_of_policy(policy: Policy) -> list[TagRule]:
    """What a version says of the tags of data."""
    return [_as_rule(rule) for rule in policy.data.all()]


def tags_in_force() -> Sequence[TagRule]:
    """The tags that head office changed, of the version that holds today, in one query."""
    return [_as_rule(rule) for rule in _rules_in_force.read()]


_rules_in_force = KeptQuery(
    lambda _asked: DatumRule.objects.filter(policy__in=Policy.objects.on(today()).values("pk")[:1])
)


def _as_rule(rule: DatumRule) -> TagRule:
    return TagRule(datum=rule.datum, tag=Tag(rule.tag), role=rule.role, purpose=rule.purpose)
