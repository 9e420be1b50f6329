"""Stock levels against the stock ledger and the promises."""

from django.db import connection

from apps.core.reconcile import Difference, check

_ON_HAND = """
WITH ledger AS (
    SELECT variant_id, location_id, condition, owner_id, sum(quantity) AS quantity FROM (
        SELECT variant_id, to_location_id AS location_id, to_condition AS condition, to_owner_id AS owner_id, quantity
          FROM inventory_stockmovement WHERE to_location_id IS NOT NULL
        UNION ALL
        SELECT variant_id, from_location_id, from_condition, from_owner_id, -quantity
          FROM inventory_stockmovement WHERE from_location_id IS NOT NULL) AS sides
    GROUP BY variant_id, location_id, condition, owner_id)
SELECT coalesce(variant_id, 0), coalesce(location_id, 0), condition, coalesce(level.on_hand, 0),
       coalesce(ledger.quantity, 0)
  FROM inventory_stocklevel AS level FULL JOIN ledger USING (variant_id, location_id, condition, owner_id)
 WHERE coalesce(level.on_hand, 0) <> coalesce(ledger.quantity, 0) LIMIT 500
"""

_RESERVED = """
SELECT level.variant_id, level.location_id, level.condition, level.reserved, coalesce(held.quantity, 0)
  FROM inventory_stocklevel AS level
  LEFT JOIN (SELECT level_id, sum(quantity - consumed - released) AS quantity
               FROM inventory_demand WHERE quantity > consumed + released GROUP BY level_id) AS held
         ON held.level_id = level.id
 WHERE level.reserved <> coalesce(held.quantity, 0) LIMIT 500
"""

_COUNTED = """
SELECT coalesce(result.variant_id, 0), coalesce(result.location_id, 0), 'count', coalesce(result.difference, 0),
       coalesce(moved.quantity, 0)
  FROM (SELECT document.number, document.location_id, result.variant_id, result.difference
          FROM inventory_countresult AS result
          JOIN inventory_count ON inventory_count.id = result.count_id
          JOIN inventory_stockdocument AS document ON document.id = inventory_count.document_id) AS result
  LEFT JOIN (SELECT cause_id, variant_id,
                    sum(CASE WHEN to_location_id IS NULL THEN -quantity ELSE quantity END) AS quantity
               FROM inventory_stockmovement WHERE cause_type = 'stock_document' AND kind = 'count'
              GROUP BY cause_id, variant_id) AS moved
         ON moved.cause_id = result.number AND moved.variant_id = result.variant_id
 WHERE result.difference <> coalesce(moved.quantity, 0) LIMIT 500
"""


def _differences(sql: str, what: str) -> list[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [
            Difference(f"{what} of variant {variant} at location {location} ({condition})", stored, ledger)
            for variant, location, condition, stored, ledger in cursor.fetchall()
        ]


def on_hand_differences() -> list[Difference]:
    return _differences(_ON_HAND, "on hand")


def reserved_differences() -> list[Difference]:
    return _differences(_RESERVED, "reserved")


def counted_differences() -> list[Difference]:
    return _differences(_COUNTED, "what a count found")


check("stock on hand = stock ledger", on_hand_differences)
check("reserved = promises held", reserved_differences)
check("results of counts = stock ledger", counted_differences)
