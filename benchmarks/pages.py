"""Server time of the demo's pages, per role, beside the bare shell (the preferences page of nobody: frame, navigation, no rows).

Needs a demo: run `make demo` (or `manage.py services start`) on the same TOONBANK_DATA first.

    python -m benchmarks.pages [--requests 40]
"""

import argparse
import logging
import os
import statistics
import sys
import time

from benchmarks.harness import CHECKOUT, line

# Pages with the most rows of each role; parameters are filled in with the newest object that the role sees.
PAGES = {
    "head_office": ["/", "/orders/", "/orders/{order}/", "/returns/", "/products/", "/stock/", "/locations/", "/dashboard/",
                    "/dashboard/goals/", "/tickets/", "/quarantine/", "/outbox/", "/contacts/"],
    "finance": ["/online-revenue/", "/online-revenue/lines/", "/online-revenue/rules/"],
    "store_manager": ["/", "/scan/", "/orders/", "/orders/pick/", "/orders/collect/", "/returns/take-back/", "/online-revenue/"],
    "franchisee": ["/", "/online-revenue/", "/online-revenue/lines/"],
    "service_agent": ["/", "/customers/", "/orders/", "/contacts/"],
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=40)
    count = parser.parse_args().requests
    sys.path.insert(0, str(CHECKOUT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

    import django

    django.setup()
    logging.disable(logging.WARNING)

    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from apps.accounts.models import Assignment
    from apps.orders.models import Order

    def measure(client: Client, path: str) -> tuple[float, float, int]:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
            asked = len(queries)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        times = []
        for _ in range(count):
            start = time.perf_counter()
            client.get(path)
            times.append((time.perf_counter() - start) * 1000)
        return statistics.median(times), statistics.quantiles(times, n=20)[-1], asked

    shell = Client(headers={"host": "localhost"})
    shell.force_login(Assignment.objects.filter(role="finance").select_related("user").first().user)
    median, worst, queries = measure(shell, "/search/")
    line("floor: the shell with an empty search page", f"{median:.0f} ms", f"p95 {worst:.0f} ms, {queries} queries")
    for role, paths in PAGES.items():
        user = Assignment.objects.filter(role=role).select_related("user").first().user
        client = Client(headers={"host": "localhost"})
        client.force_login(user)
        newest = Order.objects.visible_to(user).order_by("-placed_at").values_list("number", flat=True).first()
        for path in paths:
            median, worst, queries = measure(client, path.format(order=newest))
            line(f"{role} {path}", f"{median:.0f} ms", f"p95 {worst:.0f} ms, {queries} queries; aim p95 < 100 ms")


if __name__ == "__main__":
    main()
