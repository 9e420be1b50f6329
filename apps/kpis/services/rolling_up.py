"""The roll-ups: added to by events, rebuilt from and compared with the order book.

Both ways give the same *facts*, one row per order or return and news of it, with these columns:

    business_date, channel_id, location_id, currency, source_record_id, orders, collect_orders, known_orders,
    gross, net, returned_gross, returned_net

A line that is handed over in parts counts round half-up(amount × handed over so far / ordered) less what counted before,
so the parts add up to exactly what the whole line's counters say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from apps.core.events.models import Event, Subscription

SUBSCRIBER = "kpis.daily_sales"
FULFILLED, SETTLED = "order.fulfilled", "return.settled"

_TOPICS = f"('{FULFILLED}', '{SETTLED}')"
# News that the subscriber has not added yet: behind its cursor, not stamped, or parked.
_PENDING = f"""(position IS NULL
    OR position > COALESCE((SELECT position FROM core_subscription WHERE name = '{SUBSCRIBER}'), 0)
    OR id IN (SELECT event FROM core_parkedevent WHERE subscriber = '{SUBSCRIBER}'))"""


def _worth(amount: str, quantity: str) -> str:
    return f"ROUND({amount} * {quantity} / line.quantity, 2)"


_NET = "(line.amount - COALESCE(line.vat_amount, 0))"

_ORDER_COLUMNS = """o.business_date, o.channel_id, o.location_id, o.currency, o.source_record_id"""

_RETURN_COLUMNS = """r.business_date, COALESCE(o.channel_id, r.channel_id) AS channel_id,
           CASE WHEN o.id IS NULL THEN r.location_id ELSE o.location_id END AS location_id, r.currency,
           COALESCE(o.source_record_id, r.source_record_id) AS source_record_id"""


def _facts_of_news(which: str) -> str:
    """Common table expressions ending in `news_facts`: the facts of those events for which `which` holds."""
    return f"""
    news AS (
        SELECT id, topic, object_key, payload FROM core_event WHERE topic IN {_TOPICS} AND {which}),
    handed AS (
        SELECT event.id, event.object_key AS number, (part->>'line')::int AS line,
               (part->>'quantity')::numeric AS quantity,
               SUM((part->>'quantity')::numeric) OVER (
                   PARTITION BY event.object_key, part->>'line' ORDER BY event.id) AS so_far,
               DENSE_RANK() OVER (PARTITION BY event.object_key ORDER BY event.id) = 1 AS is_first
          FROM core_event AS event CROSS JOIN LATERAL jsonb_array_elements(event.payload->'lines') AS part
         WHERE event.topic = '{FULFILLED}' AND event.object_type = 'order' AND part->>'quantity' <> '0'
           AND event.object_key IN (SELECT object_key FROM news WHERE topic = '{FULFILLED}')),
    news_facts AS (
        SELECT {_ORDER_COLUMNS},
               handed.is_first::int AS orders,
               (handed.is_first AND o.method = 'collect')::int AS collect_orders,
               (handed.is_first AND o.source_record_id IS NOT NULL)::int AS known_orders,
               SUM({_worth("line.amount", "so_far")} - {_worth("line.amount", "(so_far - handed.quantity)")}) AS gross,
               SUM({_worth(_NET, "so_far")} - {_worth(_NET, "(so_far - handed.quantity)")}) AS net,
               0 AS returned_gross, 0 AS returned_net
          FROM handed JOIN news USING (id)
          JOIN orders_order AS o ON o.number = handed.number
          JOIN orders_orderline AS line ON line.order_id = o.id AND line.line = handed.line
         GROUP BY handed.id, handed.is_first, o.id
        UNION ALL
        SELECT {_RETURN_COLUMNS}, 0, 0, 0, 0, 0,
               SUM(back.amount), SUM(back.amount - COALESCE(back.vat_amount, 0))
          FROM news CROSS JOIN LATERAL jsonb_array_elements(news.payload->'lines') AS part
          JOIN returns_return AS r ON r.number = news.object_key
          JOIN returns_returnline AS back ON back.rma_id = r.id AND back.line = (part->>'line')::int
          LEFT JOIN orders_order AS o ON o.id = back.order_id
         WHERE news.topic = '{SETTLED}' AND back.variant_id IS NOT NULL
         GROUP BY news.id, r.id, o.id)"""


_FACTS_OF_TABLES = f"""
    table_facts AS (
        SELECT {_ORDER_COLUMNS},
               1 AS orders, (o.method = 'collect')::int AS collect_orders,
               (o.source_record_id IS NOT NULL)::int AS known_orders,
               SUM({_worth("line.amount", "line.quantity_fulfilled")}) AS gross,
               SUM({_worth(_NET, "line.quantity_fulfilled")}) AS net,
               0 AS returned_gross, 0 AS returned_net
          FROM orders_order AS o JOIN orders_orderline AS line ON line.order_id = o.id
         WHERE line.quantity_fulfilled > 0
         GROUP BY o.id
        UNION ALL
        SELECT {_RETURN_COLUMNS}, 0, 0, 0, 0, 0,
               SUM(back.amount), SUM(back.amount - COALESCE(back.vat_amount, 0))
          FROM returns_return AS r JOIN returns_returnline AS back ON back.rma_id = r.id
          LEFT JOIN orders_order AS o ON o.id = back.order_id
         WHERE r.status = 'settled' AND back.variant_id IS NOT NULL
         GROUP BY r.id, o.id)"""

_LESS = """business_date, channel_id, location_id, currency, source_record_id, -orders, -collect_orders, -known_orders,
           -gross, -net, -returned_gross, -returned_net"""

# What the roll-ups should hold by the order book, less the news that the subscriber is still to add.
_FACTS_ADDED = f"""
    {_facts_of_news(_PENDING)}, {_FACTS_OF_TABLES},
    facts AS (SELECT * FROM table_facts UNION ALL SELECT {_LESS} FROM news_facts)"""

_DAILY_KEY = "business_date, channel_id, location_id, currency"
_DAILY_SUMS = (
    "orders", "collect_orders", "known_orders", "gross_goods", "net_goods", "known_net_goods", "returned_gross",
    "returned_net",
)  # fmt: skip  # more than one a line
_DAILY = f"""
    SELECT {_DAILY_KEY}, SUM(orders) AS orders, SUM(collect_orders) AS collect_orders, SUM(known_orders) AS known_orders,
           SUM(gross) AS gross_goods, SUM(net) AS net_goods,
           COALESCE(SUM(net) FILTER (WHERE source_record_id IS NOT NULL), 0) AS known_net_goods,
           SUM(returned_gross) AS returned_gross, SUM(returned_net) AS returned_net
      FROM facts GROUP BY {_DAILY_KEY}"""

_SPEND_KEY = "month, currency, source_record_id, channel_kind"
_SPEND_SUMS = ("orders", "net")
_SPEND = """
    SELECT date_trunc('month', business_date)::date AS month, facts.currency, source_record_id,
           channel.kind AS channel_kind, SUM(orders) AS orders, SUM(net - returned_net) AS net
      FROM facts JOIN network_channel AS channel ON channel.id = facts.channel_id
     WHERE source_record_id IS NOT NULL GROUP BY 1, 2, 3, 4"""


def _added(table: str, sums: Sequence[str]) -> str:
    return ", ".join(f"{name} = {table}.{name} + EXCLUDED.{name}" for name in sums)


def _write(facts: str) -> str:
    """One statement that adds facts to both roll-ups, rows in key order so that writers never wait in a circle."""
    return f"""
    WITH {facts},
    daily AS (
        INSERT INTO kpis_dailysales ({_DAILY_KEY}, {", ".join(_DAILY_SUMS)})
        {_DAILY} ORDER BY {_DAILY_KEY}
        ON CONFLICT ({_DAILY_KEY}) DO UPDATE SET {_added("kpis_dailysales", _DAILY_SUMS)})
    INSERT INTO kpis_monthlyspend ({_SPEND_KEY}, {", ".join(_SPEND_SUMS)})
    {_SPEND} ORDER BY {_SPEND_KEY}
    ON CONFLICT ({_SPEND_KEY}) DO UPDATE SET {_added("kpis_monthlyspend", _SPEND_SUMS)}"""


_ADD_NEWS = _write(f"{_facts_of_news('id = ANY(%s)')}, facts AS (SELECT * FROM news_facts)")
_REBUILD = _write(_FACTS_ADDED)


def add_news(events: Sequence[Event]) -> None:
    """Add what events tell to the roll-ups, in one statement. The caller's cursor sees to it that each comes once."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD_NEWS, [[event.pk for event in events]])


