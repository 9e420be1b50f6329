"""Availability over 600 stores, with two workers, beside a bare DRF read of as many rows in the same run.

python -m benchmarks.availability [--seconds 6] [--stores 600]

The floor has no middleware, no keys and no permissions; the API has them all. On a busy machine look at the processor time
of a request, that of PostgreSQL included, rather than at the rate.
"""

import argparse
import datetime as dt

from benchmarks.harness import database, line
from benchmarks.processor import processor_seconds
from benchmarks.serving import load, served


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--stores", type=int, default=600)
    options = parser.parse_args()
    with database():
        skus, key = _stock(options.stores)
        script = f'wrk.headers["Authorization"] = "Bearer {key}"'
        with served("benchmarks.floor:application") as address:
            floors = {
                rows: _measure(f"floor: DRF, {rows} rows", f"{address}/rows/{rows}", "", options.seconds)
                for rows in (10, 50, options.stores, 1000)
            }
            floors[1] = _measure("floor: DRF, one row by its key", f"{address}/row/1", "", options.seconds)
        with served("config.wsgi:application") as address:
            for name, many, query, rows in (
                ("one SKU, the 10 nearest by postcode, with shelf", 1, "&postcode=3511AB&limit=10", 1),
                ("one SKU, one store, with shelf", 1, "&location=S010", 1),
                ("one SKU, the 50 nearest, with shelf", 1, "&postcode=3511AB&limit=50", 50),
                (f"one SKU, all {options.stores} stores, with shelf", 1, f"&limit={options.stores}", options.stores),
                ("100 SKUs, the 10 nearest each, with shelf", 100, "&postcode=3511AB&limit=10", 1000),
            ):
                asked = "&".join(f"sku={sku}" for sku in skus[:many])
                url = f"{address}/api/v1/availability/?{asked}{query}"
                _measure(name, url, script, options.seconds, floors[rows])


def _stock(stores: int) -> tuple[list[str], str]:
    """A chain with stock in every store: SKUs, first those that all of them have, and a key of the webshop."""
    from django.db import connection

    from apps.accounts.models import ApiClient
    from apps.accounts.services import issue_api_key
    from config.demo.chain import build_chain
    from config.demo.plan import Plan
    from config.demo.shelf_prices import build_range
    from config.demo.shopping import Shelves
    from config.demo.stock import receive_all, shelve_all

    plan = Plan(seed=1, stores=stores, orders=50, today=dt.date(2026, 11, 21))
    chain = build_chain(plan)
    range_ = build_range(plan, chain)
    shelves = Shelves(plan, chain, range_)
    receive_all(plan, chain, range_, shelves, [])
    shelve_all(plan, chain)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    client = ApiClient.objects.create(name="benchmark", channel=chain.webshop, scopes=["stock:read"])
    others = sorted({sku for skus in shelves.of.values() for sku in skus}.difference(shelves.core))
    return [*shelves.core, *others], issue_api_key(client=client)


def _measure(
    name: str, url: str, script: str, seconds: int, floor: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Requests a second, and milliseconds of processor time a request."""
    load(url, script=script, seconds=2)  # caches fill
    before = processor_seconds()
    rate, refused, _p50, p99 = load(url, script=script, seconds=seconds)
    cpu = (processor_seconds() - before) * 1000 / (rate * seconds)
    note = f"{cpu:.2f} ms processor, p99 {p99:.0f} ms"
    if floor is not None:
        note += f"; {rate / floor[0]:.2f} of the floor ({floor[1] / cpu:.2f} by processor), aim 0.60"
    if refused:
        note += f"; {refused} REFUSED"
    line(name, f"{rate:.0f}/s", note)
    return rate, cpu


if __name__ == "__main__":
    main()
