"""Availability of one SKU over 600 stores, with two workers, beside a bare DRF read of one row in the same run.

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
        sku, key = _stock(options.stores)
        with served("benchmarks.floor:application") as address:
            floor = _measure("floor: DRF, one row by its key", f"{address}/row/1", "", options.seconds)
        asked = f"api/v1/availability/?sku={sku}"
        script = f'wrk.headers["Authorization"] = "Bearer {key}"'
        with served("config.wsgi:application") as address:
            for name, query in (
                ("10 nearest by postcode, with shelf", "&postcode=3511AB&limit=10"),
                ("one store, with shelf", "&location=S010"),
                (f"all {options.stores} stores, with shelf", f"&limit={options.stores}"),
            ):
                _measure(name, f"{address}/{asked}{query}", script, options.seconds, floor)


def _stock(stores: int) -> tuple[str, str]:
    """A chain with stock in every store: a SKU that all of them have, and a key of the webshop."""
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
    return shelves.core[0], issue_api_key(client=client)


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
