"""Reservations that lapsed: what they hold is free again."""

from collections.abc import Sequence

from django.db import connection, transaction

_RELEASE = """
WITH lapsed AS (
        SELECT demand.id, demand.level_id, demand.quantity - demand.consumed - demand.released AS held
          FROM inventory_demand AS demand
          JOIN inventory_reservation AS reservation ON reservation.id = demand.reservation_id
         WHERE reservation.expires_at <= now()
           AND demand.quantity > demand.consumed + demand.released
           AND demand.level_id = ANY(%s)
           FOR UPDATE OF demand),
     released AS (
        UPDATE inventory_demand AS demand SET released = demand.released + lapsed.held
          FROM lapsed WHERE demand.id = lapsed.id RETURNING demand.level_id, lapsed.held),
     per_level AS (SELECT level_id, sum(held) AS held FROM released GROUP BY level_id)
UPDATE inventory_stocklevel AS level
   SET reserved = level.reserved - p.held,
       oversold = GREATEST(0, level.reserved - p.held - GREATEST(level.on_hand, 0)), changed_at = now()
  FROM per_level AS p WHERE level.id = p.level_id
"""


def release_expired(*, level_ids: Sequence[int]) -> int:
    """Release what lapsed on levels that the caller has locked; return how many levels got something back."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [list(level_ids)])
        return int(cursor.rowcount)


@transaction.atomic
def sweep_expired(*, limit: int = 500) -> int:
    """Release lapsed reservations wherever they are, a batch at a time; a beat task repeats it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT level.id FROM inventory_stocklevel AS level
             WHERE level.id IN (
                SELECT demand.level_id FROM inventory_demand AS demand
                  JOIN inventory_reservation AS reservation ON reservation.id = demand.reservation_id
                 WHERE reservation.expires_at <= now() AND demand.quantity > demand.consumed + demand.released
                 LIMIT %s)
             ORDER BY level.location_id, level.variant_id, level.condition, level.owner_id FOR NO KEY UPDATE OF level
            """,
            [limit],
        )
        level_ids = [row[0] for row in cursor.fetchall()]
    return release_expired(level_ids=level_ids) if level_ids else 0
