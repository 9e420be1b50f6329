"""The stock ledger: rows are only ever added."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from apps.core.bulk import insert_rows
from apps.core.ledger.models import CAUSE
from apps.inventory.models import StockMovement
from apps.inventory.services.types import Cause, Move

_FIELDS = (
    *CAUSE,
    "variant",
    "quantity",
    "from_location",
    "from_condition",
    "from_owner",
    "from_place",
    "to_location",
    "to_condition",
    "to_owner",
    "to_place",
)


def write_movements(moves: Sequence[Move]) -> list[Move]:
    """Append ledger rows; return the moves that were not booked before. The caller applies them to levels and places."""
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
            m.from_place,
            m.target.location_id if m.target else None,
            m.target.condition if m.target else "",
            m.target.owner_id if m.target else None,
            m.to_place,
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


def next_parts(cause: Cause, kind: str = StockMovement.Kind.PLACE) -> dict[int, int]:
    """The first free `part` of each line of a cause that books goods of a kind more than once: {line: part}, 0 for others."""
    rows = StockMovement.objects.filter(cause_type=cause.type, cause_id=cause.id, kind=kind)
    last = dict(rows.order_by().values("cause_line").annotate(n=Max("part")).values_list("cause_line", "n"))
    return defaultdict(int, {line: part + 1 for line, part in last.items()})
