"""Placing orders of three lines over HTTP with two workers, beside the bare reserve view of the same server and run.

python -m benchmarks.orders_http [--seconds 8]
"""

import argparse

from benchmarks.harness import database, line
from benchmarks.serving import load, served

_ORDER = """
local n = 0
request = function()
  n = n + 1
  local body = string.format('{"external_id": "H-%%d-%%d", "placed_at": "2026-11-21T12:00:00+01:00", "currency": "EUR",' ..
    '"customer": {"email": "c%%d@example.org", "account_id": "web-%%d", "first_name": "Jan"},' ..
    '"fulfilment": {"method": "collect", "location": "S1"},' ..
    '"lines": [{"sku": "A", "quantity": "1", "unit_price": "10.00"}, {"sku": "B", "quantity": "2", "unit_price": "10.00"},' ..
    '{"sku": "C", "quantity": "1", "unit_price": "10.00"}],' ..
    '"payments": [{"method": "ideal", "status": "captured", "amount": "40.00"}]}', os.time(), n, n %% 200, n %% 200)
  return wrk.format("POST", "/api/v1/orders/", {["Authorization"] = "Bearer %s", ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = string.format("k-%%d-%%d", os.time(), n)}, body)
end
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8)
    seconds = parser.parse_args().seconds
    with database():
        from tests.shop import open_shop

        shop = open_shop()
        shop.receive(shop.s1, A=900_000, B=900_000, C=900_000)
        level = shop.stock("A").pk
        with served("benchmarks.floor:application") as address:
            load(f"{address}/hello", seconds=2)
            hello, _, _ = load(f"{address}/hello", seconds=seconds)
            floor, _, _ = load(f"{address}/reserve?n={level}", seconds=seconds)
        line("floor: Django without a database", f"{hello:.0f}/s")
        line("floor: bare reserve view", f"{floor:.0f}/s")
        with served("config.wsgi:application") as address:
            load(f"{address}/api/v1/orders/", script=_ORDER % shop.key, seconds=3)
            rate, refused, p99 = load(f"{address}/api/v1/orders/", script=_ORDER % shop.key, seconds=seconds)
        line("POST orders/ of 3 lines, 8 clients", f"{rate:.0f}/s", f"{rate / floor:.2f} of the reserve view; aim 0.20")
        line("  99th percentile", f"{p99:.0f} ms", f"{refused} refused")


if __name__ == "__main__":
    main()
