"""Counting segments at three million customers, beside the statement that somebody would write by hand for each.

Both are timed by turns in the same run on the same rows. The hand-written one knows this data model and nothing else: no
versions, no joined customers, no words.

    python -m benchmarks.segments [--customers 3000000] [--orders 1000000] [--runs 5]
"""

import argparse
import os
import statistics
import time

from benchmarks.harness import database, line
from benchmarks.million import Size, fill

ASKED = {
    "bought online in the last year": (
        ("orders.number", "at_least", "1", {"period": "365", "channel": "@online"}),
        """SELECT count(DISTINCT s.customer_id) FROM orders_order o
           JOIN customers_sourcerecord s ON s.id = o.source_record_id JOIN network_channel c ON c.id = o.channel_id
           WHERE c.kind = 'webshop' AND o.status NOT IN ('cancelled', 'awaiting_payment')
           AND o.business_date > current_date - 365""",
    ),
    "spent 150 euros or more in two years": (
        ("orders.spent", "at_least", "150", {"period": "730", "currency": "EUR"}),
        """SELECT count(*) FROM (SELECT s.customer_id FROM orders_order o
           JOIN customers_sourcerecord s ON s.id = o.source_record_id WHERE o.currency = 'EUR'
           AND o.status NOT IN ('cancelled', 'awaiting_payment') AND o.business_date > current_date - 730
           GROUP BY 1 HAVING sum(o.total) >= 150) AS people""",
    ),
    "has no order": (
        ("orders.number", "at_most", "0", {}),
        """SELECT count(*) FROM customers_customer c WHERE merged_into_id IS NULL AND NOT EXISTS (SELECT FROM orders_order o
           JOIN customers_sourcerecord s ON s.id = o.source_record_id
           WHERE s.customer_id = c.id AND o.status NOT IN ('cancelled', 'awaiting_payment'))""",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=3_000_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with database():
        fill(Size(customers=options.customers, orders=options.orders, products=min(50_000, options.orders)))
        measure(options.runs)


def measure(runs: int) -> None:
    """Print the median of each, and how many customers it counts."""
    from django.db import connection

    from apps.customers.segments.conditions import Condition, Definition, Group
    from apps.customers.segments.selecting import who

    line("load of the machine as it begins", f"{os.getloadavg()[0]:.1f}")
    for name, ((measure, operator, value, more), bare) in ASKED.items():
        people = who(Definition((Group((Condition(measure, operator, value, **more),)),)))
        ours, theirs = [], []
        for _run in range(runs):
            started = time.perf_counter()
            counted = people.count()
            ours.append(time.perf_counter() - started)
            started = time.perf_counter()
            with connection.cursor() as cursor:
                cursor.execute(bare)
                [by_hand] = cursor.fetchone()
            theirs.append(time.perf_counter() - started)
        assert counted == by_hand, f"{name}: {counted} and {by_hand}"
        mine, other = statistics.median(ours) * 1000, statistics.median(theirs) * 1000
        line(name, f"{mine:.0f} ms", f"by hand {other:.0f} ms; {counted} customers; {mine / other:.2f} times")
    line("load of the machine as it ends", f"{os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
