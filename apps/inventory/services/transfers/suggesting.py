"""What a location could ask of others: it sells a thing and runs out of it, while somebody else keeps enough for weeks."""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from django.db import connection
from django.utils import timezone

from apps.inventory.models import StockMovement
from apps.network.directory import Entry, locations

PERIOD = 28  # days of sales that a rate is read from
LOW = 7  # what is there lasts for fewer days: a location runs out
TARGET = 21  # so many days it should last for afterwards
KEPT = 28  # days that whoever gives keeps for itself
_MOST = 60
_SOLD = (StockMovement.Kind.SALE, StockMovement.Kind.COLLECT)  # as `selling_through.py` says: not parcels


@dataclass(frozen=True, slots=True)
class Suggestion:
    """So many of a variant, of the nearest location that can spare them.

    `there` is what the receiver has and what is on its way to it, `days` how long that lasts at `per_day`; `spare` is what
    the sender has beyond its own cover.
    """

    variant_id: int
    sender: Entry
    km: float | None
    quantity: Decimal
    there: Decimal
    per_day: Decimal
    days: Decimal
    spare: Decimal


def suggest_transfers(*, receiver_id: int, limit: int = _MOST) -> list[Suggestion]:
    """What a location could ask for, what runs out first at the top. One query, whatever the size of the chain."""
    directory = locations(knowing=[receiver_id])
    ranking = directory.ranking(directory.by_id[receiver_id].point)
    nearest: dict[int, tuple[tuple[bool, int], Suggestion]] = {}
    for variant_id, there, per_day, sender_id, spare in _read(receiver_id, limit):
        sender = directory.by_id.get(sender_id)
        if sender is None or not sender.is_active:
            continue
        needed = (per_day * TARGET - there).to_integral_value(ROUND_CEILING)
        can_spare = spare.to_integral_value(ROUND_FLOOR)
        quantity = min(needed, can_spare)
        # The nearest that can give all of it; where nobody can, the nearest that can give some.
        place = (can_spare < needed, ranking.place[sender_id])
        if quantity >= 1 and (variant_id not in nearest or place < nearest[variant_id][0]):
            days = max(there, Decimal(0)) / per_day
            nearest[variant_id] = (
                place,
                Suggestion(variant_id, sender, ranking.km[sender_id], quantity, there, per_day, days, can_spare),
            )
    found = [suggestion for _place, suggestion in nearest.values()]
    return sorted(found, key=lambda one: (one.days, -one.per_day, one.variant_id))


def _read(receiver_id: int, limit: int) -> list[tuple[int, Decimal, Decimal, int, Decimal]]:
    since: dt.datetime = timezone.now() - dt.timedelta(days=PERIOD)
    with connection.cursor() as cursor:
        cursor.execute(
            _SUGGEST,
            {
                "here": receiver_id,
                "since": since,
                "sold": [str(kind) for kind in _SOLD],
                "period": PERIOD,
                "low": LOW,
                "kept": KEPT,
                "limit": limit,
            },
        )
        return list(cursor.fetchall())


# What came from elsewhere is not asked for twice: goods in transit and goods that others set aside count as there.
_SUGGEST = """
WITH rate AS (
        SELECT variant_id, sum(quantity) / %(period)s::numeric AS per_day
          FROM inventory_stockmovement
         WHERE from_location_id = %(here)s AND kind = ANY(%(sold)s) AND occurred_at >= %(since)s
         GROUP BY variant_id),
     stock AS (
        SELECT variant_id, sum(on_hand - reserved) AS there
          FROM inventory_stocklevel
         WHERE location_id = %(here)s AND condition IN ('saleable', 'in_transit')
         GROUP BY variant_id),
     asked AS (
        SELECT line.variant_id, sum(line.requested - line.sent - line.unsent) AS coming
          FROM inventory_transferline AS line JOIN inventory_transfer AS transfer ON transfer.id = line.transfer_id
         WHERE transfer.receiver_id = %(here)s AND transfer.status IN ('asked', 'to_send', 'partly')
           AND transfer.cause_type = ''
         GROUP BY line.variant_id),
     short AS (
        SELECT rate.variant_id, rate.per_day, COALESCE(stock.there, 0) + COALESCE(asked.coming, 0) AS there
          FROM rate LEFT JOIN stock USING (variant_id) LEFT JOIN asked USING (variant_id)
         WHERE COALESCE(stock.there, 0) + COALESCE(asked.coming, 0) < rate.per_day * %(low)s
         ORDER BY (COALESCE(stock.there, 0) + COALESCE(asked.coming, 0)) / rate.per_day, rate.per_day DESC, variant_id
         LIMIT %(limit)s),
     others AS (
        SELECT level.variant_id, level.location_id, sum(level.on_hand - level.reserved - level.safety_collect) AS free
          FROM short JOIN inventory_stocklevel AS level USING (variant_id)
         WHERE level.condition = 'saleable' AND level.location_id <> %(here)s
         GROUP BY level.variant_id, level.location_id
        HAVING sum(level.on_hand - level.reserved - level.safety_collect) >= 1),
     theirs AS (
        SELECT moved.variant_id, moved.from_location_id AS location_id, sum(moved.quantity) / %(period)s::numeric AS per_day
          FROM short JOIN inventory_stockmovement AS moved USING (variant_id)
         WHERE moved.kind = ANY(%(sold)s) AND moved.occurred_at >= %(since)s
         GROUP BY moved.variant_id, moved.from_location_id)
SELECT short.variant_id, short.there, short.per_day, others.location_id,
       others.free - COALESCE(theirs.per_day, 0) * %(kept)s AS spare
  FROM short JOIN others USING (variant_id) LEFT JOIN theirs USING (variant_id, location_id)
 WHERE others.free - COALESCE(theirs.per_day, 0) * %(kept)s >= 1"""
