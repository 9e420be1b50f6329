"""A till sells what was promised: who was promised it last gets it from elsewhere, if there is any."""

from typing import Any

import pytest
from django.db import connection

from apps.inventory.models import StoreTask
from apps.orders.models import OrderLine
from apps.orders.services.relieving import relieve_oversold
from tests.at_once import all_at_once
from tests.shop import Shop, nothing_differs, open_shop
from tests.tills.tickets import line, send, ticket

HOME = {"method": "delivery", "address": {"postcode": "3511AB", "house_number": "1", "city": "Utrecht"}}


def order(shop: Shop, quantity: int, **changes: Any) -> str:
    answer = shop.post("orders/", shop.order_body(("A", quantity), **{"fulfilment": HOME, **changes}))
    assert answer.status_code == 201, answer.content
    return str(answer.json()["number"])


def places() -> dict[str, str]:
    return dict(OrderLine.objects.filter(demand__isnull=False).values_list("order__number", "location__code"))


@pytest.fixture
def selling(shop: Shop) -> Shop:
    """S1 sends its ten, and nobody else has any yet."""
    shop.sends(shop.s1)
    return shop


def test_who_was_promised_it_last_gets_it_from_elsewhere(selling):
    # given all ten promised to three orders, and four that come in elsewhere
    first, second, last = order(selling, 5), order(selling, 3), order(selling, 2)
    selling.receive(selling.dc, A=4)
    # when the till sells one of them
    send(selling, ticket(line("A")))
    assert selling.stock("A").oversold == 1
    assert relieve_oversold() == 1
    # then the last one moved, the store still counts, and nothing is oversold
    assert places() == {first: "S1", second: "S1", last: "DC"}
    assert selling.stock("A").oversold == 0
    assert StoreTask.objects.open().get().kind == StoreTask.Kind.COUNT_SHORT
    # and again changes nothing
    assert relieve_oversold() == 0
    nothing_differs()


def test_what_does_not_fit_elsewhere_makes_room_for_what_does(selling):
    small, large = order(selling, 3), order(selling, 7)
    selling.receive(selling.dc, A=3)
    send(selling, ticket(line("A")))
    assert relieve_oversold() == 1
    assert places() == {small: "DC", large: "S1"}


def test_what_is_collected_picked_or_nowhere_else_stays(selling):
    collected = order(selling, 4, fulfilment={"method": "collect", "location": "S1"})
    picked = order(selling, 3)
    selling.post(f"orders/{picked}/pick/")
    waits = order(selling, 3)
    send(selling, ticket(line("A")))
    # nobody else has any
    assert relieve_oversold() == 0
    assert places() == {collected: "S1", picked: "S1", waits: "S1"}
    # when there is, only the one that nobody began goes
    selling.receive(selling.dc, A=10)
    send(selling, ticket(line("A", quantity="5", amount="50.00")))
    assert relieve_oversold() == 1
    assert places() == {collected: "S1", picked: "S1", waits: "DC"}
    nothing_differs()


@pytest.mark.django_db(transaction=True)
def test_several_workers_and_a_store_that_picks_at_that_moment():
    shop = open_shop()
    shop.receive(shop.s1, A=10)
    shop.sends(shop.s1)
    numbers = [order(shop, 2) for _n in range(5)]
    shop.receive(shop.dc, A=6)
    send(shop, ticket(line("A", quantity="4", amount="40.00")))
    # when
    picking = [lambda number=number: shop.post(f"orders/{number}/pick/") for number in numbers[-2:]]
    all_at_once([relieve_oversold] * 4 + picking)
    # then each line hangs on one level, and no promise was lost or doubled
    held = list(OrderLine.objects.filter(demand__isnull=False).values_list("demand__quantity", flat=True))
    assert sum(held) == 10
    assert relieve_oversold() >= 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(reserved) FROM inventory_stocklevel")
        assert cursor.fetchone()[0] == 10
    nothing_differs()
