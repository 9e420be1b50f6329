"""Sourcing profiles: drafted, tried out, published for good. The one in force is kept per process for a moment."""

import time
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.actors import actor_of
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.inventory.models import Criterion, SourcingProfile, SourcingStrategy
from apps.inventory.services.decisions import Profile, Strategy

KEPT_SECONDS = 30.0
"""How long another process may go on deciding by the profile before."""

_kept: tuple[float, Profile] | None = None


def profile_in_force() -> Profile:
    """The profile published last; without any the built-in rule."""
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > KEPT_SECONDS:
        published = SourcingProfile.objects.published().order_by("-published_at", "-pk").first()
        _kept = (time.monotonic(), as_rules(published) if published else Profile())
    return _kept[1]


def forget() -> None:
    """Read anew at the next question: after publishing, and between tests."""
    global _kept
    _kept = None


def as_rules(profile: SourcingProfile) -> Profile:
    """A profile as the decision reads it."""
    return Profile(
        id=profile.pk,
        strategies=tuple(_as_rule(strategy) for strategy in profile.strategies.order_by("position")),
        takes_from_anywhere=profile.takes_from_anywhere,
    )


def _as_rule(strategy: SourcingStrategy) -> Strategy:
    return Strategy(
        name=strategy.name,
        criteria=tuple(strategy.criteria),
        channels=tuple(strategy.channels),
        countries=tuple(strategy.countries),
        speeds=tuple(strategy.speeds),
        least_value=strategy.least_value,
        most_value=strategy.most_value,
        sources=strategy.sources,
        only_own=strategy.only_own,
        most_days=strategy.most_days,
        in_time=strategy.in_time,
        most_km=strategy.most_km,
        most_parcels=strategy.most_parcels,
        keep_days=strategy.keep_days,
        divides=strategy.divides,
    )


@transaction.atomic
def draft_profile(*, version: str, name: str, takes_from_anywhere: bool) -> SourcingProfile:
    """Begin a profile that decides nothing yet. It starts with the strategies of the one in force, to be changed."""
    if SourcingProfile.objects.filter(version=version).exists():
        detail = _("There is a version %(version)s already.") % {"version": version}
        raise Conflict(detail, code="version_taken", faults=[Fault("version_taken", detail, "version")])
    before = SourcingProfile.objects.published().order_by("-published_at", "-pk").first()
    draft = SourcingProfile.objects.create(version=version, name=name, takes_from_anywhere=takes_from_anywhere)
    for strategy in before.strategies.all() if before else ():
        strategy.pk, strategy.profile = None, draft
        strategy.save(force_insert=True)
    return draft


@transaction.atomic
def put_strategy(*, profile: SourcingProfile, position: int | None, **values: Any) -> SourcingStrategy:
    """Write a strategy at a position of a draft; without a position after the last one. Raises Conflict for a published one."""
    draft = _locked_draft(profile)
    _check_criteria(values["criteria"])
    if position is None:
        last = draft.strategies.order_by("-position").first()
        return draft.strategies.create(position=last.position + 1 if last else 1, **values)
    strategy, _created = draft.strategies.update_or_create(position=position, defaults=values)
    return strategy


@transaction.atomic
def drop_strategy(*, strategy: SourcingStrategy) -> None:
    """Take a strategy out of a draft; those after it move up."""
    draft = _locked_draft(strategy.profile)
    strategy.delete()
    for position, left in enumerate(draft.strategies.order_by("position"), start=1):
        if left.position != position:
            left.position = position
            left.save(update_fields=["position"])


@transaction.atomic
def publish_profile(*, profile: SourcingProfile, principal: Any) -> SourcingProfile:
    """Let a draft decide from now on; it never changes again. Orders that stand keep the location they have."""
    draft = SourcingProfile.objects.select_for_update().get(pk=profile.pk)
    check_publishable(draft)
    draft.published_at = timezone.now()
    draft.published_by = actor_of(principal)
    draft.save(update_fields=["published_at", "published_by"])
    transaction.on_commit(forget)
    return draft


def check_publishable(profile: SourcingProfile) -> None:
    """Raise Conflict for a profile that was published, or has nothing to decide by."""
    check_is_draft(profile)
    if not profile.strategies.exists():
        raise Conflict(_("Write down at least one strategy first."), code="no_strategy")


def check_is_draft(profile: SourcingProfile) -> None:
    """Raise Conflict for a profile that was published."""
    if profile.published_at is not None:
        raise Conflict(
            _("Version %(version)s was published already.") % {"version": profile.version}, code="already_published"
        )


def _locked_draft(profile: SourcingProfile) -> SourcingProfile:
    draft = SourcingProfile.objects.select_for_update().get(pk=profile.pk)
    check_is_draft(draft)
    return draft


def _check_criteria(criteria: Sequence[str]) -> None:
    wrong = [criterion for criterion in criteria if criterion not in Criterion.values]
    if wrong or not criteria or len(set(criteria)) < len(criteria):
        detail = _("Name at least one criterion, and each of them once.")
        raise InvalidInput(detail, code="invalid_criteria", faults=[Fault("invalid_criteria", detail, "criteria")])
