"""Fifty pieces, and more customers than that: exactly fifty are sold, each time.

python -m benchmarks.last_pieces [--times 10]

By eight processes and by thirty-two threads, through the service and over HTTP. Ends with 1 when it is ever another number:
of what customers were told, of what the stock row holds, or of what the reservations add up to.
"""

import argparse
import json
import multiprocessing
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import local
from urllib.parse import urlsplit

from benchmarks.crowd import Crowd, open_crowded_shop
from benchmarks.harness import database, line
from benchmarks.serving import served

PIECES, TRIES = 50, 96

Buy = Callable[[int, str], str]
"""Order one piece of a SKU, as customer n; what became of it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    times = parser.parse_args().times
    with database():
        crowd = open_crowded_shop()
        articles = iter(crowd.skus)
        right = True
        with served("config.wsgi:application") as address:
            for how, buy in (("service", _by_service(crowd)), ("HTTP", _over_http(crowd, address))):
                for who, run in (("8 processes", _in_processes), ("32 threads", _in_threads)):
                    sold = [_sell_out(crowd, next(articles), buy, run) for _ in range(times)]
                    right = right and all(of_them == PIECES for of_them, _refused in sold)
                    line(
                        f"{PIECES} pieces, {who}, {how}",
                        " ".join(str(of_them) for of_them, _refused in sold),
                        f"the others: {dict(sum((refused for _, refused in sold), Counter()))}",
                    )
    sys.exit(0 if right else 1)


def _sell_out(crowd: Crowd, sku: str, buy: Buy, run) -> tuple[int, Counter[str]]:
    """How many were sold, as the stock row says too, and what became of the other tries."""
    from django.db import connections
    from django.db.models import F, Sum

    from apps.inventory.models import Demand, StockLevel

    level = StockLevel.objects.filter(location__code=crowd.stores[0], variant__sku=sku)
    level.update(on_hand=F("reserved") + PIECES)
    before = level.get().reserved
    connections.close_all()  # a connection must not be shared with a process that is forked off
    outcome = run(buy, sku)
    sold = int(level.get().reserved - before)
    promised = int(
        Demand.objects.filter(level__in=level).aggregate(Sum("quantity", default=0))["quantity__sum"] - before
    )
    if not outcome["sold"] == sold == promised:
        raise SystemExit(f"{outcome['sold']} were told that they have one; {sold} are reserved, {promised} promised")
    return sold, Counter({what: n for what, n in outcome.items() if what != "sold"})


def _in_processes(buy: Buy, sku: str) -> Counter[str]:
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(8), context.SimpleQueue()

    def go(first: int) -> None:
        start.wait()
        answers.put(Counter(buy(n, sku) for n in range(first, first + TRIES // 8)))

    crowd = [context.Process(target=go, args=(n * TRIES,)) for n in range(8)]
    for process in crowd:
        process.start()
    told = [answers.get() for _ in crowd]
    for process in crowd:
        process.join()
    return sum(told, Counter())


def _in_threads(buy: Buy, sku: str) -> Counter[str]:
    from django.db import connection

    def go(first: int) -> Counter[str]:
        try:
            return Counter(buy(n, sku) for n in range(first, first + TRIES // 32))
        finally:
            connection.close()

    with ThreadPoolExecutor(32) as pool:
        return sum(pool.map(go, range(0, 32 * TRIES, TRIES)), Counter())


def _body(crowd: Crowd, n: int, sku: str) -> dict:
    return {
        "external_id": f"L-{sku}-{n}",
        "placed_at": "2026-11-21T12:00:00+01:00",
        "currency": "EUR",
        "customer": {"email": f"c{n}@example.org", "account_id": f"web-{n}", "first_name": "Jan"},
        "fulfilment": {"method": "collect", "location": crowd.stores[0]},
        "lines": [{"sku": sku, "quantity": "1", "unit_price": "10.00"}],
        "payments": [{"method": "ideal", "status": "captured", "amount": "10.00"}],
    }


def _by_service(crowd: Crowd) -> Buy:
    from apps.core.errors import DomainError

    def buy(n: int, sku: str) -> str:
        try:
            crowd.place(n, basket=(crowd.stores[0], [sku]))
        except DomainError as error:
            return error.code
        return "sold"

    return buy


def _over_http(crowd: Crowd, address: str) -> Buy:
    kept = local()

    def buy(n: int, sku: str) -> str:
        kept.to = getattr(kept, "to", None) or HTTPConnection(urlsplit(address).netloc, timeout=60)
        headers = {
            "Authorization": f"Bearer {crowd.shop.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"{sku}-{n}",
        }
        kept.to.request("POST", "/api/v1/orders/", json.dumps(_body(crowd, n, sku)), headers)
        answer = kept.to.getresponse()
        said = json.loads(answer.read())
        return "sold" if answer.status == 201 else f"{answer.status} {said['errors'][0]['code']}"

    return buy


if __name__ == "__main__":
    main()
