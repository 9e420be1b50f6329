"""After pieces of a line were called off, every paper and page names what stands: nobody hands out what was cancelled."""

from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from apps.customers.models import Customer
from apps.inventory.services.recalls.starting import start_recall
from apps.messages.services.sending import send_due
from apps.orders.models import Order
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.timeline import Purchases
from tests.orders.counter import SWAP, order_of, text_of
from tests.orders.test_pages_elsewhere import opened
from tests.orders.test_recalls import WORDS, act
from tests.staff import browser


@pytest.fixture
def two_of_three(shop: Any) -> Order:
    """Three of A were ordered, and one of them was called off; two lie ready."""
    order = order_of(shop, ("A", 3), ("B", 1))
    cancel(number=order.number, pieces={1: Decimal(1)}, actor="t")
    pick(number=order.number, actor="t")
    return mark_ready(number=order.number, actor="t")


def test_the_counter_hands_out_what_stands(two_of_three, associate):
    client, here = browser(associate), two_of_three.get_absolute_url()
    card = client.post("/orders/collect/", {"code": two_of_three.collect_code})
    for answer in (card, client.get(f"{here}hand-over/"), client.get(f"{here}packing-slip/")):
        page = text_of(answer)
        assert "Product A" in page
        assert ('num">2</' in page, 'num">3</' in page) == (True, False)


def test_what_comes_separately_is_named_by_what_stands(two_of_three, associate, shop):
    two_of_three.lines.filter(line=1).update(location=shop.s2)
    page = text_of(browser(associate).get(f"{two_of_three.get_absolute_url()}packing-slip/"))
    assert "<span>2 × Product A</span>" in page


def test_the_customers_page_tells_what_stands(two_of_three, head_office):
    customer = Customer.objects.get()
    opened(head_office, customer)
    assert "2 × Product A" in text_of(browser(head_office).get(f"/orders/open/{customer.key}/", headers=SWAP))
    (told,) = Purchases().entries(Order.objects.all())
    assert told.text.startswith("2 × Product A, 1 × Product B")
    # and of what was called off whole, how many that were
    cancel(number=two_of_three.number, actor="t")
    (told,) = Purchases().entries(Order.objects.all())
    assert told.text.startswith("3 × Product A, 1 × Product B")


def test_a_recall_is_written_about_what_was_handed_over(two_of_three, head_office, shop):
    hand_over(number=two_of_three.number, actor="t", collect_code=two_of_three.collect_code)
    recall = start_recall(variants=[shop.variants["A"]], **WORDS)
    act(browser(head_office), recall, "tell", two_of_three)
    send_due()
    (letter,) = [m for m in mail.outbox if "Het handvat breekt" in m.body]
    assert "  2 × Product A" in letter.body
