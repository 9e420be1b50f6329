"""What is recalled now, and where it goes when it comes in."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from apps.inventory.models import Condition, RecalledVariant
from apps.inventory.services.types import Move


def recalled_among(variant_ids: Collection[int]) -> set[int]:
    """Those of the variants that are under a recall. One query, none for none."""
    if not variant_ids:
        return set()
    rows = RecalledVariant.objects.filter(variant__in=list(variant_ids), lifted_at=None)
    return set(rows.values_list("variant_id", flat=True))


def set_apart(moves: Sequence[Move]) -> list[Move]:
    """The moves as they are booked: what would become saleable of a recalled variant goes to quality control instead.

    What lies there already stays there. No query for goods that only leave.
    """
    coming = {move.variant_id for move in moves if _comes_for_sale(move)}
    held = recalled_among(coming)
    if not held:
        return list(moves)
    booked = [
        replace(move, target=replace(move.target, condition=Condition.QUALITY))
        if move.target is not None and move.variant_id in held and _comes_for_sale(move)
        else move
        for move in moves
    ]
    return [move for move in booked if move.source != move.target]


def _comes_for_sale(move: Move) -> bool:
    if move.target is None or move.target.condition != Condition.SALEABLE:
        return False
    before = move.source
    return before is None or (before.location_id, before.condition) != (move.target.location_id, Condition.SALEABLE)
