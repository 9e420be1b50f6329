"""What deserves to be counted most: what the store is asked to look at, then what sold most since it was counted last."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.inventory.models import StockMovement, StoreTask
from apps.network.models import Location

SOLD_WITHIN = dt.timedelta(days=90)
"""How far back sales are looked at."""

_SOLD = [StockMovement.Kind.SALE, StockMovement.Kind.COLLECT, StockMovement.Kind.SHIP]


def asked_for(*, location: Location) -> list[int]:
    """The variants that open tasks of a location ask to count, the oldest task first."""
    tasks = StoreTask.objects.open().filter(location=location, variant__isnull=False).order_by("raised_at", "pk")
    return list(dict.fromkeys(tasks.values_list("variant_id", flat=True)))


def fastest_sellers(*, location: Location, limit: int, uncounted_days: int = 0, but: Sequence[int] = ()) -> list[int]:
    """The variants of which a location sold most since they were counted there last, or in the last 90 days.

    `uncounted_days` leaves out what was counted within so many days, `but` what is counted anyhow.
    """
    now = timezone.now()
    asked: dict[str, Any] = {
        "location": location.pk,
        "since": now - SOLD_WITHIN,
        "uncounted": now - dt.timedelta(days=uncounted_days),
        "sold": _SOLD,
        "but": list(but),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FASTEST, asked)
        return [row[0] for row in cursor.fetchall()]


# A count that found no difference moved nothing: it is known by its result. A count from a file is known by what it moved.
_FASTEST = """
WITH counted AS (
    SELECT variant_id, max(at) AS at FROM (
        SELECT result.variant_id, result.counted_at AS at
          FROM inventory_countresult AS result JOIN inventory_count ON inventory_count.id = result.count_id
         WHERE inventory_count.location_id = %(location)s AND result.counted_at > %(since)s
        UNION ALL
        SELECT variant_id, occurred_at FROM inventory_stockmovement
         WHERE kind = 'count' AND (from_location_id = %(location)s OR to_location_id = %(location)s)
           AND recorded_at > %(since)s) AS either
     GROUP BY variant_id)
SELECT sold.variant_id
  FROM inventory_stockmovement AS sold LEFT JOIN counted USING (variant_id)
 WHERE sold.from_location_id = %(location)s AND sold.kind = ANY(%(sold)s) AND sold.occurred_at > %(since)s
   AND (counted.at IS NULL OR (sold.occurred_at > counted.at AND counted.at <= %(uncounted)s))
   AND NOT sold.variant_id = ANY(%(but)s::bigint[])
 GROUP BY sold.variant_id
 ORDER BY sum(sold.quantity) DESC, sold.variant_id
 LIMIT %(limit)s"""
