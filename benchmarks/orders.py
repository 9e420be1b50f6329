"""Placing orders of three lines in this process and in up to sixteen at once, beside the very same writes in bare SQL.

python -m benchmarks.orders [--orders 400] [--clients 1 2 4 8 16] [--seconds 4]

Spread over forty stores and a thousand articles, and with one article of one store in every order.
"""

import argparse
from decimal import Decimal

from benchmarks.clients import together
from benchmarks.crowd import Crowd, open_crowded_shop
from benchmarks.harness import cpu_ms, database, line, per_second
from benchmarks.replaying import Replay


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=400)
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 2, 4, 8, 16])
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()
    with database():
        crowd = open_crowded_shop()
        replay = Replay(lambda: crowd.place(1, basket=crowd.basket(hot=False)))
        alone(crowd, replay, options.orders)
        for hot in (False, True):
            at_once(crowd, replay, options.clients, options.seconds, hot=hot)
        reserving(crowd, options.clients, options.seconds)


def alone(crowd: Crowd, replay: Replay, count: int) -> None:
    """One process: the rate, the processor time, and how many statements it takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from apps.customers.services.people import Person
    from apps.orders.services.placing import place_order
    from apps.orders.services.types import OrderDocument, OrderedLine
    from apps.payments.services.types import Tendered

    def place(n: int, lines: int = 3, *, known: bool = True) -> None:
        who = "known" if known else f"new{n}"
        document = OrderDocument(
            external_id=f"B-{lines}-{known}-{n}",
            placed_at=timezone.now(),
            currency="EUR",
            method="collect",
            location=crowd.stores[0],
            person=Person(source="web", account_id=who, email=f"{who}@example.org", first_name="Jan"),
            lines=[OrderedLine(sku, Decimal(1), Decimal("10.00")) for sku in crowd.skus[:lines]],
            payments=[Tendered("ideal", Decimal(10 * lines), provider="mollie")],
            fingerprint=str(n),
        )
        place_order(channel=crowd.shop.web, document=document, actor="bench")

    place(-1)
    floor = per_second(replay, count=count)
    line("the same writes in bare SQL", f"{floor:.0f}/s", "the floor")
    for label, known in (("known customer", True), ("new customer each time", False)):
        rate = per_second(lambda n, known=known: place(n, known=known), count=count)
        line(f"order of 3 lines, {label}", f"{rate:.0f}/s", f"{rate / floor:.2f} of the floor, aim 0.33; aim 160/s")
        cost = cpu_ms(lambda n, known=known: place(n, known=known), first=50_000_000, count=count)
        line("  processor time of it in Python", f"{cost:.1f} ms")
    for lines in (1, 3, 30):
        for known in (True, False):
            with CaptureQueriesContext(connection) as queries:
                place(10_000_000 + lines, lines, known=known)
            line(
                f"SQL statements, {lines} lines, {'known' if known else 'new'} customer",
                str(len(queries)),
                "aim: flat, at most 20",
            )


def at_once(crowd: Crowd, replay: Replay, clients: list[int], seconds: float, *, hot: bool) -> None:
    """Whole orders of several processes, beside the same writes of as many."""
    where = "one article in all of them" if hot else "spread"
    levels = _levels(crowd)

    def write(n: int) -> None:
        store, skus = crowd.basket(hot=hot)
        replay(n, levels=[levels[store, sku] for sku in skus])

    def place(n: int) -> None:
        crowd.place(n, basket=crowd.basket(hot=hot))

    for so_many in clients:
        floor = together(write, clients=so_many, seconds=seconds)
        pace = together(place, clients=so_many, seconds=seconds)
        aim = "; aim 150/s" if hot else ""
        line(
            f"orders, {where}, {so_many} at once",
            f"{pace.rate:.0f}/s",
            f"{pace.rate / floor.rate:.2f} of {floor.rate:.0f} in bare SQL{aim}; {pace}",
        )


def reserving(crowd: Crowd, clients: list[int], seconds: float) -> None:
    """Holding one piece of one article in one store, beside its two writes in bare SQL."""
    from django.db import connection, transaction

    from apps.inventory.services.promising import reserve
    from apps.inventory.services.types import Want
    from apps.network.directory import locations

    variant, store = crowd.shop.variants["A"].pk, locations().by_code[crowd.stores[0]].id

    def service(n: int) -> None:
        with transaction.atomic():
            reserve(channel_id=crowd.shop.web.pk, reference=str(n), wants=[Want(1, variant, Decimal(1), store)])

    def in_sql(n: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE inventory_stocklevel SET reserved = reserved + 1 WHERE variant_id = %s AND location_id = %s "
                "AND on_hand - reserved - safety_delivery >= 1 RETURNING id",
                [variant, store],
            )
            (level,) = cursor.fetchone()
            cursor.execute(
                "WITH held AS (INSERT INTO inventory_reservation (key, channel_id, reference, created_at) "
                "VALUES (gen_random_uuid(), %s, %s, now()) RETURNING id) "
                "INSERT INTO inventory_demand (reservation_id, line, variant_id, level_id, quantity, consumed, released) "
                "SELECT id, 1, %s, %s, 1, 0, 0 FROM held",
                [crowd.shop.web.pk, f"raw-{n}", variant, level],
            )

    for so_many in clients:
        floor = together(in_sql, clients=so_many, seconds=seconds)
        pace = together(service, clients=so_many, seconds=seconds)
        line(
            f"reserving one hot article, {so_many} at once",
            f"{pace.rate:.0f}/s",
            f"{pace.rate / floor.rate:.2f} of {floor.rate:.0f} in bare SQL; aim 1000/s; {pace}",
        )


def _levels(crowd: Crowd) -> dict[tuple[str, str], int]:
    from apps.inventory.models import StockLevel

    there = StockLevel.objects.filter(location__code__in=crowd.stores)
    return {(store, sku): id_ for store, sku, id_ in there.values_list("location__code", "variant__sku", "pk")}


if __name__ == "__main__":
    main()
