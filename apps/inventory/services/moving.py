"""Goods that moved: the stock ledger and the levels that follow from it."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from apps.core.bulk import insert_rows
from apps.core.ledger.models import CAUSE
from apps.inventory.models import StockMovement, StoreTask
from apps.inventory.services.levels import Changed, apply_deltas, deltas_of
from apps.inventory.services.recalls.holding import set_apart
from apps.inventory.services.types import Move

_FIELDS = (
    *CAUSE,
    "variant",
    "quantity",
    "from_location",
    "from_condition",
    "from_owner",
    "to_location",
    "to_condition",
    "to_owner",
)


def book_moves(moves: Sequence[Move]) -> int:
    """Book goods that moved in fact: a sale, a receipt, a return, a count. Return how many were new.

    A fact is never refused: where promises now exceed the goods, `oversold` rises and the store gets a task. A move that was
    booked before (same cause, line, kind, part) changes nothing. What comes in for sale of a recalled variant is set apart.
    Call it last in a transaction: it locks stock levels.
    """
    fresh = write_movements(set_apart(moves))
    if fresh:
        raise_tasks(fresh, apply_deltas(deltas_of(fresh)))
    return len(fresh)


def write_movements(moves: Sequence[Move]) -> list[Move]:
    """Append ledger rows; return the moves that were not booked before. The caller applies them to the levels."""
    if not moves:
        return []
    if not connection.in_atomic_block:
        raise RuntimeError("stock moves in the transaction of its cause")
    now = timezone.now()
    rows = [
        (
            m.cause.type,
            m.cause.id,
            m.line,
            m.kind,
            m.part,
            m.cause.recorded_on,
            m.cause.occurred_at,
            now,
            m.cause.business_date,
            m.cause.actor,
            m.variant_id,
            m.quantity,
            m.source.location_id if m.source else None,
            m.source.condition if m.source else "",
            m.source.owner_id if m.source else None,
            m.target.location_id if m.target else None,
            m.target.condition if m.target else "",
            m.target.owner_id if m.target else None,
        )
        for m in moves
    ]
    written = insert_rows(
        StockMovement,
        _FIELDS,
        rows,
        returning=("cause_type", "cause_id", "cause_line", "kind", "part"),
        on_conflict="DO NOTHING",
    )
    if len(written) == len(moves):
        return list(moves)
    new = set(written)
    return [m for m in moves if (m.cause.type, m.cause.id, m.line, m.kind, m.part) in new]


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
