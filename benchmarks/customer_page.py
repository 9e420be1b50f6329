"""Looking a caller up and opening their page, at three million customers, beside the bare shell of the same run.

The look-up is the post of the desk's one field, with what it writes down; then the page that it leads to, as the agent and as
a store's associate gets it; then the page of a customer with five thousand events, its next part, and one narrowed.

    python -m benchmarks.customer_page [--customers 3000000] [--orders 1000000] [--requests 100]
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

from benchmarks.harness import database, line
from benchmarks.million import Size, fill
from benchmarks.pages import _plain_static_files

EVENTS = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=3_000_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=100)
    options = parser.parse_args()
    with database():
        started = time.perf_counter()
        fill(Size(customers=options.customers, orders=options.orders, products=min(50_000, options.orders)))
        _five_thousand_events(customer=1)
        line(f"filling {options.customers} customers", f"{time.perf_counter() - started:.0f} s")
        line("load of the machine as it begins", f"{os.getloadavg()[0]:.1f}")
        with _plain_static_files():
            measure(options.customers, options.requests)
        line("load of the machine as it ends", f"{os.getloadavg()[0]:.1f}")


def measure(customers: int, requests: int) -> None:
    """Print the 50th and 95th percentile of each."""
    from django.conf import settings
    from django.core.cache import cache
    from django.test import Client

    from apps.accounts.models import User

    assert settings.configured

    def client_of(role: str) -> Client:
        client = Client(headers={"host": "localhost"})
        client.force_login(User.objects.get(email=f"{role}@example.org"))
        return client

    agent, associate = client_of("service_agent"), client_of("store_associate")
    chosen = [2 + n * max(1, (customers - 2) // (requests + 1)) for n in range(requests)]
    _timed("floor: the shell with an empty search page", lambda n: agent.get("/search/"), requests)

    def looked_up(client: Client, address: str) -> Callable[[int], object]:
        def post(n: int) -> object:
            cache.clear()  # a look-up is throttled per person; this is a day of a whole desk
            return client.post(address, {"identifier": f"c{chosen[n]}@example.org"})

        return post

    def page_of(client: Client) -> Callable[[int], object]:
        return lambda n: client.get(f"/customers/0192d0a0-0000-7000-8000-{chosen[n]:012x}/")

    _timed("agent: who is it, by e-mail", looked_up(agent, "/contacts/desk/"), requests)
    _timed("agent: the page", page_of(agent), requests)
    _timed("associate: find a customer, by e-mail", looked_up(associate, "/customers/"), requests)
    _timed("associate: the page", page_of(associate), requests)
    page = "/customers/0192d0a0-0000-7000-8000-000000000001/"
    for name, client in (("agent", agent), ("associate", associate)):
        cache.clear()
        client.post("/customers/", {"identifier": "c1@example.org"})
        _timed(f"{name}: a customer of {EVENTS} events", lambda n, c=client: c.get(page), requests)
        deep = f"{page}timeline/?before=2026-01-01T00:00:00Z~contact:x"
        _timed(f"{name}: a part deep in those", lambda n, c=client, u=deep: c.get(u), requests)
        _timed(f"{name}: those, only orders", lambda n, c=client: c.get(f"{page}?kind=orders"), requests)


def _timed(name: str, ask: Callable[[int], object], requests: int) -> None:
    ask(0)
    times = []
    for n in range(requests):
        started = time.perf_counter()
        answer = ask(n)
        times.append((time.perf_counter() - started) * 1000)
        assert answer.status_code in (200, 302), f"{name}: {answer.status_code}"
    note = f"p95 {statistics.quantiles(times, n=20)[-1]:.0f} ms; aim p95 < 100 ms"
    line(name, f"{statistics.median(times):.0f} ms", note)


def _five_thousand_events(*, customer: int) -> None:
    """Half of them conversations, half mail, over three years."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO service_contactmoment (key, source, external_id, source_record_id, channel, direction, topic, text,
                order_number, actor, handled_by, occurred_at, business_date, recorded_at)
            SELECT gen_random_uuid(), 'chat', 'c-' || n, %s, 'chat', 'inbound', 'product', 'Vraag ' || n, '', 'client:1', 'Bo',
                now() - n * interval '10 hours', current_date - n * 10 / 24, now()
            FROM generate_series(1, %s) n""",
            [customer, EVENTS // 2],
        )
        cursor.execute(
            """INSERT INTO messaging_message (key, template, dedupe_key, source_record_id, address, locale, subject, body,
                status, attempts, error, due_at, queued_at, sent_at)
            SELECT gen_random_uuid(), 'order_confirmed', 'b-' || n, %s, 'c1@example.org', 'nl', 'Bericht ' || n, '',
                'sent', 1, '', now(), now() - n * interval '11 hours', now()
            FROM generate_series(1, %s) n""",
            [customer, EVENTS // 2],
        )
        cursor.execute("ANALYZE service_contactmoment; ANALYZE messaging_message")


if __name__ == "__main__":
    main()
