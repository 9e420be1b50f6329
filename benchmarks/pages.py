"""Server time of pages, per role, beside the bare shell (an empty search page: frame and navigation, no rows).

Needs a demo: run `make demo` (or `manage.py services start`) on the same TOONBANK_DATA first. With --million it fills a
database of its own with a million customers and a million orders instead, which takes some minutes.

    python -m benchmarks.pages [--requests 40] [--million]
"""

import argparse
import logging
import os
import re
import statistics
import sys
import time

from benchmarks.harness import CHECKOUT, database, line
from benchmarks.million import fill

# Pages with the most rows of each role; parameters are filled in with the newest object that the role sees.
PAGES = {
    "head_office": ["/", "/orders/", "/orders/{order}/", "/returns/", "/products/", "/stock/", "/locations/", "/dashboard/",
                    "/dashboard/goals/", "/tickets/", "/quarantine/", "/outbox/", "/contacts/"],
    "finance": ["/online-revenue/", "/online-revenue/lines/", "/online-revenue/rules/"],
    "store_manager": ["/", "/scan/", "/orders/", "/orders/pick/", "/orders/collect/", "/returns/take-back/", "/online-revenue/"],
    "franchisee": ["/", "/online-revenue/", "/online-revenue/lines/"],
    "service_agent": ["/", "/customers/", "/orders/", "/contacts/"],
}  # fmt: skip  # more than one a line
# What a million rows make hard: any page of a list, a filter, an order, a count.
AT_A_MILLION = {
    "head_office": ["/", "/orders/", "/orders/?page=2", "/orders/?sort=total", "/orders/?status=ready", "/orders/?kind=webshop",
                    "/orders/?q=T1", "/orders/{order}/", "/returns/", "/products/", "/stock/", "/locations/", "/contacts/"],
    "store_manager": ["/", "/orders/", "/orders/?page=2", "/orders/?status=ready",
                      "/orders/pick/", "/orders/collect/", "/stock/"],
    "service_agent": ["/", "/customers/", "/orders/", "/contacts/"],
}  # fmt: skip  # more than one a line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--million", action="store_true")
    options = parser.parse_args()
    if options.million:
        with database():
            start = time.perf_counter()
            fill()
            line("filling the database", f"{time.perf_counter() - start:.0f} s")
            with _plain_static_files():
                measure(options.requests, AT_A_MILLION)
        return
    sys.path.insert(0, str(CHECKOUT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

    import django

    django.setup()
    logging.disable(logging.WARNING)
    measure(options.requests, PAGES)


def _plain_static_files():
    """Addresses of style sheets and scripts without a manifest, which only a set-up collects."""
    from django.conf import settings
    from django.test import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return override_settings(STORAGES=settings.STORAGES | {"staticfiles": plain})


def measure(count: int, pages: dict[str, list[str]]) -> None:
    """Print the median and the 95th percentile of each page of each role."""
    from django.test import Client

    from apps.accounts.models import Assignment
    from apps.orders.models import Order

    def client_of(role: str) -> Client:
        client = Client(headers={"host": "localhost"})
        client.force_login(Assignment.objects.filter(role=role).select_related("user").first().user)
        return client

    median, worst, queries = _time(client_of("finance"), "/search/", count)
    line("floor: the shell with an empty search page", f"{median:.0f} ms", f"p95 {worst:.0f} ms, {queries} queries")
    for role, paths in pages.items():
        client = client_of(role)
        user = Assignment.objects.filter(role=role).select_related("user").first().user
        newest = Order.objects.visible_to(user).order_by("-placed_at").values_list("number", flat=True).first()
        for path in paths:
            median, worst, queries = _time(client, _next_page(client, path.format(order=newest)), count)
            line(f"{role} {path}", f"{median:.0f} ms", f"p95 {worst:.0f} ms, {queries} queries; aim p95 < 100 ms")


def _next_page(client, path: str) -> str:
    """For `?page=2` the address that the first page itself leads to."""
    if not path.endswith("?page=2"):
        return path
    found = re.search(r'rel="next" href="([^"]+)"', client.get(path.partition("?")[0]).content.decode())
    return found[1].replace("&amp;", "&") if found else path


def _time(client, path: str, count: int) -> tuple[float, float, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

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


if __name__ == "__main__":
    main()
