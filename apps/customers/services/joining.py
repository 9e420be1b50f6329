"""Joining: two customers turn out to be one. An edge between two of their records says so, and nothing is copied or lost.

What rests on a rule is refused where something contradicts it; that is asked of somebody instead (`join_or_ask`). Somebody who
joins by hand has seen what speaks against it. What was declared to be never one customer is not joined by anybody, until that
word is taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.events.log import Happened, record_many
from apps.core.events.models import Origin
from apps.core.retry import retried
from apps.customers.models import Basis, Customer, Doubt, Edge, MatchEvent
from apps.customers.services.contradicting import contradictions, said
from apps.customers.services.regrouping import Cause, Move, hold, newest_words, pair, regroup_by, sides
from apps.customers.services.saying import RULE_VERSION, close, open_between
from apps.customers.services.suppressing import forgotten_records

NEVER = "never"


class Contradicted(Conflict):
    """Something says that the two are not one person. `codes` are those of `contradicting`, or "never"."""

    code = "contradicted"

    def __init__(self, detail: str, codes: Sequence[str]) -> None:
        super().__init__(detail)
        self.codes = list(codes)


class Forgotten(Conflict):
    """One of the two was erased: nobody is one person with a row that names nobody."""


@dataclass(frozen=True)
class Joined:
    """One of the records, whose customer both are now, and the records that came to it; none when they were one already."""

    source_record_id: int
    moves: Sequence[Move] = ()


def survivor(joined: Joined) -> Customer:
    """Who both are now, read at each call."""
    return Customer.objects.get(source_records=joined.source_record_id)


@retried
@transaction.atomic
def join(
    left: int,
    right: int,
    *,
    basis: str,
    actor: str,
    evidence: str = "",
    weight: float | None = None,
    probability: float | None = None,
    explanation: Sequence[dict[str, Any]] = (),
    reason: str = "",
    rule_version: str = RULE_VERSION,
    origin: str = Origin.LIVE,
) -> Joined:
    """Say that two source records are one person, and make their customers one: the older of the two.

    Raises Contradicted where a rule may not (`basis` other than by hand), or where they were declared to be never one; and
    Forgotten when one of the two was erased since they were read.
    """
    everybody = hold([left, right])
    if everybody[left] == everybody[right]:
        return Joined(left)
    if forgotten_records([left, right]):
        raise Forgotten(_("One of the two was forgotten in the meantime."))
    mine, theirs = sides(everybody, left, right)
    words = newest_words(everybody)
    if any(kind == Edge.Kind.NEVER for _edge, kind in words.values()):
        raise Contradicted(_("Somebody declared that these are never one customer."), [NEVER])
    weighed = basis == Basis.SCORED
    if basis != Basis.BY_HAND and (codes := contradictions(mine, theirs, weighed=weighed)):
        raise Contradicted(said(codes[0]), codes)
    smaller, larger = pair(left, right)
    edge = Edge.objects.create(
        left_id=smaller,
        right_id=larger,
        kind=Edge.Kind.SAME,
        basis=basis,
        evidence=evidence,
        weight=weight,
        probability=probability,
        explanation=list(explanation),
        rule_version=rule_version,
        actor=actor,
        reason=reason,
    )
    living = [those for those, (_edge, kind) in words.items() if kind == Edge.Kind.SAME]
    cause = Cause(MatchEvent.Kind.JOINED, actor, rule_version, evidence, dict.fromkeys(everybody, edge.pk))
    moves = regroup_by(everybody, [*living, (smaller, larger)], cause)
    close(open_between(mine, theirs), outcome=Doubt.Outcome.JOINED, actor=actor)
    record_many(_joined(moves, origin))
    return Joined(left, moves)


@transaction.atomic
def join_or_ask(left: int, right: int, *, basis: str, actor: str, **terms: Any) -> Joined | None:
    """Join two records, or where that is refused leave the question for somebody. None when it was left, or needs no asking."""
    try:
        return join(left, right, basis=basis, actor=actor, **terms)
    except Contradicted as refusal:
        if NEVER not in refusal.codes:
            ask(left, right, basis=basis, cause=",".join(refusal.codes), **_asked(terms))
        return None
    except Forgotten:
        return None


def ask(
    left: int,
    right: int,
    *,
    basis: str,
    cause: str,
    evidence: str = "",
    weight: float | None = None,
    probability: float | None = None,
    explanation: Sequence[dict[str, Any]] = (),
    rule_version: str = RULE_VERSION,
) -> None:
    """Leave it to somebody whether two records are one person. A question that is open already stays as it is."""
    smaller, larger = pair(left, right)
    Doubt.objects.bulk_create(
        [
            Doubt(
                left_id=smaller,
                right_id=larger,
                basis=basis,
                evidence=evidence,
                cause=cause[:48],
                weight=weight,
                probability=probability,
                explanation=list(explanation),
                rule_version=rule_version,
            )
        ],
        ignore_conflicts=True,
    )


def _asked(terms: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in terms.items() if name not in {"reason", "origin"}}


def _joined(moves: Sequence[Move], origin: str) -> list[Happened]:
    """An event for the customer that records came to, naming those they came from."""
    into = {move.customer_key for move in moves}
    return [
        Happened(
            topic="customer.joined",
            object_type="customer",
            object_key=str(key),
            occurred_at=timezone.now(),
            origin=origin,
            payload={
                "customer": str(key),
                "merged": sorted({str(move.from_key) for move in moves if move.customer_key == key}),
                "source_records": [move.source_record_id for move in moves if move.customer_key == key],
            },
        )
        for key in sorted(into)
    ]