@transaction.atomic
def rebuild() -> None:
    """Make the roll-ups anew from orders and returns, while the subscriber waits."""
    Subscription.objects.get_or_create(name=SUBSCRIBER)
    Subscription.objects.select_for_update().get(name=SUBSCRIBER)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kpis_dailysales")
        cursor.execute("DELETE FROM kpis_monthlyspend")
        cursor.execute(_REBUILD)


@dataclass(frozen=True)
class Deviation:
    """A row of a roll-up that does not say what the order book says: its key, and both readings in the same order."""

    key: tuple[Any, ...]
    rolled_up: tuple[Any, ...]
    by_orders: tuple[Any, ...]


def _compare(table: str, key: str, sums: Sequence[str], expected: str) -> str:
    # Every part of a key but the location is always there; a full join wants plain equality.
    sides = [(f"kept.{name}", f"due.{name}") for name in key.split(", ")]
    same = " AND ".join(f"COALESCE({a}, 0) = COALESCE({b}, 0)" if "location" in a else f"{a} = {b}" for a, b in sides)
    kept = [f"COALESCE(kept.{name}, 0)" for name in sums]
    due = [f"COALESCE(due.{name}, 0)" for name in sums]
    keys = ", ".join(f"COALESCE(kept.{name}, due.{name})" for name in key.split(", "))
    return f"""
    WITH {_FACTS_ADDED}, due AS ({expected})
    SELECT {keys}, {", ".join(kept)}, {", ".join(due)}
      FROM {table} AS kept FULL JOIN due ON {same}
     WHERE ({", ".join(kept)}) IS DISTINCT FROM ({", ".join(due)})
     ORDER BY 1 LIMIT 1000"""


def deviations_of_days() -> list[Deviation]:
    """Days on which the roll-up and the order book disagree; both are read at one moment, so lag is no deviation."""
    return _deviations(_compare("kpis_dailysales", _DAILY_KEY, _DAILY_SUMS, _DAILY), 4, len(_DAILY_SUMS))


def deviations_of_spend() -> list[Deviation]:
    """As `deviations_of_days`, for what people spent."""
    return _deviations(_compare("kpis_monthlyspend", _SPEND_KEY, _SPEND_SUMS, _SPEND), 4, len(_SPEND_SUMS))


def _deviations(sql: str, keys: int, sums: int) -> list[Deviation]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [Deviation(row[:keys], row[keys : keys + sums], row[keys + sums :]) for row in cursor.fetchall()]
