"""Looking a caller up and opening their page, at three million customers, beside the bare shell of the same run.

Caller after caller: the look-up is the post of the desk's one field, with what it writes down; then the page that it leads to,
as the agent in that conversation, a store's associate and head office get it; then what it loads beside. Then a customer with
five thousand events of every kind: their page, the next part, one deep in the past, one kind, one channel, and the address of
one event. At last the statements of the slowest of these, with what the database does for them.

    python -m benchmarks.customer_page [--customers 3000000] [--orders 1000000] [--requests 100]
"""

import argparse
import os
import re
import statistics
import time
from collections.abc import Callable

from benchmarks.harness import database, line
from benchmarks.million import Size, fill
from benchmarks.pages import _plain_static_files
from config.memory import settle

EVENTS = 5_000
SWAP = {"HX-Request": "true"}
"""How a browser asks for a part of a page."""
_SHOWN = 3
AIM = 100
"""What the 95th percentile must stay below, in ms."""
OPEN_AT_ONCE = 10
"""How many customers are open to somebody at a time."""
WARM = 8
"""Rounds that are not counted: a connection plans a statement for good from its sixth time on."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=3_000_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=100)
    options = parser.parse_args()
    with database():
        started = time.perf_counter()
        fill(Size(customers=options.customers, orders=options.orders, products=min(50_000, options.orders)))
        five_thousand_events(customer=1)
        line(f"filling {options.customers} customers", f"{time.perf_counter() - started:.0f} s")
        with _plain_static_files():
            measure(options.customers, options.requests)


def measure(customers: int, requests: int) -> None:
    """Print the 50th and 95th percentile of each."""
    from django.conf import settings
    from django.core.cache import cache
    from django.test import Client

    from apps.accounts.models import User

    assert settings.configured
    settle()
    line("load of the machine as it begins", f"{os.getloadavg()[0]:.1f}")

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

    def of_each(client: Client, path: str, **headers: str) -> Callable[[int], object]:
        return lambda n: client.get(path.format(f"0192d0a0-0000-7000-8000-{chosen[n]:012x}"), headers=headers)

    def hang_up() -> None:
        """The next call is another one."""
        agent.post("/contacts/step/", {"step": "dropped"})
        _half_an_hour_passed()

    beside = {
        "open orders": "/orders/open/{}/",
        "still to be done": "/customers/{}/open-work/",
        "spend": "/returns/spending/{}/",
        "loyalty": "/points/{}/standing/",
        "household": "/customers/{}/household/",
    }
    _timed_in_turn(
        {
            "agent: who is it, by e-mail": looked_up(agent, "/contacts/desk/"),
            "agent: the page": of_each(agent, "/customers/{}/"),
        }
        | {f"agent: beside it, {name}": of_each(agent, path, **SWAP) for name, path in beside.items()},
        requests,
        after=hang_up,
    )
    for name, client in (("associate", associate), ("head office", client_of("head_office"))):
        _timed_in_turn(
            {
                f"{name}: find a customer, by e-mail": looked_up(client, "/customers/"),
                f"{name}: the page": of_each(client, "/customers/{}/"),
            },
            requests,
            after=_half_an_hour_passed,
        )

    page = "/customers/0192d0a0-0000-7000-8000-000000000001/"
    for name, client in (("agent", agent), ("associate", associate)):
        cache.clear()
        client.post("/customers/", {"identifier": "c1@example.org"})
        first = client.get(page).content.decode()
        older = _address(r'href="([^"]+[?&;]before=[^"]+)"', first)
        deep = f"{page}timeline/?before=2025-01-01T00:00:00Z~contact:x"
        event = _address(r'<a class="when" href="([^"]+)"', client.get(deep).content.decode())
        whole = {f"a customer of {EVENTS} events": page, "the address of one event": event}
        parts = {
            "their next part": older,
            "a part deep in the past": deep,
            "only visits": f"{page}timeline/?kind=visits",
            "only receipts": f"{page}timeline/?kind=receipt",
            "only in stores": f"{page}timeline/?through=store",
            "their spend": page.replace("/customers/", "/returns/spending/"),
        }
        times = {}
        for what, address in (whole | parts).items():
            if name == "associate" and what == "their spend":
                continue  # it is not shown at a counter
            headers = SWAP if what in parts else {}
            ask = lambda n, c=client, a=address, h=headers: c.get(a, headers=h)  # noqa: E731  (one of each round)
            times[what] = _timed(f"{name}: {what}", ask, requests)
        if name == "agent":
            slowest = max(times, key=lambda what: times[what])
            explain(client, (whole | parts)[slowest], f"what the database does for: {slowest}")
    line("load of the machine as it ends", f"{os.getloadavg()[0]:.1f}")


def _half_an_hour_passed() -> None:
    """What a customer opens is closed again after half an hour: nobody has helped more than some by then."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # grants are otherwise never taken away
        cursor.execute(
            "DELETE FROM accounts_accessgrant WHERE id < (SELECT min(id) FROM (SELECT id FROM accounts_accessgrant"
            " ORDER BY id DESC LIMIT %s) AS newest)",
            [OPEN_AT_ONCE],
        )


