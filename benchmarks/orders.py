"""Placing orders of three lines: in one process, beside the bare reservation in SQL of the same run.

python -m benchmarks.orders [--orders 400]
"""

import argparse
from decimal import Decimal

from benchmarks.harness import cpu_ms, database, line, per_second


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=400)
    count = parser.parse_args().orders
    with database():
        from django.db import connection, transaction
        from django.test.utils import CaptureQueriesContext
        from django.utils import timezone

        from apps.customers.services.people import Person
        from apps.orders.services.placing import place_order
        from apps.orders.services.types import OrderDocument, OrderedLine
        from apps.payments.services.types import Tendered
        from tests.shop import open_shop

        shop = open_shop()
        shop.receive(shop.s1, A=900_000, B=900_000, C=900_000)

        def document(n: int, lines: int = 3, *, known: bool = True) -> OrderDocument:
            who = "known" if known else f"new{n}"
            return OrderDocument(
                external_id=f"B-{lines}-{known}-{n}",
                placed_at=timezone.now(),
                currency="EUR",
                method="collect",
                location="S1",
                person=Person(source="web", account_id=who, email=f"{who}@example.org", first_name="Jan"),
                lines=[OrderedLine("ABC"[i % 3], Decimal(1), Decimal("10.00")) for i in range(lines)],
                payments=[Tendered("ideal", Decimal(10 * lines), provider="mollie")],
                fingerprint=str(n),
            )

        def place(n: int, lines: int = 3, *, known: bool = True) -> None:
            place_order(channel=shop.web, document=document(n, lines, known=known), actor="bench")

        def reserve_in_sql(n: int) -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE inventory_stocklevel SET reserved = reserved + 1 WHERE variant_id = %s AND location_id = %s "
                    "AND on_hand - reserved - safety_delivery >= 1",
                    [shop.variants["A"].pk, shop.s1.pk],
                )
                cursor.execute(
                    "INSERT INTO inventory_reservation (key, channel_id, reference, created_at) "
                    "VALUES (gen_random_uuid(), %s, %s, now())",
                    [shop.web.pk, f"raw-{n}"],
                )

        place(-1)
        floor = per_second(reserve_in_sql, count=count)
        line("bare reservation (update + insert, one transaction)", f"{floor:.0f}/s", "the floor")
        for label, known in (("known customer", True), ("new customer each time", False)):
            rate = per_second(lambda n, known=known: place(n, known=known), count=count)
            line(f"order of 3 lines, {label}", f"{rate:.0f}/s", f"{rate / floor:.2f} of the floor; aim 160/s")
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


if __name__ == "__main__":
    main()
