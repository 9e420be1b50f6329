"""Changing stock levels: locked in key order, in one statement, whatever their number."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from apps.inventory.models import Condition
from apps.inventory.services.keeping import keep_safety
from apps.inventory.services.types import Move, Spot

Key = tuple[int, int, str, int]  # variant, location, condition, owner
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Changed:
    """A level after a change, with how far promises now exceed the goods."""

    level_id: int
    variant_id: int
    location_id: int
    on_hand: Decimal
    newly_short: Decimal


def key_of(variant_id: int, spot: Spot) -> Key:
    return (variant_id, spot.location_id, spot.condition, spot.owner_id)


def deltas_of(moves: Iterable[Move]) -> dict[Key, Decimal]:
    """The change of `on_hand` per level that moves amount to."""
    deltas: dict[Key, Decimal] = defaultdict(lambda: ZERO)
    for move in moves:
        if move.source is not None:
            deltas[key_of(move.variant_id, move.source)] -= move.quantity
        if move.target is not None:
            deltas[key_of(move.variant_id, move.target)] += move.quantity
    return deltas


def lock(keys: Iterable[Key]) -> None:
    """Lock levels in key order, so that two callers never wait for each other in a circle; make those there are not yet."""
    ordered = sorted(set(keys), key=lambda k: (k[1], k[0], k[2], k[3]))
    if not ordered:
        return
    columns = [list(column) for column in zip(*ordered, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, columns)
        if len(cursor.fetchall()) < len(ordered):
            cursor.execute(_CREATE, columns)
            made = [id_ for id_, condition in cursor.fetchall() if condition == Condition.SALEABLE]
            cursor.execute(_LOCK, columns)
            keep_safety(made)


def apply_deltas(on_hand: dict[Key, Decimal], reserved: dict[Key, Decimal] | None = None) -> list[Changed]:
    """Add deltas to levels, creating those that do not exist yet; call it as the last write of a transaction.

    `oversold` follows: it is exactly what promises exceed the goods by.
    """
    reserved = reserved or {}
    keys = list(set(on_hand) | set(reserved))
    if not keys:
        return []
    lock(keys)
    columns = [list(column) for column in zip(*keys, strict=True)]
    changes = [[on_hand.get(k, ZERO) for k in keys], [reserved.get(k, ZERO) for k in keys]]
    with connection.cursor() as cursor:
        cursor.execute(_APPLY, [*columns, *changes])
        return [Changed(*row) for row in cursor.fetchall()]


_KEY_ARRAYS = "unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[]"
_IS_LEVEL = """level.variant_id = k.variant_id AND level.location_id = k.location_id
       AND level.condition = k.condition AND level.owner_id = k.owner_id"""

_LOCK = f"""
    SELECT level.id FROM inventory_stocklevel AS level
      JOIN {_KEY_ARRAYS}) AS k(variant_id, location_id, condition, owner_id) ON {_IS_LEVEL}
     ORDER BY level.location_id, level.variant_id, level.condition, level.owner_id
       FOR NO KEY UPDATE OF level"""

_CREATE = f"""
    INSERT INTO inventory_stocklevel
           (variant_id, location_id, condition, owner_id, on_hand, reserved, oversold,
            safety_collect, safety_delivery, changed_at)
    SELECT variant_id, location_id, condition, owner_id, 0, 0, 0, 0, 0, now()
      FROM {_KEY_ARRAYS}) AS k(variant_id, location_id, condition, owner_id)
        ON CONFLICT DO NOTHING
 RETURNING id, condition"""

_APPLY = f"""
    UPDATE inventory_stocklevel AS level
       SET on_hand = level.on_hand + k.on_hand,
           reserved = level.reserved + k.reserved,
           oversold = GREATEST(0, level.reserved + k.reserved - GREATEST(level.on_hand + k.on_hand, 0)),
           changed_at = now()
      FROM (SELECT k.*, old.oversold + GREATEST(0, -old.on_hand) AS was_short
              FROM {_KEY_ARRAYS}, %s::numeric[], %s::numeric[])
                   AS k(variant_id, location_id, condition, owner_id, on_hand, reserved)
              JOIN inventory_stocklevel AS old USING (variant_id, location_id, condition, owner_id)) AS k
     WHERE {_IS_LEVEL}
 RETURNING level.id, level.variant_id, level.location_id, level.on_hand,
           level.oversold + GREATEST(0, -level.on_hand) - k.was_short"""
