"""The pairs that wait for a clerk: one open question between two customers, as good as it is known now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from apps.core.actors import SYSTEM
from apps.customers.models import Basis, Doubt, Edge
from apps.customers.services.joining import NEVER, Contradicted, Forgotten, ask, join
from apps.customers.services.regrouping import hold, newest_words, pair, sides
from apps.customers.services.saying import close, open_between

LIKELY, CONTRADICTED, SAMPLE = "likely", "contradicted", "sample"
"""Why a pair is asked: not sure enough; sure enough, but something in the two groups cannot be of one person; joined by likeness,
and drawn to see how often that is right."""


@dataclass(frozen=True)
class Likeness:
    """What the engine says of two source records."""

    left: int
    right: int
    weight: float
    probability: float
    explanation: Sequence[dict[str, Any]]
    version: str

    @property
    def terms(self) -> dict[str, Any]:
        return {
            "weight": self.weight,
            "probability": self.probability,
            "explanation": self.explanation,
            "rule_version": self.version,
        }


def join_alike(found: Likeness) -> bool | int | None:
    """Join two records that are sure to be one person, in the caller's transaction.

    True when their customers became one, False when they were one already or one was forgotten meanwhile; where a rule refuses
    it the question that is open instead, or None when somebody answered that before.
    """
    try:
        done = join(found.left, found.right, basis=Basis.SCORED, actor=SYSTEM, evidence="likeness", **found.terms)
    except Forgotten:
        return False
    except Contradicted as refusal:
        return None if NEVER in refusal.codes else question(found, cause=",".join(refusal.codes))
    return bool(done.moves)


def question(found: Likeness, *, cause: str) -> int | None:
    """Ask whether two records are one person, in the caller's transaction; the open question's id.

    There is one between two customers: a likelier pair of their records takes the place of the one that is asked. None where
    they are one, or somebody said that they never are.
    """
    everybody = hold([found.left, found.right])
    if everybody[found.left] == everybody[found.right]:
        return None
    if any(kind == Edge.Kind.NEVER for _edge, kind in newest_words(everybody).values()):
        return None
    here, there = sides(everybody, found.left, found.right)
    between = open_between(here, there)
    doubts = list(between.order_by("basis", "pk"))
    if any(asked.cause == SAMPLE for asked in doubts):  # drawn at the moment at which they were taken apart
        close(between.filter(cause=SAMPLE), outcome=Doubt.Outcome.MOOT, actor=SYSTEM)
        doubts = [asked for asked in doubts if asked.cause != SAMPLE]
    if not doubts:
        ask(found.left, found.right, basis=Basis.SCORED, cause=cause, evidence="likeness", **found.terms)
        return between.values_list("pk", flat=True).get()
    asked, (smaller, larger) = doubts[0], pair(found.left, found.right)
    if asked.basis != Basis.SCORED:
        return asked.pk  # a proof that two customers share says more than likeness
    same_pair = (asked.left_id, asked.right_id) == (smaller, larger)
    if same_pair or (found.weight, smaller) > (asked.weight or 0, asked.left_id):
        _renew(asked, smaller, larger, found, cause)
    return asked.pk


def _renew(asked: Doubt, left: int, right: int, found: Likeness, cause: str) -> None:
    asked.left_id, asked.right_id, asked.cause = left, right, cause[:48]
    asked.weight, asked.probability = found.weight, found.probability
    asked.explanation, asked.rule_version = list(found.explanation), found.version
    asked.save()


def drop_moot(still_asked: Collection[int], *, before: Any) -> int:
    """Close the questions about likeness that are none any more: asked before a run that did not ask them again, or whether a
    joining was right that was taken back."""
    gone = Doubt.objects.filter(outcome=Doubt.Outcome.OPEN, basis=Basis.SCORED, recorded_at__lt=before)
    is_one = Q(left__customer=F("right__customer"))
    return close(
        gone.exclude(Q(cause=SAMPLE) & is_one | Q(pk__in=still_asked)), outcome=Doubt.Outcome.MOOT, actor=SYSTEM
    )


@transaction.atomic
def draw_sample(*, size: int) -> int:
    """Ask clerks about joinings by likeness, drawn at random, until `size` of them are asked or answered; how many are new."""
    asked = Doubt.objects.filter(cause=SAMPLE).exclude(outcome=Doubt.Outcome.MOOT)
    missing = size - asked.count()
    if missing <= 0:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, {"cause": SAMPLE, "most": missing})
        return cursor.rowcount


_DRAW = """
    INSERT INTO customers_doubt (left_id, right_id, basis, evidence, cause, weight, probability, explanation, rule_version,
                                 recorded_at, outcome, decided_by, first_yes_by)
    SELECT edge.left_id, edge.right_id, edge.basis, edge.evidence, %(cause)s::text, edge.weight, edge.probability,
           edge.explanation, edge.rule_version, now(), '', '', ''
      FROM customers_edge AS edge
     WHERE edge.kind = 'same' AND edge.basis = 'scored'
       AND NOT EXISTS (SELECT FROM customers_edge AS newer
                        WHERE newer.left_id = edge.left_id AND newer.right_id = edge.right_id AND newer.id > edge.id)
       AND NOT EXISTS (SELECT FROM customers_doubt AS asked
                        WHERE asked.left_id = edge.left_id AND asked.right_id = edge.right_id
                          AND asked.cause = %(cause)s::text)
     ORDER BY random() LIMIT %(most)s
        ON CONFLICT DO NOTHING
"""
