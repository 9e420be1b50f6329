"""Several at once about the same goods: real threads on a real database."""

from decimal import Decimal

import pytest
from django.utils import timezone

from apps.inventory.models import StockMovement, Transfer
from apps.orders.models import Order
from apps.orders.services.placing import place_order
from apps.orders.services.types import OrderDocument, OrderedLine
from tests.at_once import all_at_once
from tests.inventory.transfers import ask, levels, receive, send
from tests.shop import Shop, nothing_differs, open_shop

THREADS = 8


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=10, B=10, C=10)
    return shop


def place(shop: Shop, n: int) -> Order:
    document = OrderDocument(
        external_id=f"RACE-{n}",
        placed_at=timezone.now(),
        currency="EUR",
        method="collect",
        location="S1",
        lines=[OrderedLine("A", Decimal(1), Decimal("10.00"))],
        payment_terms="on_collection",
        fingerprint=str(n),
    )
    return place_order(channel=shop.web, document=document, actor="test")


def test_two_who_send_the_same_transfer_send_it_once(shop):
    transfer = ask(shop, A=4, B=4, C=4)
    outcomes = all_at_once([lambda: send(transfer)] * THREADS)
    assert outcomes == {"done": THREADS}
    assert StockMovement.objects.filter(kind="send").count() == 3
    assert levels(shop) == {("S1", "saleable", "F01"): (6, 0), ("S2", "in_transit", "F01"): (4, 0)}
    assert nothing_differs()


def test_two_who_send_something_else_do_not_mix(shop):
    transfer = ask(shop, A=4)
    acts = [lambda n=n: send(transfer, (1, n, "needed_here")) for n in range(1, 4)]
    outcomes = all_at_once(acts)
    assert outcomes == {"done": 1, "booked_meanwhile": 2}
    sent = Transfer.objects.get().lines.get().sent
    assert levels(shop)[("S2", "in_transit", "F01")] == (sent, 0)
    assert nothing_differs()


def test_two_who_receive_the_same_transfer_receive_it_once(shop):
    transfer = send(ask(shop, A=4, B=4))
    outcomes = all_at_once([lambda: receive(transfer)] * THREADS)
    assert outcomes == {"done": THREADS}
    assert levels(shop)[("S2", "saleable", "OWN")] == (4, 0)
    assert nothing_differs()


def test_two_who_receive_another_part_at_once_book_one_of_them(shop):
    # given: a box of which one unpacks two and another three, and two who unpack the same three
    transfer = send(ask(shop, A=6))
    acts = [lambda n=n: receive(transfer, (1, n, "later")) for n in (2, 3, 3)]
    # when
    outcomes = all_at_once(acts)
    # then: the go was booked with one number; who had the other looks again, and the rest is still on its way
    came = int(transfer.lines.get().received)
    assert outcomes == ({"done": 2, "booked_meanwhile": 1} if came == 3 else {"done": 1, "booked_meanwhile": 2})
    assert levels(shop)[("S2", "saleable", "OWN")] == (came, 0)
    assert levels(shop)[("S2", "in_transit", "F01")] == (6 - came, 0)
    assert nothing_differs()


def test_one_end_sends_the_rest_while_the_other_receives_the_first_part(shop):
    transfer = send(ask(shop, A=4, B=4), (1, 1, "later"), (2, 4))
    rest = [lambda: send(transfer, go=2), lambda: receive(transfer, (1, 1, "later"), (2, 4))]
    assert all_at_once(rest * 2) == {"done": 4}
    transfer.refresh_from_db()
    assert (transfer.status, transfer.sendings, transfer.receipts) == ("in_transit", 2, 1)
    assert levels(shop)[("S2", "saleable", "OWN")] == (1, 0)
    assert levels(shop)[("S2", "in_transit", "F01")] == (3, 0)
    assert receive(transfer, go=2).status == "received"
    assert nothing_differs()


def test_a_form_sent_twice_at_once_asks_once(shop):
    outcomes = all_at_once([lambda: ask(shop, "form-1", A=2)] * THREADS)
    assert outcomes == {"done": THREADS}
    assert Transfer.objects.count() == 1
    assert levels(shop) == {("S1", "saleable", "F01"): (10, 2)}


def test_orders_and_requests_compete_for_the_last_pieces_and_none_is_promised_twice(shop):
    # given: six pieces are left, twelve want one
    ask(shop, A=4)
    requests = [lambda n=n: ask(shop, f"race-{n}", A=1) for n in range(6)]
    orders = [lambda n=n: place(shop, n) for n in range(6)]
    # when
    outcomes = all_at_once([*requests, *orders])
    # then
    assert outcomes == {"done": 6, "insufficient_stock": 6}
    assert levels(shop) == {("S1", "saleable", "F01"): (10, 10)}
    assert Transfer.objects.count() - 1 + Order.objects.count() == 6
    assert nothing_differs()


def test_goods_that_cross_each_other_do_not_wait_in_a_circle(shop):
    # given: transfers in both directions over the same variants, in another order
    shop.receive(shop.s2, A=10, B=10, C=10)
    there = [ask(shop, f"there-{n}", A=1, B=1, C=1) for n in range(4)]
    back = [ask(shop, f"back-{n}", sender=shop.s2, receiver=shop.s1, C=1, B=1, A=1) for n in range(4)]
    # when
    outcomes = all_at_once([lambda t=t: receive(send(t)) for t in [*there, *back]])
    # then
    assert outcomes == {"done": 8}
    assert levels(shop) == {("S1", "saleable", "F01"): (10, 0), ("S2", "saleable", "OWN"): (10, 0)}
    assert nothing_differs()
