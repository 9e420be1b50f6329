"""Recalled goods in orders: who waits for them, who has them, warned and cancelled many at once."""

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.inventory.services.recalls.starting import lift_recall, start_recall
from apps.messages.models import Message
from apps.messages.services.sending import send_due
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.services.relieving import relieve_oversold
from tests.orders.counter import numbers_in, order_of, text_of
from tests.staff import browser

WORDS = {"why": "Het handvat breekt", "advice": "Breng het terug", "batch": "L-7", "actor": "test"}


@pytest.fixture
def waiting(shop):
    """An order with A and B that waits in S1."""
    return order_of(shop, ("A", 2), ("B", 1))


@pytest.fixture
def sold(shop):
    """An order with A that its customer has."""
    order = order_of(shop, ("A", 1))
    pick(number=order.number, actor="test")
    mark_ready(number=order.number, actor="test")
    hand_over(number=order.number, actor="test", collect_code=order.collect_code)
    return order


@pytest.fixture
def recall(shop, waiting, sold):
    order_of(shop, ("B", 1))  # another one has nothing to do with it
    return start_recall(variants=[shop.variants["A"]], **WORDS)


def act(client, recall, name, *orders, **more):
    """Do an act on many orders of the recall's list."""
    path = f"/orders/recalled/{recall.number}/?part=many"
    picked = {"act": name, "pick": [order.pk for order in orders]}
    client.post(path, picked | {"sure": str(len(orders))} | more)


def test_the_page_of_a_recall_says_who_waits_and_who_has_it(recall, waiting, sold, head_office):
    client, path = browser(head_office), f"/orders/recalled/{recall.number}/"
    panel = text_of(client.get(f"{path}panel/"))
    assert panel.count(">1<") == 2
    assert numbers_in(client.get(f"{path}?view=coming")) == [waiting.number]
    assert numbers_in(client.get(f"{path}?view=gone")) == [sold.number]
    assert sorted(numbers_in(client.get(f"{path}?view=all"))) == sorted([waiting.number, sold.number])
    # and within a period
    assert numbers_in(client.get(f"{path}?view=all&to=2020-01-01")) == []


def test_a_store_sees_its_own_and_another_store_nothing(recall, waiting, manager, stranger):
    path = f"/orders/recalled/{recall.number}/?view=coming"
    assert numbers_in(browser(manager).get(path)) == [waiting.number]
    assert numbers_in(browser(stranger).get(path)) == []


def test_the_recalled_lines_of_many_orders_are_cancelled_and_the_rest_goes_on(recall, waiting, head_office, shop):
    # when
    act(browser(head_office), recall, "cancel", waiting, reason="Recalled")
    # then
    lines = dict(waiting.lines.values_list("sku", "status"))
    assert lines == {"A": "cancelled", "B": "sourced"}
    assert shop.stock("A").oversold == 0


def test_customers_are_warned_once_each_without_consent_in_their_language(recall, waiting, sold, head_office):
    client = browser(head_office)
    # when it is asked twice
    for _turn in range(2):
        act(client, recall, "tell", waiting, sold)
    send_due()
    # then
    notices = Message.objects.filter(template="recall")
    assert notices.count() == 2
    [letter] = [m for m in mail.outbox if sold.number in m.body and "Belangrijk" in m.subject]
    for words in ("Het handvat breekt", "Breng het terug", "L-7", "1 × Product A"):
        assert words in letter.body
    assert "Product B" not in "".join(notices.values_list("body", flat=True))


def test_nobody_is_warned_of_what_was_lifted(recall, sold, head_office):
    lift_recall(recall=recall, actor="test")
    act(browser(head_office), recall, "tell", sold)
    assert not Message.objects.filter(template="recall").exists()


def test_a_store_manager_warns_nobody(recall, waiting, manager):
    answer = browser(manager).post(
        f"/orders/recalled/{recall.number}/?part=many", {"act": "tell", "pick": [waiting.pk], "sure": "1"}
    )
    assert answer.status_code == 400
    assert not Message.objects.filter(template="recall").exists()


def test_the_list_asks_no_more_for_more_orders(shop, recall, head_office):
    client, path = browser(head_office), f"/orders/recalled/{recall.number}/?view=gone"

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(path)
        return len(seen)

    asked()
    one = asked()
    lift_recall(recall=recall, actor="test")
    for _n in range(3):
        order = order_of(shop, ("A", 1))
        pick(number=order.number, actor="test")
        mark_ready(number=order.number, actor="test")
        hand_over(number=order.number, actor="test", collect_code=order.collect_code)
    assert asked() == one


def test_nobody_looks_elsewhere_for_what_is_recalled(shop, recall, waiting):
    assert shop.stock("A").oversold > 0
    with CaptureQueriesContext(connection) as seen:
        assert relieve_oversold() == 0
    assert len(seen) == 1
    assert waiting.lines.get(sku="A").status == "sourced"
