"""Choosing the locations that fulfil what names no location: as few parcels as possible, distribution centres first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from django.db import connection

from apps.inventory.services.types import Want


def choose_locations(wants: Sequence[Want]) -> list[Want]:
    """Return the wants with a location each. What nobody can fulfil gets the location that has most of it, if any.

    The choice reads unlocked rows; whoever reserves checks again under the lock.
    """
    open_wants = [w for w in wants if w.location_id is None]
    if not open_wants:
        return list(wants)
    needed: dict[int, Decimal] = defaultdict(lambda: Decimal(0))
    for want in open_wants:
        needed[want.variant_id] += want.quantity
    free: dict[int, dict[int, Decimal]] = defaultdict(dict)
    rank: dict[int, tuple[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT level.location_id, level.variant_id, level.on_hand - level.reserved - level.safety,
                   CASE location.kind WHEN 'dc' THEN 0 ELSE 1 END
              FROM inventory_stocklevel AS level JOIN network_location AS location ON location.id = level.location_id
             WHERE level.variant_id = ANY(%s) AND level.condition = 'saleable' AND location.ships_orders
               AND location.active_from <= CURRENT_DATE
               AND (location.active_until IS NULL OR location.active_until >= CURRENT_DATE)
               AND level.on_hand - level.reserved - level.safety > 0
            """,
            [sorted(needed)],
        )
        for location_id, variant_id, quantity, kind_rank in cursor.fetchall():
            free[location_id][variant_id] = quantity
            rank[location_id] = (kind_rank, location_id)
    remaining = dict(needed)
    chosen: dict[int, int] = {}
    while remaining:
        best = max(
            free,
            key=lambda loc: (sum(free[loc].get(v, Decimal(0)) >= q for v, q in remaining.items()), -rank[loc][0], -loc),
            default=None,
        )
        covers = [] if best is None else [v for v, q in remaining.items() if free[best].get(v, Decimal(0)) >= q]
        if best is None or not covers:
            break
        for variant_id in covers:
            chosen[variant_id] = best
            del remaining[variant_id]
    for variant_id in remaining:
        most = max(free, key=lambda loc: free[loc].get(variant_id, Decimal(0)), default=None)
        if most is not None and free[most].get(variant_id):
            chosen[variant_id] = most
    return [replace(w, location_id=chosen.get(w.variant_id)) if w.location_id is None else w for w in wants]
