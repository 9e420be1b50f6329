"""Search while somebody types, at a million customers and a million orders, beside the floor of the same run.

python -m benchmarks.search [--rounds 2] [--explain]

Each request is what the search box sends: the text goes through every finder that the person may use, and comes back as a
fragment. The floors are the same request with nothing to find, and one row by its unique index. On a busy machine look at the
processor time of a request, in Python and PostgreSQL, rather than at how long it took. `--explain` prints every
statement of one text per kind that reads a table of more than a thousand rows from end to end.
"""

import argparse
import re
import statistics
import time

from benchmarks.harness import database, line
from benchmarks.import_sales import cpu_of
from benchmarks.million import STAFF, fill

AIM = 150  # milliseconds, 95 of 100
LARGE = 1000  # rows
PEOPLE = ("head_office", "store_manager", "service_agent")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--explain", action="store_true")
    options = parser.parse_args()
    with database():
        start = time.perf_counter()
        fill()
        line("filling the database", f"{time.perf_counter() - start:.0f} s")
        measure(options.rounds, explain=options.explain)


def measure(rounds: int, *, explain: bool) -> None:
    from django.test import Client

    from apps.accounts.models import User

    texts = _texts()
    _floors()
    for name in PEOPLE:
        assert name in STAFF
        client = Client(headers={"host": "localhost", "HX-Request": "true", "HX-Target": "search-hits"})
        user = User.objects.get(email=f"{name}@example.org")
        client.force_login(user)
        _report(f"{name}: nothing to find (the floor)", client, [""] * 40, 1)
        for kind, wanted in texts.items():
            _report(f"{name}: {kind}", client, wanted, rounds)
            if explain:
                _explain(client, wanted[0])


def _floors() -> None:
    from django.db import connection

    from apps.orders.models import Order

    numbers = list(Order.objects.order_by("id").values_list("number", flat=True)[:400])
    times = []
    with connection.cursor() as cursor:
        for number in numbers:
            start = time.perf_counter()
            cursor.execute("SELECT * FROM orders_order WHERE number = %s", [number])
            cursor.fetchone()
            times.append((time.perf_counter() - start) * 1000)
    line("floor: one order by its number, in SQL", f"{statistics.median(times):.2f} ms")


def _texts() -> dict[str, list[str]]:
    """Forty texts per kind, spread over what there is."""
    from apps.catalogue.models import Gtin, Product
    from apps.network.models import Location
    from apps.orders.models import Order
    from apps.returns.models import Return

    def spread(rows, field: str) -> list[str]:
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        step = max(len(pks) // 40, 1)
        return [str(value) for value in rows.filter(pk__in=pks[::step][:40]).values_list(field, flat=True)]

    numbers = spread(Order.objects.filter(pk__lt=900_000, pk__gt=880_000), "number")
    names = [name.split() for name in spread(Product.objects.all(), "texts__name")][:40]
    towns = spread(Location.objects.all(), "city")
    return {
        "order number, in full": numbers,
        "order number, 4 digits": [number[1:5] for number in numbers],
        "order number, 7 digits": [number[:8] for number in numbers],
        "collect code": spread(Order.objects.filter(collect_code__isnull=False, pk__gt=900_000), "collect_code"),
        "return number": spread(Return.objects.all(), "number"),
        "return number, 4 digits": [number[:5] for number in spread(Return.objects.all(), "number")],
        "SKU": spread(Product.objects.all(), "variants__sku"),
        "GTIN": [code[1:] for code in spread(Gtin.objects.all(), "code")],
        "product, 2 letters": [name[0][:2] for name in names],
        "product, 3 letters": [name[0][:3] for name in names],
        "product, one word": [name[0] for name in names],
        "product, one word with a typo": [_slip(name[0]) for name in names],
        "product, two words": [" ".join(name[:2]) for name in names],
        "product, three words with typos": [" ".join(map(_slip, name[:3])) for name in names],
        "town": towns,
        "town with a typo": [_slip(town) for town in towns],
        "customer by e-mail": [f"c{n * 23_117}@example.org" for n in range(1, 41)],
        "customer by phone": [f"06{10_000_000 + n * 23_117}" for n in range(1, 41)],
        "nothing that exists": [f"qxz{n}wvj" for n in range(40)],
    }


def _slip(word: str) -> str:
    """A letter left out in the middle."""
    return word[: len(word) // 2] + word[len(word) // 2 + 1 :] if len(word) > 4 else word


def _report(name: str, client, texts: list[str], rounds: int) -> None:
    times = []
    for text in texts[:3]:
        _ask(client, text)
    python, postgres = time.process_time(), _postgres_seconds()
    for text in texts * rounds:
        start = time.perf_counter()
        _ask(client, text)
        times.append((time.perf_counter() - start) * 1000)
    p95 = statistics.quantiles(times, n=20)[-1]
    late = "" if p95 < AIM else f"; ABOVE {AIM} ms"
    used = (time.process_time() - python + _postgres_seconds() - postgres) * 1000 / len(times)
    line(name, f"{statistics.median(times):.0f} ms", f"p95 {p95:.0f} ms, processor {used:.0f} ms{late}")


def _postgres_seconds() -> float:
    from django.db import connection

    connection.ensure_connection()
    return cpu_of(connection.connection.info.backend_pid)


def _ask(client, text: str) -> str:
    answer = client.post("/search/", {"q": text})
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def _explain(client, text: str) -> None:
    """Print what a request reads from end to end."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        _ask(client, text)
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            if not query["sql"].startswith("SELECT"):
                continue
            cursor.execute("EXPLAIN " + query["sql"])
            for (step,) in cursor.fetchall():
                table = re.search(r"Seq Scan on (\w+)", step)
                rows = table and _rows(cursor, table[1])
                if rows and rows > LARGE:
                    print(f"    {text!r} reads all {rows} rows of {table[1]}: {query['sql'][:400]}")


def _rows(cursor, table: str) -> int:
    cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
    return cursor.fetchone()[0]


if __name__ == "__main__":
    main()
