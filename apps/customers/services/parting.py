"""Taking apart: records that were joined are two customers again, each under the key it had before.

The edges between the two are withdrawn, or replaced by the word that they are never one, which no rebuild undoes.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Subquery
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, InvalidInput
from apps.core.retry import retried
from apps.customers.models import Basis, Customer, Doubt, Edge, MatchEvent
from apps.customers.services.regrouping import Cause, Move, Pair, groups, hold, newest_words, pair, regroup, sides
from apps.customers.services.saying import RULE_VERSION, close, open_between, say, tell_parted


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
    customers = set(owners.values())
    if len(customers) != 1:
        raise InvalidInput(_("Choose records of one customer."))
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
    said = {"basis": Basis.BY_HAND, "actor": actor, "reason": reason}
    edges = say(Edge.Kind.NEVER if never else Edge.Kind.WITHDRAWN, dict.fromkeys(between, ""), **said)
    say(Edge.Kind.SAME, dict.fromkeys(_bridges(going, staying, within), ""), **said)
    behind = {record: edges[those] for those in between for record in those}
    moves = regroup(customers, Cause(MatchEvent.Kind.PARTED, actor, RULE_VERSION, edges=behind))
    # A joining that was to be checked is no joining any more: nobody could answer that, and nothing else could be asked.
    close(open_between(going, staying), outcome=Doubt.Outcome.APART if never else Doubt.Outcome.MOOT, actor=actor)
    goes, stays = (Customer.objects.get(source_records=min(side)) for side in (going, staying))
    tell_parted(moves)
    return Parted(stays, goes, moves)


@retried
@transaction.atomic
def keep_apart(left: int, right: int, *, actor: str, reason: str = "") -> None:
    """Declare that two records are never one customer. Raises Conflict while they are: take them apart instead."""
    both = hold([left, right])
    if both[left] == both[right]:
        raise Conflict(_("These are one customer now. Take them apart."))
    say(Edge.Kind.NEVER, {pair(left, right): ""}, basis=Basis.BY_HAND, actor=actor, reason=reason)
    close(open_between(*sides(both, left, right)), outcome=Doubt.Outcome.APART, actor=actor)


@retried
@transaction.atomic
def allow_again(left: int, right: int, *, actor: str, reason: str = "") -> None:
    """Take back that the customers of two records are never one."""
    words = newest_words(hold([left, right]))
    never = {those: "" for those, (_edge, kind) in words.items() if kind == Edge.Kind.NEVER}
    say(Edge.Kind.WITHDRAWN, never, basis=Basis.BY_HAND, actor=actor, reason=reason)


@retried
@transaction.atomic
def undo_join(edge: Edge, *, actor: str, reason: str = "", never: bool = False) -> Parted:
    """Take a joining back: what hangs on the one side of its edge goes from what hangs on the other.

    The side stays that the customer began with; the other one is who it was before. Raises Conflict when they are two already.
    """
    records = hold([edge.left_id, edge.right_id])  # who came to one of the sides meanwhile goes with it
    those = (edge.left_id, edge.right_id)
    living = {held for held, (_edge, kind) in newest_words(records).items() if kind == Edge.Kind.SAME}
    if those not in living:
        raise Conflict(_("What joined them was taken back in the meantime."))
    one_each = [group for group in groups(records, living - {those}) if not set(those).isdisjoint(group)]
    customer_id = records[edge.left_id]
    events = MatchEvent.objects.filter(customer_key=Subquery(Customer.objects.filter(pk=customer_id).values("key")))
    founder = events.order_by("pk").values_list("source_record", flat=True).first()
    side = next((side for side in one_each if founder not in side), one_each[-1])
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
