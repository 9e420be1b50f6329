"""Placing orders of three lines over HTTP with two workers, beside the bare reserve view of the same server and run.

python -m benchmarks.orders_http [--clients 1 2 4 8 16] [--seconds 6]

Spread over forty stores and a thousand articles, and with one article of one store in every order.
"""

import argparse

from benchmarks.crowd import ARTICLES, STORES, Crowd, open_crowded_shop
from benchmarks.harness import database, line
from benchmarks.serving import load, served

_ORDER = """
local n = 0
math.randomseed(os.time())
request = function()
  n = n + 1
  local first = math.random(0, {articles} - 30)
  local body = string.format('{{"external_id": "H-%d-%d", "placed_at": "2026-11-21T12:00:00+01:00", "currency": "EUR",' ..
    '"customer": {{"email": "c%d@example.org", "account_id": "web-%d", "first_name": "Jan"}},' ..
    '"fulfilment": {{"method": "collect", "location": "%s"}},' ..
    '"lines": [{{"sku": "%s", "quantity": "1", "unit_price": "10.00"}}, ' ..
    '{{"sku": "Q%d", "quantity": "2", "unit_price": "10.00"}}, {{"sku": "Q%d", "quantity": "1", "unit_price": "10.00"}}],' ..
    '"payments": [{{"method": "ideal", "status": "captured", "amount": "40.00"}}]}}', os.time(), n, n % 200, n % 200,
    {store}, {sku}, first + 10, first + 20)
  return wrk.format("POST", "/api/v1/orders/", {{["Authorization"] = "Bearer {key}", ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = string.format("k-%d-%d", os.time(), n)}}, body)
end
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 2, 4, 8, 16])
    parser.add_argument("--seconds", type=int, default=6)
    options = parser.parse_args()
    seconds = options.seconds
    with database():
        crowd = open_crowded_shop()
        level = crowd.shop.variants["A"].levels.first().pk
        with served("benchmarks.floor:application") as address:
            load(f"{address}/hello", seconds=2)
            line("floor: Django without a database", f"{load(f'{address}/hello', seconds=seconds).rate:.0f}/s")
            floor = {n: load(f"{address}/reserve?n={level}", seconds=seconds, clients=n).rate for n in options.clients}
        line("floor: bare reserve view", "/".join(f"{rate:.0f}" for rate in floor.values()), "a second, by clients")
        with served("config.wsgi:application") as address:
            load(f"{address}/api/v1/orders/", script=_script(crowd, hot=False), seconds=3)
            for hot in (False, True):
                where = "one article in all of them" if hot else "spread"
                for n in options.clients:
                    script = _script(crowd, hot=hot)
                    pace = load(f"{address}/api/v1/orders/", script=script, seconds=seconds, clients=n)
                    line(
                        f"POST orders/ of 3 lines, {where}, {n} clients",
                        f"{pace.rate:.0f}/s",
                        f"{pace.rate / floor[n]:.2f} of the reserve view, aim 0.20; p50 {pace.p50:.0f} ms, "
                        f"p99 {pace.p99:.0f} ms; {pace.refused} refused",
                    )


def _script(crowd: Crowd, *, hot: bool) -> str:
    return _ORDER.format(
        articles=ARTICLES,
        store='"C0"' if hot else f'"C" .. math.random(0, {STORES} - 1)',
        sku='"A"' if hot else '"Q" .. first',
        key=crowd.shop.key,
    )


if __name__ == "__main__":
    main()
