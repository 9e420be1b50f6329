"""Matching all records: who is alike enough is joined, who may be is asked, what is no question any more is closed.

The engine decides about everybody at once, in memory; what it decided is then done in steps of their own, each of which changes
nothing the second time. A run that was cut off is begun again and finds done what was done. What people said holds: records of
one customer stay together, pairs that are never one stay apart.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.core.actors import SYSTEM
from apps.core.days import is_night
from apps.customers.matching import AUTO, explain, read_table
from apps.customers.matching.engine import Matched, match_table
from apps.customers.models import MatchingModel, MatchingRun, MatchRequest
from apps.customers.resolving import doubting, keeping_keys, learning, persons, reporting
from apps.customers.resolving.doubting import Likeness
from apps.customers.resolving.learning import InForce, Origin

EVERY = dt.timedelta(hours=20)
LEASE = dt.timedelta(hours=1)
"""How long a run that gives no sign of life counts as being made. Matching a million records takes minutes."""
SAMPLED = 200
"""Joinings by likeness that clerks are asked about, to know how often they are right."""
_STEP = 100
_REQUESTS = 10_000
Alive = Callable[[str, int], None]
"""Told what is being done and how much of it is."""


@dataclass
class Counted:
    """What one step came to."""

    joined: int = 0
    asked: int = 0
    refused: int = 0
    questions: set[int] = field(default_factory=set)


def begin(*, actor: str, learns: bool = False) -> MatchingRun:
    """A run that is about to be made."""
    return MatchingRun.objects.create(asked_by=actor, learns=learns)


def match_if_due() -> MatchingRun | None:
    """At night, match everybody unless that was done since the evening or is being done; None then."""
    run = _begin_if_due()
    return None if run is None else match_all(run)


@transaction.atomic
def _begin_if_due() -> MatchingRun | None:
    """The row of a run is its lease. One that was cut off is gone on with."""
    if not is_night():
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('toonbank.matching_run'))")
    now = timezone.now()
    if MatchingRun.objects.filter(started_at__gt=now - EVERY, finished_at__isnull=False).exists():
        return None
    going = MatchingRun.objects.filter(finished_at=None).order_by("-pk").first()
    if going is None:
        return begin(actor=SYSTEM)
    if going.seen_at > now - LEASE:
        return None
    going.seen_at = now
    going.save(update_fields=["seen_at"])
    return going


def match_all(
    run: MatchingRun,
    *,
    step: Callable[[], AbstractContextManager[object]] = transaction.atomic,
    alive: Alive = lambda doing, done: None,
) -> MatchingRun:
    """Match everybody. Each `step()` is a transaction of its own."""

    def seen(doing: str, done: int) -> None:
        MatchingRun.objects.filter(pk=run.pk).update(seen_at=timezone.now())
        alive(doing, done)

    waited = _waiting()
    people = persons.everybody(lambda done: seen("reading", done))
    matched, model = _match(run, people, seen)
    if MatchingModel.objects.filter(pk=model.id, keyed_at=None).exists():
        keeping_keys.keep_all(model, lambda done: seen("keys", done))
    else:
        waited = []  # their keys are still to be made
    questions: set[int] = set()
    for number, part in enumerate(_in_parts(_decisions(matched, people, model))):
        with step():
            counted = _carry_out(part)
            MatchingRun.objects.filter(pk=run.pk).update(
                joined=F("joined") + counted.joined,
                asked=F("asked") + counted.asked,
                refused=F("refused") + counted.refused,
                seen_at=timezone.now(),
            )
        questions |= counted.questions
        alive("joining", number * _STEP)
    with step():
        moot = doubting.drop_moot(questions, before=run.started_at)
        MatchingRun.objects.filter(pk=run.pk).update(moot=F("moot") + moot)
    _wait_no_more(waited)
    with step():
        doubting.draw_sample(size=SAMPLED)
        figures = reporting.measure()
        MatchingRun.objects.filter(pk=run.pk).update(finished_at=timezone.now(), **figures)
    run.refresh_from_db()
    return run


def _waiting() -> list[int]:
    """The requests there are before people are read: who made them is held against everybody by the run itself."""
    return list(MatchRequest.objects.values_list("pk", flat=True))


def _wait_no_more(requests: Sequence[int]) -> None:
    """Take requests out of the queue in steps, but what a worker has in hand."""
    for start in range(0, len(requests), _REQUESTS):
        some = requests[start : start + _REQUESTS]
        with transaction.atomic():
            held = MatchRequest.objects.select_for_update(skip_locked=True).filter(pk__in=some)
            MatchRequest.objects.filter(pk__in=list(held.values_list("pk", flat=True))).delete()


def _match(run: MatchingRun, people: persons.Everybody, seen: Alive) -> tuple[Matched, InForce]:
    current = learning.in_force()
    has_learned = run.model_id == current.id  # before it was cut off
    learns = (run.learns and not has_learned) or learning.should_learn(len(people))
    reading = None if learns else current.engine.reading
    ids = [str(pk) for pk in people.record_ids]
    table = read_table(ids, people.columns, reading=reading)
    seen("matching", len(people))
    matched = match_table(table, None if learns else current.engine, same=_together(people), never=_never_one(people))
    if learns:
        made = learning.put_in_force(engine=matched.model, origin=Origin.LEARNED)
        current = InForce(made.pk, made.version, matched.model)
    MatchingRun.objects.filter(pk=run.pk).update(
        model=current.id, records=len(people), compared=matched.compared, seen_at=timezone.now()
    )
    return matched, current


def _together(people: persons.Everybody) -> Iterator[tuple[str, str]]:
    """Records that are one customer already, each with the next one."""
    order = sorted(range(len(people)), key=people.customer_ids.__getitem__)
    for one, other in pairwise(order):
        if people.customer_ids[one] == people.customer_ids[other]:
            yield str(people.record_ids[one]), str(people.record_ids[other])


def _never_one(people: persons.Everybody) -> Iterator[tuple[str, str]]:
    """Pairs of which somebody said that they are never one, between any of the records of their customers that can be matched."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT one.customer_id, other.customer_id FROM (
                SELECT DISTINCT ON (left_id, right_id) left_id, right_id, kind FROM customers_edge
                 WHERE (left_id, right_id) IN (SELECT left_id, right_id FROM customers_edge WHERE kind = 'never')
                 ORDER BY left_id, right_id, id DESC) AS word
              JOIN customers_sourcerecord AS one ON one.id = word.left_id
              JOIN customers_sourcerecord AS other ON other.id = word.right_id
             WHERE word.kind = 'never' AND one.customer_id <> other.customer_id
            """
        )
        apart = cursor.fetchall()
    if not apart:
        return
    first = dict(zip(reversed(people.customer_ids), reversed(people.record_ids), strict=True))
    for one, other in apart:
        if one in first and other in first:
            yield str(first[one]), str(first[other])


Decision = tuple[str, Likeness]
"""What the engine decided about a pair: "join", "refused" or "unsure"."""


def _decisions(matched: Matched, people: persons.Everybody, model: InForce) -> Iterator[Decision]:
    """What is to be done, joinings first, the surest first. What is one customer already is left out."""
    ids = np.array([int(text) for text in matched.table.ids])
    place = {pk: n for n, pk in enumerate(people.record_ids)}
    owner = np.array([people.customer_ids[place[pk]] for pk in ids.tolist()])
    open_ = owner[matched.left] != owner[matched.right]
    # By pairs alone, as a record that arrives is decided about; who fits only within a household is asked.
    together = matched.sure[matched.left] == matched.sure[matched.right]
    sure = matched.probability >= AUTO
    order = np.lexsort((matched.right, matched.left, -matched.weight))
    for kind, chosen in (("join", sure & together), ("refused", sure & ~together), ("unsure", ~sure & ~together)):
        for n in order[(open_ & chosen)[order]].tolist():
            left, right = sorted((int(ids[matched.left[n]]), int(ids[matched.right[n]])))
            says = [{name: people.columns[name][place[pk]] for name in persons.FIELDS} for pk in (left, right)]
            told = explain(says[0], says[1], model.engine)
            found = Likeness(left, right, float(matched.weight[n]), float(matched.probability[n]), told, model.version)
            yield kind, found


def _in_parts(decisions: Iterator[Decision]) -> Iterator[Sequence[Decision]]:
    part: list[Decision] = []
    for decision in decisions:
        part.append(decision)
        if len(part) == _STEP:
            yield part
            part = []
    if part:
        yield part


def _carry_out(part: Sequence[Decision]) -> Counted:
    counted = Counted()
    for kind, found in part:
        if kind == "join":
            done = doubting.join_alike(found)
            counted.joined += done is True
            asked = None if isinstance(done, bool) else done
        else:
            asked = doubting.question(found, cause=doubting.CONTRADICTED if kind == "refused" else doubting.LIKELY)
        if asked is not None and asked not in counted.questions:
            counted.questions.add(asked)
            counted.asked += 1
            counted.refused += kind != "unsure"
    return counted
