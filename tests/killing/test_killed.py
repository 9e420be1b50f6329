"""Web and worker processes die by SIGKILL at random points while orders come in on two nodes over one database."""

import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from apps.accounts.models import WebhookDelivery
from apps.orders.models import Order
from config.embedded.processes import wait_until
from tests.killing.aftermath import STOCKED, let_leases_run_out, waits, wrongs
from tests.killing.crowd import Crowd, order_body, post
from tests.killing.nodes import Nodes, nodes
from tests.shop import Shop, open_shop
from tests.webhooks.receiver import Receiver, listening
from tests.webhooks.telling import register

pytestmark = pytest.mark.django_db(transaction=True)


def url() -> str:
    database = connection.settings_dict
    return f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"


def stocked() -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=STOCKED, B=STOCKED)
    return shop


def killed_while_ordering(
    there: Nodes, crowd: Crowd, *, clients: int, orders: int, kills: int, after: tuple[int, int]
) -> None:
    over = threading.Event()
    killer = threading.Thread(
        target=there.kill_now_and_then,
        kwargs={"seed": 1, "done": lambda: crowd.statuses.total(), "after": after, "until": over},
        daemon=True,
    )
    killer.start()
    crowd.run(clients=clients, enough=lambda: len(crowd.acknowledged) >= orders and there.kills >= kills)
    over.set()
    killer.join()


def came_to_rest(there: Nodes, *, seconds: float) -> None:
    def rest() -> bool:
        let_leases_run_out()
        return not waits()

    assert wait_until(rest, seconds=seconds), (waits(), there.logs())


def hold_together(crowd: Crowd, receiver: Receiver) -> None:
    """Assert what must be true afterwards."""
    assert crowd.faults == []
    assert crowd.statuses.keys() <= {200, 201, 503, 409}
    assert wrongs(crowd.acknowledged) == []
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"delivered"}
    last = {request.data["number"]: request.data["status"] for request in receiver.came}
    assert last == dict(Order.objects.values_list("number", "status"))


def figures(there: Nodes, crowd: Crowd) -> str:
    ends = Counter(end for _number, end in crowd.acknowledged.values())
    return (
        f"{len(crowd.acknowledged)} orders {dict(ends)}, {there.kills} kills; answers {dict(crowd.statuses)}, "
        f"{crowd.broken} requests without an answer"
    )


def run(tmp_path: Any, settings: Any, *, rest_s: float, **work: Any) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True
    shop = stocked()
    with listening() as receiver:
        register(shop, receiver)
        with nodes(tmp_path, database_url=url(), settings={"TOONBANK_LOOKUP_RATE": "10/min"}) as there:
            crowd = Crowd(there.ports, shop.key)
            killed_while_ordering(there, crowd, **work)
            came_to_rest(there, seconds=rest_s)
            hold_together(crowd, receiver)
            print(figures(there, crowd))  # noqa: T201  `make soak` shows what a test that passed has said
            there.wait_for_pages()
            one_order_of_twins(there, shop)
            one_limit_over_all_nodes(there, shop)


def one_order_of_twins(there: Nodes, shop: Shop) -> None:
    """The same order sent to both nodes at the same moment is one order."""
    got: list[Any] = []
    twins = [
        threading.Thread(
            target=lambda port=port: got.append(
                post(port, "orders/", order_body("TWIN"), api_key=shop.key, key="TWIN").body["number"]
            )
        )
        for port in there.ports
    ]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join()
    assert len(got) == 2
    assert len(set(got)) == 1


def one_limit_over_all_nodes(there: Nodes, shop: Shop) -> None:
    """Look-ups of persons count over both nodes."""
    body = {"identifiers": {"email": "nobody@example.org"}, "purpose": "service"}
    statuses = [
        post(there.ports[n % 2], "customers/lookup/", body, api_key=shop.key, key=f"look-{n}").status for n in range(14)
    ]
    assert statuses == [200] * 10 + [429] * 4


@pytest.mark.long
def test_nothing_is_lost_doubled_or_stuck(tmp_path, settings):
    run(tmp_path, settings, clients=4, orders=25, kills=3, after=(2, 10), rest_s=90)


@pytest.mark.soak
def test_nothing_is_lost_doubled_or_stuck_in_ten_thousand_orders(tmp_path, settings):
    run(tmp_path, settings, clients=16, orders=10_000, kills=100, after=(20, 120), rest_s=600)
