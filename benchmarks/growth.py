"""How stock and orders grow with the stores, the articles and the history of a chain: each size in a database of its own.

python -m benchmarks.growth [--full] [--orders 200]

What 1 and 100 SKUs have, the ten nearest stores, beside reading just the numbers in bare SQL; orders of three lines that are
collected, and that are sent. `--full` goes on to 600 stores that have all of 50,000 articles: 30 million stock levels,
25 GB of disk and a quarter of an hour.
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal

from benchmarks.harness import database, line, per_second
from benchmarks.million import Size, fill

SIZES = {
    "60 stores x 5,000": Size(
        stores=60, products=5_000, everywhere=True, customers=1_000, orders=1_000, open_orders=60
    ),
    "600 stores x 5,000": Size(
        stores=600, products=5_000, everywhere=True, customers=1_000, orders=1_000, open_orders=60
    ),
    "the same after 2 million movements and 200,000 orders": Size(
        stores=600, products=5_000, everywhere=True, customers=10_000, orders=200_000, open_orders=60, ledger=2_000_000
    ),
    "600 stores x 50,000": Size(
        stores=600, products=50_000, everywhere=True, customers=1_000, orders=1_000, open_orders=60
    ),
}
LARGEST = "600 stores x 50,000"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--size", choices=SIZES, help="just this one")
    options = parser.parse_args()
    if options.size:
        measure(options.size, options.orders)
        return
    for name in SIZES:
        if name != LARGEST or options.full:
            again = [sys.executable, "-m", "benchmarks.growth", "--size", name, "--orders", str(options.orders)]
            subprocess.run(again, check=True)


def measure(name: str, orders: int) -> None:
    with database():
        size = SIZES[name]
        began = time.monotonic()
        fill(size)
        levels = size.stores * size.products
        print(f"\n{name}: {levels:,} stock levels, filled in {time.monotonic() - began:.0f} s", flush=True)
        _availability(size)
        _orders(size, orders)


def _availability(size: Size) -> None:
    from django.db import connection

    from apps.inventory.services.availability import Question, availability
    from apps.network.postcodes import centroid

    near = centroid("3511AB")

    def some(count: int) -> list[str]:
        return [f"MW-{100_000 + n}" for n in random.sample(range(1, size.products + 1), count)]

    def in_sql(count: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT variant.sku, level.location_id, level.on_hand - level.reserved - level.safety_collect "
                "FROM catalogue_variant variant JOIN inventory_stocklevel level ON level.variant_id = variant.id "
                "WHERE variant.sku = ANY(%s) AND level.condition = 'saleable'",
                [some(count)],
            )
            cursor.fetchall()

    for count in (1, 100):
        floor = _median_ms(lambda count=count: in_sql(count))
        taken = _median_ms(lambda count=count: availability(Question(some(count), channel="web", near=near)))
        line(
            f"  availability of {count} SKUs",
            f"{taken:.1f} ms",
            f"reading just their levels in bare SQL {floor:.1f} ms",
        )


def _orders(size: Size, count: int) -> None:
    from django.utils import timezone

    from apps.customers.services.people import Person
    from apps.network.models import Channel
    from apps.orders.services.placing import place_order
    from apps.orders.services.types import OrderDocument, OrderedLine

    web = Channel.objects.get(code="web")

    def place(n: int, method: str) -> None:
        # Article n costs 5 + n % 90; a store has (7 n + 13 l) % 30 of it, at first.
        store = random.randint(1, size.stores)
        there = [n for n in random.sample(range(1, size.products + 1), 60) if (7 * n + 13 * store) % 30 > 10][:3]
        document = OrderDocument(
            external_id=f"G-{method}-{n}",
            placed_at=timezone.now(),
            currency="EUR",
            method=method,
            location=f"S{store:03d}" if method == "collect" else None,
            person=Person(source="web", account_id="web-1", postcode="3511AB", house_number="1"),
            lines=[OrderedLine(f"MW-{100_000 + n}", Decimal(1), Decimal(5 + n % 90)) for n in there],
            payment_terms="invoice",
            fingerprint=str(n),
        )
        place_order(channel=web, document=document, actor="bench")

    for method, said in (("collect", "collected"), ("delivery", "sent, chosen among the stores that send")):
        place(-1, method)
        line(f"  orders of 3 lines, {said}", f"{per_second(lambda n, m=method: place(n, m), count=count):.0f}/s")


def _median_ms(work: Callable[[], object], times: int = 60) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
