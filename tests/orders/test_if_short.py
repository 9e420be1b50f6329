"""A store cannot find what is collected: what the customer said they want then is done, once, or the desk is left to ask."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.core.events.subscribers import catch_up
from apps.inventory.services.purchases.announcing import announce_delivery
from apps.messages.models import Message
from apps.network.changing import change_location
from apps.orders.models import Order
from apps.orders.services.if_short import do_as_wished
from apps.orders.services.shortages import refuse
from tests.orders.counter import order_of, text_of
from tests.shop import Shop, nothing_differs
from tests.staff import browser, person

JAN = {
    "email": "j.jansen@example.org",
    "first_name": "Jan",
    "last_name": "Jansen",
    "address": {"street": "Oudegracht", "postcode": "3511AB", "house_number": "12", "city": "Utrecht", "country": "NL"},
}
COLLECT = {"method": "collect", "location": "S1"}


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """S1 has ten of all; the distribution centre has five of A."""
    shop.receive(shop.dc, A=5)
    return shop


def short(shop: Shop, wish: str | None, *, sku: str = "A", customer: Any = None) -> Order:
    """An order of two lines of which the store does not find the second."""
    way = COLLECT | ({"if_short": wish} if wish else {})
    order = order_of(shop, ("B", 1), (sku, 2), customer=customer or JAN, fulfilment=way)
    refuse(number=order.number, reason="not_found", actor="t", line_numbers=[2])
    for name in ("orders.do_as_wished", "orders.tell_left_out"):
        catch_up(names={name})
    order.refresh_from_db()
    return order


def parts(order: Order) -> list[tuple[int, str, str]]:
    return list(order.lines.order_by("line").values_list("line", "method", "status"))


@pytest.mark.parametrize("wish", [None, "ask"])
def test_without_a_wish_the_desk_asks(shop, wish):
    order = short(shop, wish)
    assert parts(order) == [(1, "collect", "sourced"), (2, "collect", "open")]


def test_it_is_sent_to_the_store(shop):
    order = short(shop, "send_on")
    assert parts(order) == [(1, "collect", "sourced"), (2, "collect", "coming")]
    assert shop.stock("A", shop.dc).reserved == 2
    assert nothing_differs()


def test_a_store_where_nobody_can_collect_any_more_leaves_it_to_the_desk(shop):
    order = order_of(shop, ("B", 1), ("A", 2), customer=JAN, fulfilment={**COLLECT, "if_short": "send_on"})
    change_location(location=shop.s1, offers_collect=False)
    refuse(number=order.number, reason="not_found", actor="t", line_numbers=[2])
    assert do_as_wished(number=order.number) is False
    assert parts(order) == [(1, "collect", "sourced"), (2, "collect", "open")]


def test_it_is_sent_home(shop):
    order = short(shop, "deliver")
    assert parts(order) == [(1, "collect", "sourced"), (2, "delivery", "sourced")]
    assert shop.stock("A", shop.dc).reserved == 2


def test_it_is_left_out_and_paid_back_and_the_customer_hears_of_it(shop):
    # when
    order = short(shop, "cancel")
    # then
    assert parts(order) == [(1, "collect", "sourced"), (2, "collect", "cancelled")]
    account = order.payment_account
    account.refresh_from_db()
    assert account.refunded == Decimal("20.00")
    (letter,) = Message.objects.filter(template="left_out")
    assert "Utrecht" in letter.body
    assert "2 × Product A" in letter.body


def test_what_cannot_be_done_as_wished_waits_for_the_desk(shop):
    # given nobody else has B, and nobody knows where Jan lives
    nowhere = {"email": "j.jansen@example.org", "first_name": "Jan"}
    for order in (short(shop, "send_on", sku="C"), short(shop, "deliver", customer=nowhere)):
        assert parts(order) == [(1, "collect", "sourced"), (2, "collect", "open")]
    assert nothing_differs()


def test_done_twice_is_done_once_and_what_was_never_refused_is_left_alone(shop):
    order = short(shop, "cancel")
    assert not do_as_wished(number=order.number)
    account = order.payment_account
    account.refresh_from_db()
    assert account.refunded == Decimal("20.00")
    assert parts(order)[0] == (1, "collect", "sourced")


def test_what_waits_for_a_delivery_is_not_short(shop):
    # given one of B that is there, and twelve of C, for which it waits
    announce_delivery(
        location=shop.s1,
        supplier="Kaap",
        reference="1",
        expected_on=timezone.localdate() + dt.timedelta(days=4),
        lines=[(shop.variants["C"], Decimal(5))],
        actor="t",
    )
    way = {"method": "collect", "location": "S1", "if_short": "cancel"}
    order = order_of(shop, ("B", 1), ("C", 12), customer=JAN, fulfilment=way, back_orders=True)
    before = parts(order)
    assert (2, "collect", "open") in before
    # when
    refuse(number=order.number, reason="not_found", actor="t", line_numbers=[1])
    catch_up(names={"orders.do_as_wished"})
    # then
    assert parts(order) == [(1, "collect", "cancelled"), *before[1:]]


def test_the_page_says_what_the_customer_wants(shop):
    order = short(shop, "deliver")
    assert "Send it home" in text_of(browser(person("M", "head_office")).get(order.get_absolute_url()))