def explain(client, address: str, title: str) -> None:
    """The slowest statements of a page, with what they read."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    timed = sorted(queries.captured_queries, key=lambda query: -float(query["time"]))
    total = sum(float(query["time"]) for query in timed) * 1000
    line(title, f"{total:.0f} ms", f"{len(timed)} statements; the {_SHOWN} slowest:")
    for query in timed[:_SHOWN]:
        said = re.sub(r"SELECT .+? FROM ", "SELECT … FROM ", query["sql"], count=1)
        print(f"  {float(query['time']) * 1000:.0f} ms  {said[:260]}")
        if query["sql"].startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) " + query["sql"].replace("%", "%%"))
                for (row,) in cursor.fetchall():
                    print("     ", row)


def _address(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found is not None, pattern
    return found[1].replace("&amp;", "&").partition("#")[0]


def _timed(name: str, ask: Callable[[int], object], requests: int) -> float:
    """Ask so many times and print how long it took; the 95th percentile."""
    return _timed_in_turn({name: ask}, requests)[name]


def _timed_in_turn(
    asks: dict[str, Callable[[int], object]], requests: int, *, after: Callable[[], object] | None = None
) -> dict[str, float]:
    """Ask each, one after the other, so many times, with `after` untimed behind each round."""
    times: dict[str, list[float]] = {name: [] for name in asks}
    own = dict.fromkeys(asks, 0.0)
    for n in [*[requests - 1] * WARM, *range(requests)]:
        for name, ask in asks.items():
            started, processor = time.perf_counter(), time.process_time()
            answer = ask(n)
            times[name].append((time.perf_counter() - started) * 1000)
            own[name] += (time.process_time() - processor) * 1000
            assert answer.status_code in (200, 302), f"{name}: {answer.status_code}"
        if after is not None:
            after()
    found = {}
    for name, all_times in times.items():
        counted = all_times[WARM:]
        found[name] = p95 = statistics.quantiles(counted, n=20)[-1]
        verdict = "met" if p95 < AIM else "SHORT"
        line(
            name,
            f"{statistics.median(counted):.0f} ms",
            f"p95 {p95:.0f} ms, aim < {AIM} ms: {verdict}; slowest {max(counted):.0f} ms; "
            f"own processor time {own[name] / len(all_times):.0f} ms",
        )
    return found


_TOLD = (
    """INSERT INTO service_contactmoment (key, source, external_id, source_record_id, channel, direction, topic, topic_word,
        text, order_number, actor, handled_by, occurred_at, business_date, recorded_at)
    SELECT gen_random_uuid(), 'chat', 'c-' || n, %(who)s, 'chat', 'inbound', 'product', '', 'Vraag ' || n, '', 'client:1',
        'Bo', now() - n * interval '26 hours', current_date - n * 26 / 24, now() FROM generate_series(1, %(each)s) n""",
    """INSERT INTO messaging_message (key, template, dedupe_key, source_record_id, address, locale, subject, body, status,
        attempts, error, due_at, queued_at, sent_at)
    SELECT gen_random_uuid(), CASE WHEN n %% 10 = 0 THEN 'receipt' ELSE 'order_confirmed' END, 'b-' || n, %(who)s,
        'c1@example.org', 'nl', 'Bericht ' || n, '', 'sent', 1, '', now(), now() - n * interval '25 hours', now()
    FROM generate_series(1, %(each)s) n""",
    """UPDATE orders_order SET source_record_id = %(who)s, placed_at = now() - id * interval '27 hours',
        business_date = current_date - (id * 27 / 24)::int WHERE id <= %(each)s""",
    """UPDATE returns_return SET source_record_id = %(who)s WHERE id <= %(each)s""",
    """INSERT INTO orders_handover (order_id, proof, at, actor)
    SELECT id, 'code', placed_at + interval '3 days', 'user:1' FROM orders_order
    WHERE source_record_id = %(who)s AND method = 'collect' AND id <= %(each)s""",
    """INSERT INTO loyalty_loyaltyaccount (card_number, source_record_id, opened_at, balance, pending)
    VALUES ('6100000000001', %(who)s, now() - interval '5 years', %(each)s, 0)""",
    """INSERT INTO loyalty_pointslot (account_id, order_number, earned, remaining, active_from, expires_on, is_active)
    SELECT a.id, o.number, 1, 1, o.business_date, o.business_date + 3650, true
    FROM loyalty_loyaltyaccount a, orders_order o WHERE a.source_record_id = %(who)s AND o.id <= %(each)s""",
    """INSERT INTO loyalty_pointsentry (cause_type, cause_id, cause_line, kind, part, recorded_on, occurred_at, recorded_at,
        business_date, actor, account_id, lot_id, points, is_pending, order_number, rule_version)
    SELECT 'event', l.id::text, 0, 'earned', 0, l.active_from, l.active_from::timestamptz + interval '13 hours', now(),
        l.active_from, 'system', l.account_id, l.id, 1, false, l.order_number, '1' FROM loyalty_pointslot l""",
    """INSERT INTO customers_look (act, outcome, at, day, principal, role, location_id, source, kind, given, near, network,
        customer_key, purpose, with_case, part, request_id)
    SELECT CASE WHEN n %% 4 = 0 THEN 'look_up' ELSE 'view' END, 'one', now() - n * interval '20 hours',
        current_date - n * 20 / 24, 'user:7', 'store_associate', 1 + n %% 600, 'scan', 'loyalty_card', '', '', '',
        (SELECT key FROM customers_customer WHERE id = %(who)s), 'counter', false, '', ''
    FROM generate_series(1, %(each)s) n""",
)
_TABLES = (
    "service_contactmoment messaging_message orders_order orders_handover returns_return loyalty_loyaltyaccount "
    "loyalty_pointslot loyalty_pointsentry customers_look"
)


def five_thousand_events(*, customer: int) -> None:
    """Purchases, conversations, mail, points and looks in equal parts, a fifth of them each, over four years; and visits."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in _TOLD:
            cursor.execute(statement, {"who": customer, "each": EVENTS // 5})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(_TABLES.split()))


if __name__ == "__main__":
    main()
