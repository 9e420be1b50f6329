"""Proof that every cent of online revenue has one place: shares add up to their lines, running figures to shares."""

from collections.abc import Sequence

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.core.reconcile import Difference, check
from apps.network.models import Channel

_SUBSCRIBER = "franchise.shares"

# What a line should have shared: its net amount × (handed over − returned) / ordered. Orders of before the first rule set
# are credited to nobody.
_LINES = """
    WITH online AS (
        SELECT o.id, o.number FROM orders_order AS o JOIN network_channel AS channel ON channel.id = o.channel_id
         WHERE o.origin = 'live' AND channel.kind = ANY(%s)
           AND o.business_date >= (SELECT MIN(valid_from) FROM franchise_ruleset WHERE published_at IS NOT NULL)),
    due AS (
        SELECT online.number, line.line,
               ROUND((line.amount - COALESCE(line.vat_amount, 0))
                     * (line.quantity_fulfilled - line.quantity_returned) / line.quantity, 2) AS amount
          FROM online JOIN orders_orderline AS line ON line.order_id = online.id),
    shared AS (
        SELECT order_number AS number, order_line AS line, SUM(amount) AS amount
          FROM franchise_revenueshare GROUP BY 1, 2)
    SELECT number, line, COALESCE(shared.amount, 0), COALESCE(due.amount, 0)
      FROM due FULL JOIN shared USING (number, line)
     WHERE COALESCE(shared.amount, 0) <> COALESCE(due.amount, 0)
     ORDER BY 1, 2 LIMIT 300
"""

_STORES = """
    WITH ledger AS (
        SELECT location_id, legal_entity_id, business_date, currency,
               COALESCE(SUM(amount) FILTER (WHERE kind = 'credit'), 0) AS credited,
               -COALESCE(SUM(amount) FILTER (WHERE kind = 'reversal'), 0) AS reversed
          FROM franchise_revenueshare GROUP BY 1, 2, 3, 4),
    both_sides AS (
        SELECT location_id, legal_entity_id, business_date, currency, credited, reversed, 0 AS due_credited,
               0 AS due_reversed FROM franchise_storerevenue
        UNION ALL
        SELECT location_id, legal_entity_id, business_date, currency, 0, 0, credited, reversed FROM ledger)
    SELECT CONCAT_WS(' ', COALESCE(location.code, entity.code), business_date, both_sides.currency),
           SUM(credited), SUM(due_credited), SUM(reversed), SUM(due_reversed)
      FROM both_sides JOIN network_legalentity AS entity ON entity.id = legal_entity_id
      LEFT JOIN network_location AS location ON location.id = location_id
     GROUP BY location_id, legal_entity_id, location.code, entity.code, business_date, both_sides.currency
    HAVING SUM(credited) <> SUM(due_credited) OR SUM(reversed) <> SUM(due_reversed)
     ORDER BY 1 LIMIT 300
"""


def lines_not_shared_to_the_cent() -> Sequence[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [sorted(Channel.ONLINE)])
        return [Difference(f"order {number} line {line}", *amounts) for number, line, *amounts in cursor.fetchall()]


def stores_unlike_their_shares() -> Sequence[Difference]:
    differences = []
    with connection.cursor() as cursor:
        cursor.execute(_STORES)
        for where, credited, due_credited, back, due_back in cursor.fetchall():
            if credited != due_credited:
                differences.append(Difference(f"{where} credited", credited, due_credited))
            if back != due_back:
                differences.append(Difference(f"{where} reversed", back, due_back))
    return differences


check(
    "revenue shares = net of goods handed over less returned",
    lines_not_shared_to_the_cent,
    label=_("Credited online revenue is what was handed over, less what came back"),
    subscribers={_SUBSCRIBER},
)
check(
    "online revenue of stores = revenue shares",
    stores_unlike_their_shares,
    label=_("Online revenue of each store is the sum of its credited lines"),
)
