"""The model in force: shipped with Toonbank at first, learned from the chain's own customers once there are enough of them."""

import datetime as dt
import json
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.customers.matching import AUTO, CLERICAL, Model
from apps.customers.models import MatchingModel

Origin = MatchingModel.Origin

ENOUGH = 20_000
"""Records from which a chain's own customers teach better than the model that is shipped."""
LEARNED_AGAIN = dt.timedelta(days=90)
GROWN = 1.5
KEPT_SECONDS = 15.0
SHIPPED = Path(__file__).with_name("shipped_model.json")


@dataclass(frozen=True)
class InForce:
    """The model that decides now."""

    id: int
    version: str
    engine: Model


_known: tuple[float, InForce] | None = None


def in_force() -> InForce:
    """The model in force; another process's new one shows within `KEPT_SECONDS`."""
    global _known
    if _known is None or time.monotonic() - _known[0] > KEPT_SECONDS:
        row = MatchingModel.objects.filter(ended_at=None).values_list("pk", "version").first()
        engine = None
        if row is not None:
            engine = _known[1].engine if _known and _known[1].id == row[0] else _engine(row[0])
        if row is None or engine is None:
            row, engine = _ship(), shipped_model()
        _known = time.monotonic(), InForce(*row, engine)
    return _known[1]


def forget() -> None:
    """Read the model anew at the next question."""
    global _known
    _known = None


def _engine(pk: int) -> Model | None:
    """The model as it was kept; None when another version of the engine learned it, which cannot be read any more."""
    kept = json.dumps(MatchingModel.objects.values_list("engine", flat=True).get(pk=pk))
    try:
        return Model.from_json(kept)
    except ValueError:
        return None


def _ship() -> tuple[int, str]:
    try:
        made = put_in_force(engine=shipped_model(), origin=Origin.SHIPPED)
    except IntegrityError:  # another process was first
        made = MatchingModel.objects.get(ended_at=None)
    return made.pk, made.version


@lru_cache(maxsize=1)
def shipped_model() -> Model:
    """What is believed of people before a chain has customers: learned from made-up Dutch families."""
    return Model.from_json(SHIPPED.read_text())


def hold() -> tuple[InForce, bool]:
    """The model in force, and whether all records have their keys of it. No other comes in force before the end of the
    caller's transaction. There is one already: who calls this has asked for it before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext('toonbank.matching_model'))")
    pk, keyed_at = MatchingModel.objects.values_list("pk", "keyed_at").get(ended_at=None)
    if in_force().id != pk:
        forget()
    return in_force(), keyed_at is not None


@transaction.atomic
def put_in_force(*, engine: Model, origin: str) -> MatchingModel:
    """Let a model decide from now on. What was decided before stays; all records are then to get their keys of it.

    Before the first one nobody was matched, and everybody waits for it; then nothing is left to do.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('toonbank.matching_model'))")
        cursor.execute(_ALL_WAIT)
        all_wait = cursor.fetchone()[0]
    MatchingModel.objects.filter(ended_at=None).update(ended_at=timezone.now())
    made = MatchingModel.objects.create(
        version=f"m{MatchingModel.objects.count() + 1}",
        origin=origin,
        engine=json.loads(engine.as_json()),
        records=engine.records,
        same_from=AUTO,
        clerk_from=CLERICAL,
        keyed_at=timezone.now() if all_wait else None,
    )
    transaction.on_commit(forget, robust=True)
    return made


_ALL_WAIT = """
    SELECT NOT EXISTS (SELECT FROM customers_matchingmodel)
       AND NOT EXISTS (SELECT FROM customers_persondetails AS details WHERE NOT EXISTS (
               SELECT FROM customers_matchrequest AS request WHERE request.record_id = details.source_record_id))
"""


def should_learn(records: int) -> bool:
    """Whether the next run had better learn a model from the customers there are."""
    if records < ENOUGH:
        return False
    current = MatchingModel.objects.filter(ended_at=None).first()
    if current is None or current.origin == Origin.SHIPPED:
        return True
    return records > current.records * GROWN or timezone.now() - current.made_at > LEARNED_AGAIN
