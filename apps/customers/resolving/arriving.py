"""Holding a record of which something new was told against all others, within seconds, as the nightly run would.

A record's keys are committed before anybody is looked for, so of two that arrive at the same moment at least one finds the
other. Each is then matched in a transaction of its own, which takes it out of the queue.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import F

from apps.customers.matching import Scored, clash, explain, score
from apps.customers.models import MatchRequest
from apps.customers.resolving import doubting, keeping_keys, learning
from apps.customers.resolving.doubting import Likeness
from apps.customers.resolving.keeping_keys import Asked
from apps.customers.resolving.learning import InForce
from apps.customers.resolving.persons import Someone, people_beside

log = logging.getLogger(__name__)

MOST_TRIES = 5
_BATCH = 200


@dataclass
class Decided:
    """What came of a record: the records whose customers became its own, and the questions that are open because of it."""

    joined: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Waiting:
    """A record that waits, its newest request, and its keys."""

    record_id: int
    upto: int
    keys: Asked


def match_waiting(*, limit: int = _BATCH) -> int:
    """Match the records that wait; how many were. Several processes may do this at once."""
    learning.in_force()  # puts the first one in force, which whoever holds one cannot
    waiting, model, are_all_keyed = _make_findable(limit)
    for one in waiting:
        try:
            _take_out(one, model, for_good=are_all_keyed)
        except Exception:
            log.exception("record %s could not be matched", one.record_id)
            MatchRequest.objects.filter(record_id=one.record_id, pk__lte=one.upto).update(tries=F("tries") + 1)
    return len(waiting)


@transaction.atomic
def _make_findable(limit: int) -> tuple[list[Waiting], InForce, bool]:
    """Records that wait, oldest first, the model they are to be matched by, and whether everybody can be found by it.

    From here on others find them. Whose range of ids is being given the keys of a new model is passed over: that takes seconds.
    """
    model, are_all_keyed = learning.hold()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT id, record_id FROM customers_matchrequest
             WHERE tries < %s AND (NOT early OR %s) AND {keeping_keys.RANGE_IS_FREE}
             ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
            """,
            [MOST_TRIES, are_all_keyed, limit],
        )
        waiting: dict[int, int] = {}
        for request_id, record_id in cursor.fetchall():
            waiting[record_id] = max(waiting.get(record_id, 0), request_id)
    kept = keeping_keys.keep(waiting, model) if waiting else {}
    return [Waiting(pk, upto, kept.get(pk, [])) for pk, upto in waiting.items()], model, are_all_keyed


@transaction.atomic
def _take_out(one: Waiting, model: InForce, *, for_good: bool) -> None:
    in_force, _are_all_keyed = learning.hold()
    if in_force.id != model.id:
        return  # its keys are not those by which others are found now; it waits on, and is given new ones
    with connection.cursor() as cursor:
        cursor.execute(_DONE if for_good else _DONE_EARLY, [one.record_id, one.upto])
        if not cursor.rowcount:
            return  # another process has it, or had it
    match_record(one.record_id, one.keys, model)


_MINE = "SELECT id FROM customers_matchrequest WHERE record_id = %s AND id <= %s FOR UPDATE SKIP LOCKED"
_DONE = f"DELETE FROM customers_matchrequest WHERE id IN ({_MINE})"
_DONE_EARLY = f"UPDATE customers_matchrequest SET early = TRUE WHERE id IN ({_MINE}) AND NOT early"


def match_record(record_id: int, keys: Asked, model: InForce) -> Decided:
    """Hold one record against those it shares a key with, join it to who it is, and ask where that is in doubt.

    In the caller's transaction. Doing it again changes nothing.
    """
    decided = Decided()
    mine, others, scored = weigh(record_id, keys, model)
    if mine is None:
        return decided
    sure = [one for one in scored if one.decision == "same"]
    unsure = [one for one in scored if one.decision == "clerical"]
    for one in _surest_first(sure, mine, others):
        _join_or_ask(mine, others[one.candidate], one, model, decided)
    for one in _surest_first(unsure, mine, others):
        likeness = _likeness(mine, others[one.candidate], one, model)
        _note(decided.asked, doubting.question(likeness, cause=doubting.LIKELY))
    return decided


def weigh(record_id: int, keys: Asked, model: InForce) -> tuple[Someone | None, list[Someone], list[Scored]]:
    """The record, those of other customers with which it shares a block, and how alike they are. Nothing is written."""
    found = keeping_keys.people_in_blocks(record_id, keys)
    mine = next((one for one in found if one.record_id == record_id), None)
    if mine is None:
        return None, [], []
    others = [one for one in found if one.customer_id != mine.customer_id]
    return mine, others, score(mine.says, [one.says for one in others], model.engine) if others else []


def _surest_first(found: Sequence[Scored], mine: Someone, others: Sequence[Someone]) -> list[Scored]:
    """In the order in which a batch joins: the surest first, then by the names it gives records."""

    def place(one: Scored) -> tuple[float, list[str]]:
        return -one.weight, sorted((str(mine.record_id), str(others[one.candidate].record_id)))

    return sorted(found, key=place)


def _join_or_ask(mine: Someone, other: Someone, found: Scored, model: InForce, decided: Decided) -> None:
    both = people_beside([mine.record_id, other.record_id])  # anew: an earlier one of these may have joined them
    belongs = {one.record_id: one.customer_id for one in both}
    here, there = (belongs.get(one.record_id) for one in (mine, other))
    if here == there or here is None or there is None:
        return  # one customer already, or who says nothing any more
    likeness = _likeness(mine, other, found, model)
    ours = [one.says for one in both if one.customer_id == here]
    theirs = [one.says for one in both if one.customer_id == there]
    if clash(ours, theirs, model.engine) is not None:
        _note(decided.asked, doubting.question(likeness, cause=doubting.CONTRADICTED))
        return
    done = doubting.join_alike(likeness)
    if done is True:
        decided.joined.append(other.record_id)
    elif done is not False:
        _note(decided.asked, done)


def _note(asked: list[int], question: int | None) -> None:
    if question is not None and question not in asked:
        asked.append(question)


def _likeness(mine: Someone, other: Someone, found: Scored, model: InForce) -> Likeness:
    one, two = sorted((mine, other), key=lambda person: person.record_id)
    told = explain(one.says, two.says, model.engine)
    return Likeness(one.record_id, two.record_id, found.weight, found.probability, told, model.version)
