"""What clerks do with pairs: take the next, say that they are one or never one, put off, assign, take back.

A pair is in front of one clerk at a time: taking it holds it for a while. Whoever decides holds the row, so of two who decide
at once the second is told. Whoever joins or takes apart these customers elsewhere holds them first and the row after it, so
a clerk who gets in their way decides again.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.accounts.services import grant_access
from apps.core.actors import actor_of
from apps.core.errors import Conflict, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.reach import reach_of
from apps.core.retry import retried
from apps.core.statements import now
from apps.customers.models import Basis, Customer, Doubt, DoubtAct, Edge
from apps.customers.resolving.doubting import SAMPLE
from apps.customers.services.joining import join
from apps.customers.services.parting import allow_again, keep_apart, undo_join
from apps.customers.services.regrouping import newest_words, pair

Kind, Outcome = DoubtAct.Kind, Doubt.Outcome
PURPOSE = "matching"
HELD = dt.timedelta(minutes=10)
PUT_OFF = dt.timedelta(days=1)
UNDONE_WITHIN = dt.timedelta(hours=24)


class Why(models.TextChoices):
    """Why two are never one customer."""

    RELATIVES = "relatives", gettext_lazy("Relatives: parent and child, brothers or sisters")
    PARTNERS = "partners", gettext_lazy("Partners or housemates")
    TWINS = "twins", gettext_lazy("Twins")
    NAMESAKES = "namesakes", gettext_lazy("Two people of one name")
    OTHER = "other", gettext_lazy("Another reason")


class Taken(Conflict):
    """A colleague has this pair, or decided about it."""

    code = "pair_taken"


def waiting_for(clerk: User) -> QuerySet[Doubt]:
    """The pairs that a clerk may be given now: open, not put off, of nobody else."""
    return Doubt.objects.visible_to(clerk).filter(
        Q(put_off_until=None) | Q(put_off_until__lte=now()),
        Q(assigned_to=None) | Q(assigned_to=clerk.pk),
        Q(held_until=None) | Q(held_until__lte=now()) | Q(held_by=clerk.pk),
        ~Q(first_yes_by=actor_of(clerk)),
        outcome=Outcome.OPEN,
    )


@transaction.atomic
def take_next(*, clerk: User, passing: Doubt | None = None) -> Doubt | None:
    """The pair that a clerk is to decide about next: what was assigned to them, then the likeliest, what is only
    to be checked last. It is held for them.

    `passing` is the one they have just seen, and let go.
    """
    rows = waiting_for(clerk)
    if passing is not None:
        Doubt.objects.filter(pk=passing.pk, held_by=clerk).update(held_by=None, held_until=None)
        rows = rows.exclude(pk=passing.pk)
    first_own = models.Case(models.When(assigned_to=clerk, then=0), models.When(cause=SAMPLE, then=2), default=1)
    taken = rows.select_for_update(skip_locked=True, of=("self",)).order_by(
        first_own, models.F("probability").desc(nulls_last=True), "pk"
    )
    doubt = taken.first()
    if doubt is not None:
        _hold(doubt, clerk)
    return doubt


@transaction.atomic
def take(*, doubt: Doubt, clerk: User) -> Doubt:
    """Hold one pair for a clerk, who sees it from now on. Raises Taken when a colleague has it.

    Looking is a look-up: both customers are open to the clerk for a while, and it is written down.
    """
    doubt = _locked(doubt)
    if doubt.outcome == Outcome.OPEN:
        _refuse_of_colleague(doubt, clerk)
        _hold(doubt, clerk)
    return doubt


def write_down_look(*, doubt: Doubt, clerk: User) -> None:
    """Write down that a clerk sees who a pair are, once for each time that it is open to them."""
    open_now = reach_of(clerk).granted("customer")
    keys = Customer.objects.filter(source_records__in=[doubt.left_id, doubt.right_id]).values_list("key", flat=True)
    for key in sorted({str(key) for key in keys} - set(open_now)):
        grant_access(
            principal=clerk,
            object_type="customer",
            object_key=key,
            purpose=PURPOSE,
            evidence="doubt",
            case=str(doubt.pk),
        )


@retried
@transaction.atomic
def say_same(*, doubt: Doubt, clerk: User) -> DoubtAct:
    """Both are one customer. Where a second pair of eyes is asked, this is the first. Raises Contradicted, Taken."""
    doubt = _open(doubt, clerk)
    if needs_second(doubt) and not doubt.first_yes_by:
        doubt.first_yes_by, doubt.assigned_to = actor_of(clerk), None
        return _done(doubt, clerk, Kind.AGREED)
    join(
        doubt.left_id,
        doubt.right_id,
        basis=Basis.BY_HAND,
        actor=actor_of(clerk),
        **_found(doubt),
    )
    return _decided(doubt, clerk, Outcome.JOINED, Kind.JOINED)


@retried
@transaction.atomic
def say_never(*, doubt: Doubt, clerk: User, why: str) -> DoubtAct:
    """Never one customer, which no run undoes. Raises InvalidInput without a reason, Taken."""
    if why not in Why.values:
        raise InvalidInput(_("Say why they are not one customer."), code="required")
    doubt = _open(doubt, clerk)
    actor, said = actor_of(clerk), str(Why(why).value)
    if doubt.cause == SAMPLE:
        if (edge := joining_edge(doubt)) is None:
            raise Conflict(_("What joined them was taken back in the meantime."))
        undo_join(edge, actor=actor, reason=said, never=True)
    else:
        keep_apart(doubt.left_id, doubt.right_id, actor=actor, reason=said)
    return _decided(doubt, clerk, Outcome.APART, Kind.APART, why=why)


@transaction.atomic
def put_off(*, doubt: Doubt, clerk: User) -> DoubtAct:
    """Not now: nobody is given it before tomorrow."""
    doubt = _open(doubt, clerk)
    doubt.put_off_until = timezone.now() + PUT_OFF
    return _done(doubt, clerk, Kind.PUT_OFF)


@transaction.atomic
def assign(*, doubt: Doubt, clerk: User, to: User) -> DoubtAct:
    """Leave it to a colleague, who is given it first. Raises InvalidInput for somebody who may not decide."""
    if not reach_of(to).may("customers.match"):
        raise InvalidInput(_("This colleague does not decide about pairs."))
    doubt = _open(doubt, clerk)
    doubt.assigned_to = to
    return _done(doubt, clerk, Kind.ASSIGNED)


@retried
@transaction.atomic
def take_back(*, clerk: User) -> DoubtAct:
    """Undo the last thing that a clerk did with a pair, and hold that pair for them. Raises Conflict when there is none."""
    act = last_act(clerk)
    if act is None:
        raise Conflict(_("There is nothing of yours to take back."))
    doubt = _locked(act.doubt)
    actor = actor_of(clerk)
    match act.kind:
        case Kind.JOINED if doubt.cause != SAMPLE:
            if (edge := joining_edge(doubt)) is None:
                raise Conflict(_("What joined them was taken back in the meantime."))
            undo_join(edge, actor=actor, reason="undone")
        case Kind.APART:
            allow_again(doubt.left_id, doubt.right_id, actor=actor, reason="undone")
            if doubt.cause == SAMPLE:
                join(doubt.left_id, doubt.right_id, basis=Basis.SCORED, actor=actor, **_found(doubt))
    if (
        Doubt.objects.filter(left=doubt.left_id, right=doubt.right_id, outcome=Outcome.OPEN)
        .exclude(pk=doubt.pk)
        .exists()
    ):
        raise Conflict(_("The same pair was asked again in the meantime."))
    doubt.outcome, doubt.decided_by, doubt.decided_at = Outcome.OPEN, "", None
    doubt.put_off_until = doubt.assigned_to = None
    if doubt.first_yes_by == actor:
        doubt.first_yes_by = ""
    doubt.held_by, doubt.held_until = clerk, timezone.now() + HELD
    return _done(doubt, clerk, Kind.UNDONE, undoes=act, lets_go=False)


def last_act(clerk: User) -> DoubtAct | None:
    """The last thing a clerk did that can still be taken back."""
    since = timezone.now() - UNDONE_WITHIN
    done = DoubtAct.objects.filter(actor=actor_of(clerk), recorded_at__gt=since, undone_by=None)
    return done.exclude(kind=Kind.UNDONE).select_related("doubt").order_by("-pk").first()


def needs_second(doubt: Doubt) -> bool:
    """Whether two clerks are to say that these are one: from so many records together, where the chain asks for that."""
    least = settings.MATCHING_SECOND_LOOK_FROM
    if not least or doubt.cause == SAMPLE:
        return False
    both = Customer.objects.filter(source_records__in=[doubt.left_id, doubt.right_id])
    return both.aggregate(records=models.Count("source_records", distinct=True))["records"] >= least


def joining_edge(doubt: Doubt) -> Edge | None:
    """The edge by which the two are one customer."""
    word = newest_words([doubt.left_id, doubt.right_id]).get(pair(doubt.left_id, doubt.right_id))
    return Edge.objects.get(pk=word[0]) if word is not None and word[1] == Edge.Kind.SAME else None


def _found(doubt: Doubt) -> dict[str, Any]:
    """What was known of the two when they were asked, for their edge."""
    return {
        "evidence": doubt.evidence,
        "weight": doubt.weight,
        "probability": doubt.probability,
        "explanation": doubt.explanation,
    }


def _locked(doubt: Doubt) -> Doubt:
    return Doubt.objects.select_for_update(of=("self",)).get(pk=doubt.pk)


def _open(doubt: Doubt, clerk: User) -> Doubt:
    doubt = _locked(doubt)
    if doubt.outcome != Outcome.OPEN:
        raise Taken(_("This pair was decided about in the meantime."))
    _refuse_of_colleague(doubt, clerk)
    if doubt.first_yes_by == actor_of(clerk):
        raise Taken(_("You said that they are one. Somebody else has the second look."))
    return doubt


def _refuse_of_colleague(doubt: Doubt, clerk: User) -> None:
    if doubt.held_by_id not in (None, clerk.pk) and doubt.held_until and doubt.held_until > timezone.now():
        raise Taken(_("A colleague is looking at this pair."))


def _hold(doubt: Doubt, clerk: User) -> None:
    doubt.held_by, doubt.held_until = clerk, timezone.now() + HELD
    doubt.save(update_fields=["held_by", "held_until"])


def _decided(doubt: Doubt, clerk: User, outcome: str, kind: str, *, why: str = "") -> DoubtAct:
    doubt.outcome, doubt.decided_by, doubt.decided_at = outcome, actor_of(clerk), timezone.now()
    return _done(doubt, clerk, kind, why=why)


def _done(
    doubt: Doubt, clerk: User, kind: str, *, why: str = "", undoes: DoubtAct | None = None, lets_go: bool = True
) -> DoubtAct:
    if lets_go:
        doubt.held_by = doubt.held_until = None
    doubt.save()
    act = DoubtAct.objects.create(doubt=doubt, kind=kind, actor=actor_of(clerk), reason=why, undoes=undoes)
    record(
        Happened(
            topic=f"doubt.{kind}",
            object_type="doubt",
            object_key=str(doubt.key),
            occurred_at=act.recorded_at,
            payload={"doubt": str(doubt.key), "source_records": [doubt.left_id, doubt.right_id], "why": why},
        )
    )
    return act
