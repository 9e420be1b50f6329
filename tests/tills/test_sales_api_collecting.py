"""POST /api/v1/sales/: an order of the webshop handed over, and paid, at a till."""

from decimal import Decimal

import pytest

from apps.core.models import Event
from apps.inventory.models import StockMovement
from apps.orders.models import Order
from apps.tills.models import Ticket
from tests.tills.invoices import ledgers_that_differ
from tests.tills.tickets import line, send, ticket


def ready_order(shop, **changes) -> Order:
    number = shop.post("orders/", shop.order_body(("A", 2), **changes)).json()["number"]
    shop.post(f"orders/{number}/pick/")
    assert shop.post(f"orders/{number}/ready/").status_code == 200
    return Order.objects.get(number=number)


def collect(order: Order, amount: str = "0.00", **more):
    return {"type": "collect", "order": order.number, "quantity": "1", "amount": amount, **more}


def test_a_collect_line_hands_the_order_over_once(shop):
    # given
    order = ready_order(shop)
    # when
    answer = send(shop, ticket(collect(order), line("B")))
    # then
    order.refresh_from_db()
    assert order.status == "collected"
    assert answer["accepted"] == 1
    assert (shop.stock("A").on_hand, shop.stock("A").reserved, shop.stock("B").on_hand) == (8, 0, 9)
    assert StockMovement.objects.filter(cause_id=order.number).count() == 1
    assert Event.objects.filter(topic="order.fulfilled", object_key=order.number).count() == 1
    assert ledgers_that_differ() == []


def test_what_is_paid_at_collection_goes_to_that_order(shop):
    order = ready_order(shop, payment_terms="on_collection", payments=[])
    answer = send(shop, ticket(collect(order, "20.00"), tenders=[{"method": "pin", "amount": "20.00"}]))
    order.refresh_from_db()
    order.payment_account.refresh_from_db()
    assert answer["numbers"] == [order.number]
    assert (order.status, order.payment_account.captured) == ("collected", Decimal("20.00"))
    assert Order.objects.count() == 1
    assert Ticket.objects.get().number == order.number


def test_a_till_does_not_ask_for_what_was_cancelled(shop):
    # given
    body = shop.order_body(("A", 2), ("B", 1), payment_terms="on_collection", payments=[])
    number = shop.post("orders/", body).json()["number"]
    shop.post(f"orders/{number}/cancel/", {"lines": [2]})
    shop.post(f"orders/{number}/pick/")
    shop.post(f"orders/{number}/ready/")
    order = Order.objects.get(number=number)
    # when
    too_much = send(shop, ticket(collect(order, "30.00"), tenders=[{"method": "pin", "amount": "30.00"}]))
    due = send(shop, ticket(collect(order, "20.00"), tenders=[{"method": "pin", "amount": "20.00"}]))
    # then
    assert too_much["quarantined"][0]["code"] == "not_due"
    assert due["numbers"] == [number]


def test_collecting_again_what_the_portal_handed_over_changes_nothing(shop):
    order = ready_order(shop)
    handed = shop.post(f"orders/{order.number}/hand-over/", {"collect_code": order.collect_code})
    assert handed.status_code == 200
    answer = send(shop, ticket(collect(order)))
    assert (answer["accepted"], answer["numbers"]) == (1, [order.number])
    assert shop.stock("A").on_hand == 8
    assert Event.objects.filter(topic="order.fulfilled").count() == 1


@pytest.mark.parametrize(
    ("changes", "amount", "store", "code"),
    [
        ({}, "20.00", "S1", "not_due"),
        ({"payment_terms": "on_collection", "payments": []}, "5.00", "S1", "not_due"),
        ({"payment_terms": "on_collection", "payments": []}, "0.00", "S1", "not_paid"),
        ({}, "0.00", "S2", "other_store"),
    ],
)
def test_a_collection_that_cannot_be_is_set_apart(shop, changes, amount, store, code):
    order = ready_order(shop, **changes)
    answer = send(shop, [ticket(collect(order, amount), line("B"), store=store), ticket(line("C"))])
    assert [(q["index"], q["code"]) for q in answer["quarantined"]] == [(0, code)]
    assert answer["accepted"] == 1
    order.refresh_from_db()
    assert order.status == "ready"
    assert shop.stock("B").on_hand == 10
    assert shop.stock("C").on_hand == 9


def test_a_collection_before_the_order_is_ready_waits_in_quarantine(shop):
    number = shop.post("orders/", shop.order_body(("A", 2))).json()["number"]
    told = ticket(collect(Order.objects.get(number=number)))
    assert send(shop, told)["quarantined"][0]["code"] == "wrong_state"
    shop.post(f"orders/{number}/pick/")
    shop.post(f"orders/{number}/ready/")
    assert send(shop, told)["accepted"] == 1
