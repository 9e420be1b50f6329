"""The review of looks: finding, judging, watching names, and what a customer may know of it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import AccessGrant, User
from apps.core.actors import actor_of
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.customers.models import MatchEvent
from apps.customers.review.models import Finding, Judgement, Look, Watched
from apps.customers.review.rules import as_rows, findings
from apps.network.models import Location

STRETCH = dt.timedelta(hours=30)
"""How far back each review reads: over a day, so that what is only told at its end is found whenever the review ran."""


@transaction.atomic
def review(*, until: dt.datetime | None = None) -> int:
    """Run the rules over the last stretch of the log and write down what they find, once. Gives how many are new."""
    until = until or timezone.now()
    before = Finding.objects.count()
    Finding.objects.bulk_create(as_rows(findings(since=until - STRETCH, until=until)), ignore_conflicts=True)
    return Finding.objects.count() - before


@transaction.atomic
def judge(*, finding: Finding, outcome: str, reason: str, principal: Any, request_number: str = "") -> Judgement:
    """Write down what came of a finding. Nobody judges their own looks, nor looks at themselves."""
    check_may_judge(finding, principal)
    if not reason.strip():
        detail = _("Say what you found out.")
        raise InvalidInput(detail, faults=[Fault("required", detail, "reason")])
    if outcome not in Judgement.Outcome.values:
        raise InvalidInput(_("Choose an outcome."), faults=[Fault("invalid", _("Choose an outcome."), "outcome")])
    return Judgement.objects.create(
        finding=finding,
        outcome=outcome,
        reason=reason.strip(),
        request_number=request_number.strip(),
        judged_by=actor_of(principal),
    )


def check_may_judge(finding: Finding, principal: Any) -> None:
    """Raise Conflict where somebody would judge their own looks."""
    if finding.principal == actor_of(principal):
        raise Conflict(_("These are your own look-ups. Somebody else reviews them."), code="own_looks")


@transaction.atomic
def watch(*, source_record_id: int, principal: Any, user: User | None = None) -> Watched:
    """Put a customer on the list of names whose looks are reviewed: as well known, or as a colleague's own record."""
    known = Watched.objects.filter(source_record=source_record_id, ended_at=None).first()
    return known or Watched.objects.create(source_record_id=source_record_id, user=user, added_by=actor_of(principal))


@transaction.atomic
def stop_watching(*, watched: Watched) -> None:
    """Take somebody off the list."""
    Watched.objects.filter(pk=watched.pk, ended_at=None).update(ended_at=timezone.now())


@dataclass(frozen=True)
class LookedAt:
    """One look as the customer may know it: when, what for, as what and where somebody worked, what they saw. Never who."""

    at: dt.datetime
    purpose: str
    role: str
    store: str
    source: str
    part: str


def looks_at(source_record_ids: Sequence[int]) -> list[LookedAt]:
    """Every look at these records, newest first, whoever they were joined with at the time."""
    held = _keys_held(source_record_ids)
    if not held:
        return []
    looks = Look.objects.filter(customer_key__in=held, outcome=Look.Outcome.ONE).order_by("-at", "-pk")
    mine = [
        look
        for look in looks
        if look.customer_key and any(start <= look.at < end for start, end in held[look.customer_key])
    ]
    places = Location.objects.in_bulk({look.location_id for look in mine if look.location_id})
    return [
        LookedAt(
            at=look.at,
            purpose=look.purpose,
            role=look.role,
            store=places[look.location_id].name if look.location_id in places else "",
            source=look.source,
            part=look.part or look.act,
        )
        for look in mine
    ]


def _keys_held(source_record_ids: Sequence[int]) -> dict[UUID, list[tuple[dt.datetime, dt.datetime]]]:
    """Under which customer keys these records stood, and from when until when: a look at a customer was a look at those
    records that belonged to them at the time."""
    ever = dt.datetime.min.replace(tzinfo=dt.UTC)
    always = dt.datetime.max.replace(tzinfo=dt.UTC)
    by_record: dict[int, list[tuple[dt.datetime, UUID]]] = defaultdict(list)
    events = MatchEvent.objects.filter(source_record__in=source_record_ids).order_by("source_record", "pk")
    for record, at, key in events.values_list("source_record", "recorded_at", "customer_key"):
        by_record[record].append((at, key))
    held: dict[UUID, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
    for decided in by_record.values():
        ends = [at for at, _key in decided[1:]] + [always]
        for n, ((at, key), end) in enumerate(zip(decided, ends, strict=True)):
            held[key].append((at if n else ever, end))
    return held


def looks_of(finding: Finding) -> list[Look]:
    """The looks a finding is about, newest first; at most two hundred."""
    looks = Look.objects.filter(principal=finding.principal, day=finding.day)
    rule = Finding.Rule(finding.rule)
    if finding.customer_key:
        looks = looks.filter(customer_key=finding.customer_key)
    elif rule == Finding.Rule.ENUMERATION:
        looks = looks.filter(act=Look.Act.LOOK_UP)
    elif rule == Finding.Rule.GUESSED:
        looks = looks.filter(outcome=Look.Outcome.REFUSED)
    elif rule == Finding.Rule.VOLUME:
        looks = looks.filter(Q(act=Look.Act.LOOK_UP) | Q(outcome=Look.Outcome.ONE))
    return list(looks.order_by("-at", "-pk")[:200])


def cases_of(looks: Sequence[Look]) -> dict[UUID | None, str]:
    """In which case each look was, by the key of its grant."""
    keys = {look.grant_key for look in looks if look.grant_key}
    return dict(AccessGrant.objects.filter(key__in=keys).exclude(case="").values_list("key", "case"))
