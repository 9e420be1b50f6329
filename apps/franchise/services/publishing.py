"""Rule sets: drafted, then published for good, from a day to come."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.actors import actor_of
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.franchise.models import Evidence, RuleSet


@transaction.atomic
def draft_rule_set(*, version: str, name: str, waterfall: Sequence[str], valid_from: dt.date) -> RuleSet:
    """Write down a waterfall that nobody is judged by yet. Kinds stand in order; the residual is always the last."""
    _check_waterfall(waterfall)
    if RuleSet.objects.filter(version=version).exists():
        detail = _("There is a version %(version)s already.") % {"version": version}
        raise Conflict(detail, code="version_taken", faults=[Fault("version_taken", detail, "version")])
    return RuleSet.objects.create(version=version, name=name, waterfall=list(waterfall), valid_from=valid_from)


@transaction.atomic
def publish_rule_set(*, rule_set: RuleSet, principal: Any) -> RuleSet:
    """Put a draft in force from its first day on; from then on it never changes.

    The first set may start in the past, since nothing was judged before it. Every later one starts tomorrow at the
    earliest, so that no order that exists is judged anew.
    """
    others = list(RuleSet.objects.published().exclude(pk=rule_set.pk).select_for_update().order_by("pk"))
    draft = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
    check_publishable(draft, others)
    draft.published_at = timezone.now()
    draft.published_by = actor_of(principal)
    draft.save(update_fields=["published_at", "published_by"])
    return draft


def check_publishable(draft: RuleSet, others: Collection[RuleSet]) -> None:
    """Raise Conflict when a draft may not come into force beside the `others` that were published."""
    if draft.published_at is not None:
        raise Conflict(
            _("Version %(version)s was published already.") % {"version": draft.version}, code="already_published"
        )
    if others and draft.valid_from <= timezone.localdate():
        raise Conflict(
            _("Orders are judged by the rules of their day. Let the new rules start tomorrow or later."),
            code="starts_in_the_past",
        )
    if any(other.valid_from == draft.valid_from for other in others):
        raise Conflict(_("Another rule set already starts on %(day)s.") % {"day": draft.valid_from}, code="day_taken")


def _check_waterfall(waterfall: Sequence[str]) -> None:
    known = set(Evidence.values)
    wrong = [kind for kind in waterfall if kind not in known]
    if wrong:
        detail = _("%(kind)s is no kind of evidence.") % {"kind": wrong[0]}
    elif len(set(waterfall)) != len(waterfall):
        detail = _("A kind of evidence can stand in the waterfall once.")
    elif not waterfall or waterfall[-1] != Evidence.RESIDUAL:
        detail = _("The last step of a waterfall is head office, so that every cent has a place.")
    else:
        return
    raise InvalidInput(detail, code="invalid_waterfall", faults=[Fault("invalid_waterfall", detail, "waterfall")])
