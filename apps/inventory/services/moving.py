"""Goods that moved: the stock ledger, and the levels and places that follow from it."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from apps.core.bulk import insert_rows
from apps.inventory.models import StoreTask
from apps.inventory.services.ledger import write_movements
from apps.inventory.services.levels import Changed, apply_deltas, deltas_of
from apps.inventory.services.places.following import follow
from apps.inventory.services.recalls.holding import set_apart
from apps.inventory.services.types import Move


def book_moves(moves: Sequence[Move]) -> int:
    """Book goods that moved in fact: a sale, a receipt, a return, a count. Return how many were new.

    A fact is never refused: where promises now exceed the goods, `oversold` rises and the store gets a task. A move that was
    booked before (same cause, line, kind, part) changes nothing. What comes in for sale of a recalled variant is set apart.
    Call it last in a transaction: it locks stock levels.
    """
    fresh = write_movements(set_apart(moves))
    if fresh:
        raise_tasks(fresh, apply_deltas(deltas_of(fresh)))
        follow(fresh)
    return len(fresh)


def raise_tasks(moves: Sequence[Move], changed: Sequence[Changed]) -> None:
    """Ask the store to count what was sold beyond what there was."""
    short = [c for c in changed if c.newly_short > 0]
    if not short:
        return
    causes = {(m.variant_id, m.source.location_id): m.cause for m in moves if m.source is not None}
    now = timezone.now()
    rows: list[tuple[int, str, int, Decimal, str, str, object, str]] = []
    for level in short:
        cause = causes.get((level.variant_id, level.location_id))
        if cause is not None:
            rows.append(
                (
                    level.location_id,
                    StoreTask.Kind.COUNT_SHORT,
                    level.variant_id,
                    level.newly_short,
                    cause.type,
                    cause.id,
                    now,
                    "",
                )
            )
    insert_rows(
        StoreTask,
        ("location", "kind", "variant", "quantity", "cause_type", "cause_id", "raised_at", "done_by"),
        rows,
        on_conflict="DO NOTHING",
    )
