"""Stock that has gone by now, though nobody told: a store whose tills report late sells in the meantime.

Drift = the age of what the tills told × what the location sells of it a day, in whole units. A till that reports at once says
by its silence that nothing was sold, until it has been silent for longer than `SILENT_AFTER`.
"""

import datetime as dt
import time
from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection
from django.utils import timezone

from apps.inventory.models import Feed, SellThrough
from apps.network.models import Location

KEPT_SECONDS = 30.0
SILENT_AFTER = dt.timedelta(hours=24)
_DAY = dt.timedelta(days=1)

_kept: tuple[float, dict[int, tuple[dt.datetime, bool]]] | None = None


def feeds() -> Mapping[int, tuple[dt.datetime, bool]]:
    """Up to when the sales of a location are known, and whether its tills report in batches: {location id: …}."""
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > KEPT_SECONDS:
        rows = Feed.objects.values_list("location_id", "known_until", "location__sales_come")
        _kept = (time.monotonic(), {id_: (until, come == Location.SalesCome.BATCH) for id_, until, come in rows})
    return _kept[1]


def forget() -> None:
    """Read the feeds anew at the next question; between tests."""
    global _kept
    _kept = None


def age_of(location_id: int, now: dt.datetime) -> dt.timedelta | None:
    """How old what a location's tills told is; None for one without tills, such as a distribution centre."""
    known = feeds().get(location_id)
    return max(now - known[0], dt.timedelta()) if known is not None else None


def late_by(location_id: int, now: dt.datetime) -> dt.timedelta:
    """For how long a location may have sold what it has not told; nothing when its tills report at once."""
    known = feeds().get(location_id)
    if known is None:
        return dt.timedelta()
    until, in_batches = known
    age = max(now - until, dt.timedelta())
    return age if in_batches or age > SILENT_AFTER else dt.timedelta()


def drift(
    *, variant_ids: Collection[int], location_ids: Collection[int] | None = None
) -> dict[tuple[int, int], Decimal]:
    """What may have gone unseen: {(variant id, location id): quantity}. One query when a location is late, else none."""
    now = timezone.now()
    late = {id_: age for id_ in feeds() if (location_ids is None or id_ in location_ids) and (age := late_by(id_, now))}
    if not late:
        return {}
    rows = SellThrough.objects.filter(variant__in=variant_ids, location__in=late).values_list(
        "variant_id", "location_id", "per_day"
    )
    gone = {(variant_id, location_id): unseen(late[location_id], per_day) for variant_id, location_id, per_day in rows}
    return {key: quantity for key, quantity in gone.items() if quantity}


def unseen(age: dt.timedelta, per_day: Decimal) -> Decimal:
    """What is sold in that time, in whole units."""
    return (per_day * Decimal(age / _DAY)).quantize(Decimal(1), ROUND_HALF_UP)


_HEARD_AGAIN_AFTER = "30 seconds"
# A row that another till is writing is passed over: that one says the same.
_HEAR = f"""
    WITH told AS (
        SELECT location_id, LEAST(until, now()) AS until  -- a till whose clock is ahead knows no more than we do
          FROM unnest(%(ids)s::bigint[], %(until)s::timestamptz[]) AS told(location_id, until)),
         known AS (
        SELECT feed.id FROM inventory_feed AS feed JOIN told USING (location_id)
         WHERE feed.heard_at < now() - interval '{_HEARD_AGAIN_AFTER}'
            OR feed.known_until < told.until - interval '{_HEARD_AGAIN_AFTER}'
           FOR NO KEY UPDATE OF feed SKIP LOCKED),
         again AS (
        UPDATE inventory_feed AS feed SET heard_at = now(), known_until = GREATEST(feed.known_until, told.until)
          FROM told WHERE feed.location_id = told.location_id AND feed.id IN (SELECT id FROM known))
    INSERT INTO inventory_feed (location_id, heard_at, known_until)
    SELECT location_id, now(), until FROM told
     WHERE NOT EXISTS (SELECT FROM inventory_feed AS feed WHERE feed.location_id = told.location_id)
        ON CONFLICT DO NOTHING"""


def hear(*, known_until: Mapping[int, dt.datetime]) -> None:
    """Note that the tills of locations told of sales up to a moment: {location id: moment}. Cheap enough for every ticket."""
    if known_until:
        ids = sorted(known_until)
        with connection.cursor() as cursor:
            cursor.execute(_HEAR, {"ids": ids, "until": [known_until[id_] for id_ in ids]})
