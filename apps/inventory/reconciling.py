"""Stock levels against the stock ledger and the promises."""

from collections.abc import Sequence

from django.db import connection
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from apps.core.reconcile import Difference, Way, check
from apps.inventory.models import Condition, Count

# Each names its row by SKU, location, condition and owner, and then says what is stored and what the ledger makes of it.
_NAMED = """
SELECT variant.sku, location.code, wrong.condition, coalesce(owner.code, ''), wrong.stored, wrong.ledger
  FROM ({wrong}) AS wrong
  JOIN catalogue_variant AS variant ON variant.id = wrong.variant_id
  JOIN network_location AS location ON location.id = wrong.location_id
  LEFT JOIN network_legalentity AS owner ON owner.id = wrong.owner_id"""

_ON_HAND = """
WITH ledger AS (
    SELECT variant_id, location_id, condition, owner_id, sum(quantity) AS quantity FROM (
        SELECT variant_id, to_location_id AS location_id, to_condition AS condition, to_owner_id AS owner_id, quantity
          FROM inventory_stockmovement WHERE to_location_id IS NOT NULL
        UNION ALL
        SELECT variant_id, from_location_id, from_condition, from_owner_id, -quantity
          FROM inventory_stockmovement WHERE from_location_id IS NOT NULL) AS sides
    GROUP BY variant_id, location_id, condition, owner_id)
SELECT variant_id, location_id, condition, owner_id, coalesce(level.on_hand, 0) AS stored,
       coalesce(ledger.quantity, 0) AS ledger
  FROM inventory_stocklevel AS level FULL JOIN ledger USING (variant_id, location_id, condition, owner_id)
 WHERE coalesce(level.on_hand, 0) <> coalesce(ledger.quantity, 0) LIMIT 500"""

_RESERVED = """
SELECT level.variant_id, level.location_id, level.condition, level.owner_id, level.reserved AS stored,
       coalesce(held.quantity, 0) AS ledger
  FROM inventory_stocklevel AS level
  LEFT JOIN (SELECT level_id, sum(quantity - consumed - released) AS quantity
               FROM inventory_demand WHERE quantity > consumed + released GROUP BY level_id) AS held
         ON held.level_id = level.id
 WHERE level.reserved <> coalesce(held.quantity, 0) LIMIT 500"""

_COUNTED = """
SELECT result.variant_id, result.location_id, 'saleable' AS condition, NULL::bigint AS owner_id,
       result.difference AS stored, coalesce(moved.quantity, 0) AS ledger
  FROM (SELECT document.number, document.location_id, result.variant_id, result.difference
          FROM inventory_countresult AS result
          JOIN inventory_count ON inventory_count.id = result.count_id
          JOIN inventory_stockdocument AS document ON document.id = inventory_count.document_id) AS result
  LEFT JOIN (SELECT cause_id, variant_id,
                    sum(CASE WHEN to_location_id IS NULL THEN -quantity ELSE quantity END) AS quantity
               FROM inventory_stockmovement WHERE cause_type = 'stock_document' AND kind = 'count'
              GROUP BY cause_id, variant_id) AS moved
         ON moved.cause_id = result.number AND moved.variant_id = result.variant_id
 WHERE result.difference <> coalesce(moved.quantity, 0) LIMIT 500"""

_ON_PLACES = """
WITH ledger AS (
    SELECT variant_id, location_id, condition, owner_id, place_id, sum(quantity) AS quantity FROM (
        SELECT variant_id, to_location_id AS location_id, to_condition AS condition, to_owner_id AS owner_id,
               to_place_id AS place_id, quantity
          FROM inventory_stockmovement WHERE to_place_id IS NOT NULL
        UNION ALL
        SELECT variant_id, from_location_id, from_condition, from_owner_id, from_place_id, -quantity
          FROM inventory_stockmovement WHERE from_place_id IS NOT NULL) AS sides
    GROUP BY variant_id, location_id, condition, owner_id, place_id)
SELECT variant_id, location_id, condition, owner_id, sum(coalesce(held.quantity, 0)) AS stored,
       sum(coalesce(ledger.quantity, 0)) AS ledger
  FROM inventory_placelevel AS held FULL JOIN ledger USING (variant_id, location_id, condition, owner_id, place_id)
 WHERE coalesce(held.quantity, 0) <> coalesce(ledger.quantity, 0)
 GROUP BY variant_id, location_id, condition, owner_id LIMIT 500"""


def _differences(sql: str) -> list[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(_NAMED.format(wrong=sql))
        return [
            Difference(" · ".join(part for part in key if part), stored, ledger, tuple(key))
            for *key, stored, ledger in cursor.fetchall()
        ]


def on_hand_differences() -> list[Difference]:
    return _differences(_ON_HAND)


def place_differences() -> list[Difference]:
    """Levels of which a place shows another number than its movements; both numbers are of all such places together."""
    return _differences(_ON_PLACES)


def reserved_differences() -> list[Difference]:
    return _differences(_RESERVED)


def counted_differences() -> list[Difference]:
    return _differences(_COUNTED)


def ways_of_level(key: Sequence[str]) -> list[Way]:
    """A wrong level is rebuilt from the ledger; whoever doubts the ledger counts."""
    sku, location, condition, owner = key
    level = {"sku": sku, "code": location, "condition": condition, "owner": owner}
    rebuild = reverse("inventory:rebuild", kwargs=level)
    return [Way(_("Rebuild from the ledger"), rebuild, "inventory.rebuild"), *ways_of_count(key)]


def ways_of_count(key: Sequence[str]) -> list[Way]:
    """What really lies there is found by a count, of what is saleable."""
    sku, location, condition, _owner = key
    if condition != Condition.SALEABLE:
        return []
    asked = urlencode({"basis": Count.Basis.GIVEN, "sku": sku, "location": location})
    return [Way(_("Count it"), f"{reverse('inventory:open-count')}?{asked}", "inventory.count")]


check(
    "stock on hand = stock ledger",
    on_hand_differences,
    label=_("Stock on hand is what the movements add up to"),
    ways=ways_of_level,
)
check(
    "goods on places = stock ledger",
    place_differences,
    label=_("What lies on each place is what the movements add up to"),
    ways=ways_of_level,
)
check(
    "reserved = promises held",
    reserved_differences,
    label=_("What is reserved is what customers were promised"),
    ways=ways_of_level,
)
check(
    "results of counts = stock ledger",
    counted_differences,
    label=_("What counts found is what was booked"),
    ways=ways_of_count,
)
