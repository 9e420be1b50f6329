"""What lies in a location on no place yet, and where it could go. And what is for sale, but lies where nothing is sold."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from apps.catalogue.models import Variant
from apps.inventory.services.places.homes import homes_of
from apps.network.models import Location


@dataclass(frozen=True)
class ToPutAway:
    """So many of a variant that lie on `source` ("" is no place); `place` is where they lie or lay last, "" when nowhere."""

    variant: Variant
    quantity: Decimal
    source: str
    place: str


def to_put_away(location: Location, *, limit: int) -> tuple[list[ToPutAway], int]:
    """What is to be put away in a location, what came in last first, and how many there are in all. Three queries.

    Goods that were sold beyond their stock have no rest; goods in quarantine that are for sale again have.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TO_PUT_AWAY, {"location": location.pk, "limit": limit})
        rows = cursor.fetchall()
    variants = Variant.objects.select_related("product").prefetch_related("product__texts").in_bulk(r[0] for r in rows)
    homes = homes_of(location.pk, [row[0] for row in rows])
    found = [
        ToPutAway(variants[variant_id], quantity, source, homes.get(variant_id, ""))
        for variant_id, quantity, source, _total in rows
    ]
    return found, rows[0][3] if rows else 0


_TO_PUT_AWAY = """
WITH held AS (
    SELECT variant_id, owner_id, sum(quantity) AS quantity FROM inventory_placelevel
     WHERE location_id = %(location)s AND condition = 'saleable' AND quantity > 0 GROUP BY variant_id, owner_id),
     rest AS (
    SELECT level.variant_id, level.on_hand - coalesce(held.quantity, 0) AS quantity, '' AS source, level.changed_at
      FROM inventory_stocklevel AS level LEFT JOIN held USING (variant_id, owner_id)
     WHERE level.location_id = %(location)s AND level.condition = 'saleable'
       AND level.on_hand > coalesce(held.quantity, 0)
     UNION ALL
    SELECT level.variant_id, pile.quantity, place.code, level.changed_at
      FROM inventory_place AS place JOIN inventory_placelevel AS pile ON pile.place_id = place.id
      JOIN inventory_stocklevel AS level ON level.variant_id = pile.variant_id AND level.location_id = pile.location_id
       AND level.condition = pile.condition AND level.owner_id = pile.owner_id
     WHERE place.location_id = %(location)s AND place.kind = 'quarantine' AND pile.condition = 'saleable'
       AND pile.quantity > 0)
SELECT variant_id, sum(quantity), source, count(*) OVER () FROM rest
 GROUP BY variant_id, source ORDER BY max(changed_at) DESC, variant_id, source LIMIT %(limit)s"""
