"""The customer gets it another way: promise, code, mail and tasks move along, or nothing does."""

from decimal import Decimal
from typing import Any

import pytest

from apps.core.events.subscribers import catch_up
from apps.inventory.models import StoreTask
from apps.inventory.services.types import InsufficientStock
from apps.messages.models import Message
from apps.network.models import Location
from apps.orders.models import Order
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.services.rerouting import reroute
from apps.orders.services.shipping import ship
from apps.orders.services.shortages import refuse
from apps.orders.services.types import WrongState
from tests.orders.counter import order_of, text_of
from tests.shop import Shop, nothing_differs
from tests.staff import browser, person

JAN = {
    "email": "j.jansen@example.org",
    "first_name": "Jan",
    "last_name": "Jansen",
    "address": {"street": "Oudegracht", "postcode": "3511AB", "house_number": "12", "city": "Utrecht", "country": "NL"},
}


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """S2 has five of A, the distribution centre five of A and B."""
    shop.receive(shop.s2, A=5)
    shop.receive(shop.dc, A=5, B=5)
    return shop


def collected(shop: Shop, *lines: tuple[str, Any], **changes: Any) -> Order:
    return order_of(shop, *(lines or (("A", 2),)), customer=JAN, **changes)


def standing(order: Order) -> tuple[str, str | None, list[tuple[str, str]]]:
    order.refresh_from_db()
    lines = order.lines.order_by("line").select_related("location")
    at = order.location.code if order.location else None
    return order.method, at, [(line.status, line.location.code if line.location else "") for line in lines]


def test_what_the_store_has_not_got_is_collected_in_another(shop):
    order = collected(shop)
    code = order.collect_code
    refuse(number=order.number, reason="not_found", actor="t")
    reroute(number=order.number, to=shop.s2, actor="t")
    assert standing(order) == ("collect", "S2", [("sourced", "S2")])
    assert order.collect_code == code, "the customer has it already"
    assert shop.stock("A", shop.s2).reserved == 2
    assert nothing_differs()
    # and it goes on from there
    pick(number=order.number, actor="t")
    mark_ready(number=order.number, actor="t")
    hand_over(number=order.number, collect_code=code or "", actor="t")
    assert shop.stock("A", shop.s2).on_hand == 3
    assert nothing_differs()


def test_it_is_sent_home_instead(shop):
    order = collected(shop, ("A", 1), ("B", 1))
    reroute(number=order.number, to=None, actor="t")
    assert standing(order) == ("delivery", None, [("sourced", "DC"), ("sourced", "DC")])
    assert order.collect_code is None
    assert (shop.stock("A").reserved, shop.stock("B").reserved) == (0, 0)
    pick(number=order.number, actor="t")
    ship(number=order.number, actor="t")
    assert nothing_differs()


def test_a_parcel_is_collected_instead(shop):
    order = order_of(shop, ("A", 1), customer=JAN, fulfilment={"method": "delivery", "address": JAN["address"]})
    reroute(number=order.number, to=shop.s2, actor="t")
    assert standing(order) == ("collect", "S2", [("sourced", "S2")])
    assert order.collect_code


def test_what_was_picked_is_put_back(shop):
    order = collected(shop)
    pick(number=order.number, actor="t")
    mark_ready(number=order.number, actor="t")
    reroute(number=order.number, to=shop.s2, actor="t")
    task = StoreTask.objects.get()
    assert (task.kind, task.location, task.quantity) == ("put_back", shop.s1, Decimal(2))
    assert [line.quantity_picked for line in order.lines.all()] == [0]
    assert order.status != "ready"


def test_all_of_it_or_nothing(shop):
    order = collected(shop, ("A", 2), ("B", 1))
    before = standing(order)
    with pytest.raises(InsufficientStock):
        reroute(number=order.number, to=shop.s2, actor="t")
    assert standing(order) == before
    assert (shop.stock("A").reserved, shop.stock("A", shop.s2).reserved) == (2, 0)
    assert nothing_differs()


def test_doing_it_twice_changes_nothing(shop):
    order = collected(shop)
    for _ in range(2):
        reroute(number=order.number, to=shop.s2, actor="t")
    assert shop.stock("A", shop.s2).reserved == 2
    catch_up()
    assert Message.objects.filter(template="order_rerouted").count() == 1


def test_the_customer_is_told(shop):
    order = collected(shop)
    reroute(number=order.number, to=shop.s2, actor="t")
    catch_up()
    mail = Message.objects.get(template="order_rerouted")
    assert order.number in mail.subject
    assert shop.s2.name in mail.body


def test_cancelled_lines_stay_behind(shop):
    order = collected(shop, ("A", 1), ("B", 1))
    cancel(number=order.number, line_numbers={2}, actor="t")
    reroute(number=order.number, to=shop.s2, actor="t")
    assert standing(order)[2] == [("sourced", "S2"), ("cancelled", "S1")]


@pytest.mark.parametrize("state", ["handed over", "partly", "no address", "to be paid", "cancelled"])
def test_what_cannot_be(shop, state):
    to, kept = None, {}
    if state == "no address":
        kept = {"customer": {"email": "x@example.org", "account_id": "x"}}
    if state == "to be paid":
        kept = {"payment_terms": "on_collection", "payments": []}
    order = order_of(shop, ("A", 1), ("B", 1), **({"customer": JAN} | kept))
    if state == "handed over":
        pick(number=order.number, actor="t")
        mark_ready(number=order.number, actor="t")
        hand_over(number=order.number, collect_code=order.collect_code or "", actor="t")
        to = shop.s2
    elif state == "partly":
        refuse(number=order.number, reason="not_found", line_numbers=[2], actor="t")
        pick(number=order.number, actor="t")
        mark_ready(number=order.number, actor="t")
        hand_over(number=order.number, collect_code=order.collect_code or "", actor="t")
        to = shop.s2
    elif state == "cancelled":
        cancel(number=order.number, actor="t")
    with pytest.raises(WrongState):
        reroute(number=order.number, to=to, actor="t")
    assert nothing_differs()


def test_the_desk_offers_what_can_be(shop):
    desk = browser(person("Samira el Amrani", "service_agent"))
    order = collected(shop)
    page = text_of(desk.get(f"/orders/{order.number}/reroute/"))
    assert "Collect in Leiden" in page
    assert "Send it to Oudegracht 12, Utrecht" in page
    done = desk.post(f"/orders/{order.number}/reroute/", {"to": "S2"})
    assert done.status_code == 302
    assert standing(order)[1] == "S2"


def test_the_store_sees_its_order_go(shop, manager):
    order = collected(shop)
    page = text_of(browser(manager).get(f"/orders/{order.number}/reroute/"))
    assert "Oudegracht 12, Utrecht" in page
    done = browser(manager).post(f"/orders/{order.number}/reroute/", {"to": "home"})
    assert (done.status_code, done["Location"]) == (302, "/orders/")
    assert standing(order)[0] == "delivery"


def test_where_there_is_no_other_way_the_page_says_so(shop, manager):
    order = order_of(shop, ("C", 9), customer={"email": "x@example.org", "account_id": "x"})
    page = text_of(browser(manager).get(f"/orders/{order.number}/reroute/"))
    assert "There is no other way now" in page
    Location.objects.filter(pk=shop.s2.pk).update(offers_collect=False)
    assert browser(manager).post(f"/orders/{order.number}/reroute/", {"to": "S2"}).status_code == 422
