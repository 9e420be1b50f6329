"""Sourcing delivery orders of three lines over many stores: without a profile, with one, and what each part of it takes.

python -m benchmarks.sourcing [--stores 600] [--orders 300]
"""

import argparse
import datetime as dt
import random
import statistics
import time
from collections.abc import Callable
from decimal import Decimal

from benchmarks.harness import database, line, per_second

POSTCODES = ("1011AB", "2312AB", "3511AB", "5611AB", "6511AB", "7511AB", "8911AB", "9711AB")


def median_ms(work: Callable[[], object], times: int = 50) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, default=600, help="that send orders, each with some of everything")
    parser.add_argument("--orders", type=int, default=300)
    given = parser.parse_args()
    with database():
        from django.db import connection, transaction
        from django.db.backends.postgresql.psycopg_any import DateRange
        from django.utils import timezone

        from apps.customers.services.people import Person
        from apps.inventory.models import Criterion, StockLevel
        from apps.inventory.services import profiles
        from apps.inventory.services.choosing import decide
        from apps.inventory.services.decisions import Occasion, Profile
        from apps.inventory.services.profiles import draft_profile, profile_in_force, publish_profile, put_strategy
        from apps.inventory.services.sourcing import read_candidates
        from apps.network import directory
        from apps.network.models import Location, Ownership
        from apps.network.postcodes import centroid
        from apps.orders.services.placing import place_order
        from apps.orders.services.types import OrderDocument, OrderedLine
        from tests.shop import open_shop

        chance = random.Random(7)
        shop = open_shop()
        stores = Location.objects.bulk_create(
            Location(
                code=f"B{n:04d}",
                name=f"Store {n}",
                postcode=chance.choice(POSTCODES),
                city="x",
                ships_orders=True,
                parcels_a_day=30_000,
            )
            for n in range(given.stores)
        )
        Ownership.objects.bulk_create(
            Ownership(location=store, legal_entity=shop.own, valid=DateRange(dt.date(2020, 1, 1), None))
            for store in stores
        )
        StockLevel.objects.bulk_create(
            StockLevel(variant=variant, location=store, owner=shop.own, on_hand=chance.choice((0, 3, 1_000_000)))
            for store in stores
            for variant in shop.variants.values()
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        directory.forget()
        numbers = iter(range(10**9))

        def place(_n: int) -> None:
            n = next(numbers)
            document = OrderDocument(
                external_id=f"S-{n}",
                placed_at=timezone.now(),
                currency="EUR",
                method="delivery",
                person=Person(
                    source="web", account_id="known", postcode=POSTCODES[n % len(POSTCODES)], house_number="1"
                ),
                lines=[OrderedLine(sku, Decimal(1), Decimal("10.00")) for sku in "ABC"],
                payment_terms="invoice",
                fingerprint=str(n),
            )
            place_order(channel=shop.web, document=document, actor="bench")

        def in_sql(_n: int) -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT location_id FROM inventory_stocklevel WHERE variant_id = ANY(%s) AND condition = 'saleable' "
                    "AND on_hand - reserved - safety_delivery >= 1 GROUP BY location_id HAVING count(*) = 3 LIMIT 1",
                    [[variant.pk for variant in shop.variants.values()]],
                )
                location_id = cursor.fetchone()[0]
                cursor.execute(
                    "UPDATE inventory_stocklevel SET reserved = reserved + 1 WHERE location_id = %s AND condition = "
                    "'saleable' AND on_hand - reserved - safety_delivery >= 1",
                    [location_id],
                )

        place(0)
        floor = per_second(in_sql, count=given.orders)
        line("choosing and reserving in bare SQL", f"{floor:,.0f}/s")
        rate = per_second(place, count=given.orders)
        line(
            f"orders of 3 lines, {given.stores} stores, built-in rule",
            f"{rate:,.0f}/s",
            f"{rate / floor:.2f} of the floor",
        )
        draft = draft_profile(version="1", name="Near", takes_from_anywhere=True)
        put_strategy(profile=draft, position=None, name="Same day", speeds=["same_day"], criteria=[Criterion.NEAREST])
        put_strategy(profile=draft, position=None, name="Warehouse", sources="dc", criteria=[Criterion.FEWEST_PARCELS])
        put_strategy(
            profile=draft,
            position=None,
            name="Stores",
            sources="store",
            keep_days=14,
            criteria=[Criterion.FEWEST_PARCELS, Criterion.SLOWEST_STOCK, Criterion.NEAREST],
        )
        publish_profile(profile=draft, principal=None)
        profiles.forget()
        place(0)
        rate = per_second(place, count=given.orders)
        line("the same, by a profile of three strategies", f"{rate:,.0f}/s", f"{rate / floor:.2f} of the floor")
        needed = {variant.pk: Decimal(1) for variant in shop.variants.values()}
        occasion = Occasion(channel="web", country="NL", near=centroid("3511AB"))
        known, today = directory.locations(), timezone.localdate()
        built_in, in_force = Profile(), profile_in_force()

        def read(profile: Profile) -> list:
            return read_candidates(needed, known, profile, occasion, day=today)[0]

        for name, profile in (("built-in rule", built_in), ("profile", in_force)):
            candidates = read(profile)
            line(f"reading {len(candidates)} candidates, {name}", f"{median_ms(lambda p=profile: read(p)):.2f} ms")
            taken = median_ms(
                lambda p=profile, c=candidates: decide(profile=p, occasion=occasion, needed=needed, candidates=c)
            )
            line(f"deciding, {name}", f"{taken:.2f} ms")


if __name__ == "__main__":
    main()
