"""Writing the policy: drafted from the version before, changed, published for good."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.actors import actor_of
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.core.events.log import Happened, record
from apps.portal import formats
from apps.portal.discretion import Tag
from apps.portal.registry import contributed
from apps.service.guidance.models import PARTS, DatumRule, GuidanceRule, Policy
from apps.service.guidance.states import known_states
from apps.service.models import ContactMoment, Topic


def draft_policy(*, valid_from: dt.date, note: str = "") -> Policy:
    """Begin the next version, with the rules and tags of the newest one, to be changed.

    Raises Conflict while another draft is being made: who writes rules writes them together.
    """
    try:
        with transaction.atomic():
            return _draft(valid_from, note)
    except IntegrityError as twin:
        raise Conflict(_("Somebody began a draft at this moment."), code="draft_taken") from twin


def _draft(valid_from: dt.date, note: str) -> Policy:
    being_made = Policy.objects.filter(published_at=None).first()
    if being_made is not None:
        raise Conflict(_("%(draft)s is being made already.") % {"draft": being_made}, code="draft_taken")
    before = Policy.objects.published().order_by("-number").first()
    draft = Policy(number=before.number + 1 if before else 1, valid_from=valid_from, note=note)
    if before is not None:
        for name in ("new_days", "lapsed_days", "complaint_days"):
            setattr(draft, name, getattr(before, name))
    draft.save(force_insert=True)
    rows: list[Any] = [*before.rules.all(), *before.data.all()] if before else []
    for row in rows:
        row.pk, row.policy = None, draft
        row.save(force_insert=True)
    return draft


@transaction.atomic
def change_policy(
    *, policy: Policy, valid_from: dt.date, note: str, new_days: int, lapsed_days: int, complaint_days: int
) -> Policy:
    """Say of a draft from when it holds, what it changes, and what it means by new, lapsed and an open complaint."""
    draft = _locked_draft(policy)
    if lapsed_days <= new_days:
        detail = _("Lapsed is longer than new.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "lapsed_days")])
    draft.valid_from, draft.note = valid_from, note
    draft.new_days, draft.lapsed_days, draft.complaint_days = new_days, lapsed_days, complaint_days
    draft.save()
    return draft


@transaction.atomic
def put_rule(
    *,
    policy: Policy,
    name: str,
    position: int | None = None,
    place: int | None = None,
    state: str = "",
    channels: Sequence[str] = (),
    topic: Topic | None = None,
    texts: Mapping[str, Mapping[str, str]],
) -> GuidanceRule:
    """Write a rule of a draft: the one at a `position`, or a new one after the last. `place` is where it is to stand.

    `texts` are {"say": {"nl": …, "en": …}, "ask": …, "skip": …}. Raises InvalidInput for a rule that says nothing, or is about a
    state or channel that there is none of.
    """
    draft = _locked_draft(policy)
    said = {part: {lang: text.strip() for lang, text in texts.get(part, {}).items() if text.strip()} for part in PARTS}
    _check_rule(state, channels, said)
    values: dict[str, Any] = {"name": name, "state": state, "channels": list(channels), "topic": topic, **said}
    if position is None:
        last = draft.rules.aggregate(last=Max("position"))["last"] or 0
        rule = draft.rules.create(position=last + 1, **values)
    else:
        rule, _created = draft.rules.update_or_create(position=position, defaults=values)
    if place is not None and place != rule.position:
        others = [each for each in draft.rules.order_by("position") if each.pk != rule.pk]
        others.insert(min(max(place, 1), len(others) + 1) - 1, rule)
        _in_line(others)
    return rule


def _check_rule(state: str, channels: Sequence[str], said: Mapping[str, Mapping[str, str]]) -> None:
    if state and state not in {each.name for each in known_states()}:
        detail = _("There is no state %(state)s.") % {"state": state}
        raise InvalidInput(detail, faults=[Fault("does_not_exist", detail, "state")])
    if wrong := [channel for channel in channels if channel not in ContactMoment.Channel.values]:
        detail = _("There is no channel %(channel)s.") % {"channel": wrong[0]}
        raise InvalidInput(detail, faults=[Fault("does_not_exist", detail, "channels")])
    if not any(said.values()):
        detail = _("Write down at least one thing to say, to ask or to leave out.")
        raise InvalidInput(detail, code="says_nothing", faults=[Fault("says_nothing", detail, "say_nl")])


@transaction.atomic
def drop_rule(*, rule: GuidanceRule) -> None:
    """Take a rule out of a draft; those after it move up."""
    draft = _locked_draft(rule.policy)
    rule.delete()
    _in_line(draft.rules.order_by("position"))


def _in_line(rules: Any) -> None:
    for position, rule in enumerate(rules, start=1):
        if rule.position != position:
            rule.position = position
            rule.save(update_fields=["position"])


@transaction.atomic
def put_tags(*, policy: Policy, datum: str, tags: Mapping[tuple[str, str], str]) -> None:
    """Say in a draft how much of a datum may be said: {(role, purpose): tag}. What is left out is as the program proposes."""
    draft = _locked_draft(policy)
    if datum not in {each.name for each in contributed.data()}:
        raise InvalidInput(_("There is no datum %(datum)s.") % {"datum": datum})
    draft.data.filter(datum=datum).delete()
    for (role, purpose), tag in tags.items():
        DatumRule.objects.create(policy=draft, datum=datum, role=role, purpose=purpose, tag=Tag(tag))


@transaction.atomic
def publish_policy(*, policy: Policy, principal: Any) -> Policy:
    """Put a draft in force from its first day on; it never changes again."""
    others = list(Policy.objects.published().select_for_update().order_by("pk"))
    draft = Policy.objects.select_for_update().get(pk=policy.pk)
    check_publishable(draft, others)
    draft.published_at, draft.published_by = timezone.now(), actor_of(principal)
    draft.save(update_fields=["published_at", "published_by"])
    record(
        Happened(
            topic="policy.published",
            object_type="policy",
            object_key=str(draft.number),
            occurred_at=draft.published_at,
            payload={"version": draft.number, "valid_from": draft.valid_from.isoformat()},
        )
    )
    return draft


def check_publishable(policy: Policy, others: Sequence[Policy] | None = None) -> None:
    """Raise Conflict for what was published, says nothing, or begins before today or before another version does."""
    check_is_draft(policy)
    if not policy.rules.exists() and not policy.data.exists():
        raise Conflict(_("Write down at least one rule first."), code="no_rule")
    if policy.valid_from < timezone.localdate():
        raise Conflict(_("Let it begin today or later: what was said before was said by other rules."), code="past")
    published = Policy.objects.published() if others is None else others
    later = [other for other in published if other.valid_from > policy.valid_from]
    if later:
        raise Conflict(
            _("%(version)s begins on %(day)s; let this one begin no earlier.")
            % {"version": later[0], "day": formats.day(later[0].valid_from)},
            code="before_another",
        )


def check_is_draft(policy: Policy) -> None:
    """Raise Conflict for a version that was published."""
    if policy.is_published:
        raise Conflict(_("%(version)s was published already.") % {"version": policy}, code="already_published")


@transaction.atomic
def discard_draft(*, policy: Policy) -> None:
    """Throw a draft away. What was published stays for ever."""
    _locked_draft(policy).delete()


def _locked_draft(policy: Policy) -> Policy:
    draft = Policy.objects.select_for_update().get(pk=policy.pk)
    check_is_draft(draft)
    return draft
