"""Taking apart: records that were joined are two customers again, each under the key it had before.

The edges between the two are withdrawn, or replaced by the word that they are never one, which no rebuild undoes.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, InvalidInput
from apps.core.events.log import Happened, record_many
from apps.core.retry import retried
from apps.customers.models import Basis, Customer, Doubt, Edge, MatchEvent, SourceRecord
from apps.customers.services.joining import RULE_VERSION
from apps.customers.services.regrouping import Move, Pair, groups, hold, newest_words, pair, records_of, regroup


@dataclass(frozen=True)
class Parted:
    """The customer that stays, and the one that the others are now."""

    stays: Customer
    goes: Customer
    moves: Sequence[Move]


@retried
@transaction.atomic
def part(
    *,
    source_record_ids: Collection[int],
    actor: str,
    reason: str = "",
    never: bool = False,
    seen: Collection[int] | None = None,
) -> Parted:
    """Take some records of a customer away from its others. With `never` the two are not joined again by any rule.

    Each side stays together, whatever held it together before. `seen` are the records that somebody chose from: what came since
    goes where the records are that it was recognised by. Raises InvalidInput when they are not some, and not all, of the
    records of one customer.
    """
    going = set(source_record_ids)
    owners = hold(going)
    if len(set(owners.values())) != 1:
        raise InvalidInput(_("Choose records of one customer."))
    [customer_id] = set(owners.values())
    everybody = set(owners)
    words = newest_words(everybody)
    living = [those for those, (_edge, kind) in words.items() if kind == Edge.Kind.SAME]
    if seen is not None:
        going |= _followers(going, everybody - set(seen), living)
    staying = everybody - going
    if not staying or not going <= everybody:
        raise InvalidInput(_("Choose some of the records, and leave some."))
    between = [those for those in living if (those[0] in going) != (those[1] in going)]
    within = [those for those in living if (those[0] in going) == (those[1] in going)]
    kind = Edge.Kind.NEVER if never else Edge.Kind.WITHDRAWN
    said = dict.fromkeys(between, kind) | dict.fromkeys(_bridges(going, staying, within), Edge.Kind.SAME)
    edges = _say(said, actor=actor, reason=reason)
    moves = regroup(
        [customer_id],
        kind=MatchEvent.Kind.PARTED,
        actor=actor,
        rule_version=RULE_VERSION,
        edges={record: edges[those] for those in between for record in those},
    )
    goes, stays = (Customer.objects.get(source_records=min(side)) for side in (going, staying))
    record_many([_parted(stays.key, goes.key, moves)])
    return Parted(stays, goes, moves)


@retried
@transaction.atomic
def keep_apart(left: int, right: int, *, actor: str, reason: str = "") -> None:
    """Declare that two records are never one customer. Raises Conflict while they are: take them apart instead."""
    both = hold([left, right])
    if both[left] == both[right]:
        raise Conflict(_("These are one customer now. Take them apart."))
    _say({pair(left, right): Edge.Kind.NEVER}, actor=actor, reason=reason)
    Doubt.objects.filter(outcome=Doubt.Outcome.OPEN, left__in=both, right__in=both).update(
        outcome=Doubt.Outcome.APART, decided_by=actor, decided_at=timezone.now()
    )


@retried
@transaction.atomic
def allow_again(left: int, right: int, *, actor: str, reason: str = "") -> None:
    """Take back that the customers of two records are never one."""
    words = newest_words(hold([left, right]))
    never = {those: Edge.Kind.WITHDRAWN for those, (_edge, kind) in words.items() if kind == Edge.Kind.NEVER}
    _say(never, actor=actor, reason=reason)


def undo_join(edge: Edge, *, actor: str, reason: str = "", never: bool = False) -> Parted:
    """Take a joining back: what hangs on the one side of its edge goes from what hangs on the other.

    The side stays that the customer began with; the other one is who it was before.
    """
    customer_id = SourceRecord.objects.values_list("customer", flat=True).get(pk=edge.right_id)
    words = newest_words(records_of([customer_id]))
    others = [
        those
        for those, (_edge, kind) in words.items()
        if kind == Edge.Kind.SAME and those != (edge.left_id, edge.right_id)
    ]
    sides = [
        group for group in groups(records_of([customer_id]), others) if edge.left_id in group or edge.right_id in group
    ]
    events = MatchEvent.objects.filter(customer_key=Subquery(Customer.objects.filter(pk=customer_id).values("key")))
    founder = events.order_by("pk").values_list("source_record", flat=True).first()
    side = next((side for side in sides if founder not in side), sides[-1])
    return part(source_record_ids=side, actor=actor, reason=reason, never=never)


def _followers(going: Collection[int], newer: Collection[int], living: Collection[Pair]) -> set[int]:
    """Of records that came since, those that hang on records that go."""
    theirs = [those for those in living if those[0] in newer or those[1] in newer]
    found = groups([*going, *newer, *(record for those in theirs for record in those)], theirs)
    return {record for group in found if not set(going).isdisjoint(group) for record in group if record in newer}


def _bridges(going: Iterable[int], staying: Iterable[int], living: Collection[Pair]) -> list[Pair]:
    """What must be said for each side to hang together without the other."""
    bridges = []
    for side in (set(going), set(staying)):
        first, *others = groups(side, [those for those in living if those[0] in side])
        bridges += [pair(first[0], other[0]) for other in others]
    return bridges


def _say(words: dict[Pair, Edge.Kind], *, actor: str, reason: str) -> dict[Pair, int]:
    rows = Edge.objects.bulk_create(
        [
            Edge(
                left_id=left,
                right_id=right,
                kind=kind,
                basis=Basis.BY_HAND,
                rule_version=RULE_VERSION,
                actor=actor,
                reason=reason,
            )
            for (left, right), kind in sorted(words.items())
        ]
    )
    return {(row.left_id, row.right_id): row.pk for row in rows}


def _parted(stays: uuid.UUID, goes: uuid.UUID, moves: Sequence[Move]) -> Happened:
    return Happened(
        topic="customer.parted",
        object_type="customer",
        object_key=str(stays),
        occurred_at=timezone.now(),
        payload={
            "customer": str(stays),
            "parted": str(goes),
            "source_records": [move.source_record_id for move in moves],
        },
    )
