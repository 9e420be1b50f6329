"""What people in the store see of an order that goes several ways, and how they sell one."""

import re
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.orders.models import Order
from tests.orders.counter import text_of
from tests.orders.test_mixed import JAN, WAYS, lines_of, mixed
from tests.shop import Shop
from tests.staff import browser


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """The distribution centre has five of each."""
    shop.receive(shop.dc, A=5, B=5, C=5)
    return shop


@pytest.fixture
def staff(manager: User) -> Client:
    return browser(manager)


def test_the_page_shows_a_way_for_each_part_and_the_list_says_all(shop, staff):
    order = mixed(shop, *WAYS)
    page = text_of(staff.get(order.get_absolute_url()))
    assert page.count('class="steps"') == 2, "what is taken along has no way to go"
    assert all(
        part in page for part in ("Collect · Utrecht", "Delivery", "Taken along · Utrecht", "Promised at the door")
    )
    rows = text_of(staff.get("/orders/"))
    assert "Collect + Delivery + Taken along · Utrecht" in rows
    # an order of which all goes one way is told of as before
    plain = shop.post("orders/", shop.order_body(("A", 1))).json()["number"]
    page = text_of(staff.get(f"/orders/{plain}/"))
    assert page.count('class="steps"') == 1
    assert "Promised at the door" not in page


def test_the_store_picks_its_part_and_makes_it_ready(shop, staff):
    # given a store that sends the second part itself
    shop.sends(shop.s1)
    order = mixed(shop, "collect", "delivery")
    shop.post(f"orders/{order.number}/short/", {"line": 2, "reason": "too_busy"})
    assert lines_of(order)[1][2] == "S1"
    page = text_of(staff.get("/orders/pick/"))
    assert "To send" in page
    assert "To collect" in page
    # when only what is collected was found
    staff.post(f"/orders/{order.number}/pick/", {"line": "1", "picked": "1"})
    page = text_of(staff.get(f"/orders/{order.number}/pick/"))
    assert "Make ready" in page
    assert "Everything found" in page
    assert "Make parcel" not in page
    slip = text_of(staff.get(f"/orders/{order.number}/packing-slip/?way=collect"))
    assert "Utrecht" in slip
    assert "Oudegracht" not in slip
    staff.post(f"/orders/{order.number}/ready/")
    assert [status for _way, status, _at in lines_of(order)] == ["ready", "sourced"]


def test_some_lines_are_sent_home_by_the_page(shop, staff):
    number = shop.post("orders/", shop.order_body(("A", 1), ("B", 1), customer=JAN)).json()["number"]
    path = f"/orders/{number}/reroute/"
    assert "Only some of it?" in text_of(staff.get(path))
    page = text_of(staff.get(f"{path}?line=2"))
    assert "Of these lines:" in page
    answer = staff.post(f"{path}?line=2", {"to": "home"})
    assert answer.status_code == 302, text_of(answer)
    assert [way for way, _status, _at in lines_of(Order.objects.get(number=number))] == ["collect", "delivery"]


def sold(staff: Client, **answers: str) -> Any:
    path = "/orders/in-store/A/"
    token = re.search(r'name="token" value="([^"]+)"', text_of(staff.get(path)))
    assert token is not None
    told = {"first_name": "Els", "last_name": "Bos", "email": "els@example.org"}
    return staff.post(path, {"token": token[1], "quantity": "1", "method": "here", **told} | answers)


def test_one_basket_with_what_is_taken_along(shop, staff):
    # given it is not paid, nothing happens
    assert sold(staff, takes_along="C 2", paid_with="").status_code == 422
    assert not Order.objects.exists()
    # when
    address = {"street": "Kade", "house_number": "3", "postcode": "1012 AB", "city": "Amsterdam"}
    answer = sold(staff, takes_along="C 2", gets_sent="B", paid_with="pin", **address)
    # then
    assert answer.status_code == 302, text_of(answer)
    order = Order.objects.get()
    assert lines_of(order) == [
        ("collect", "sourced", "S1"),
        ("carry_out", "collected", "S1"),
        ("delivery", "sourced", "DC"),
    ]
    assert order.payment_account.paid == order.total == 40
    assert shop.stock("C").on_hand == 8
