"""How quickly stock goes: what each location sold of each variant over the last weeks, out of the ledger.

Parcels are left out: they go to customers of the chain, from wherever sourcing finds the goods, so a store that sends many would
look as if it needed the goods itself, be spared by sourcing, and be given more by transfers that another store's parcels took.
"""

import datetime as dt

from django.db import connection, transaction
from django.utils import timezone

DAYS = 28

_WORK_OUT = """
    WITH sold AS (
        SELECT variant_id, from_location_id AS location_id, round(sum(quantity) / %(days)s, 3) AS per_day
          FROM inventory_stockmovement
         WHERE kind IN ('sale', 'collect') AND from_location_id IS NOT NULL
           AND business_date > %(until)s::date - %(days)s::int AND business_date <= %(until)s
         GROUP BY variant_id, from_location_id
        HAVING round(sum(quantity) / %(days)s, 3) > 0),
         gone AS (
        DELETE FROM inventory_sellthrough AS old
         WHERE NOT EXISTS (SELECT FROM sold
                            WHERE sold.variant_id = old.variant_id AND sold.location_id = old.location_id))
    INSERT INTO inventory_sellthrough AS old (variant_id, location_id, per_day)
    SELECT variant_id, location_id, per_day FROM sold
        ON CONFLICT (variant_id, location_id) DO UPDATE SET per_day = EXCLUDED.per_day
     WHERE old.per_day <> EXCLUDED.per_day"""


@transaction.atomic
def work_out_sell_through(*, until: dt.date | None = None) -> int:
    """Work the table out anew, to the end of a day (yesterday); return how many rows changed or came."""
    day = until or timezone.localdate() - dt.timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(_WORK_OUT, {"days": DAYS, "until": day})
        return int(cursor.rowcount)
