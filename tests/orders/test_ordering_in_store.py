"""Ordering for a customer who stands in the store: a real order, placed once, its goods reserved."""

import datetime as dt
import re
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.models import AccessGrant, User
from apps.customers.models import Customer
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.inventory.models import StockLevel
from apps.inventory.services.purchases.announcing import announce_delivery
from apps.orders.models import Order
from tests.orders.counter import text_of
from tests.shop import Shop
from tests.staff import browser, person

PATH = "/orders/in-store/A/"
NEW = {"first_name": "Els", "last_name": "Bos", "email": "els@example.org"}
ADDRESS = {"street": "Kade", "house_number": "3", "postcode": "1012 AB", "city": "Amsterdam"}


@pytest.fixture
def associate(shop: Shop) -> User:
    return person("Bo Jansen", "store_associate", location=shop.s1)


@pytest.fixture
def counter(associate: User) -> Client:
    return browser(associate)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\xa0", " ").replace("&#x27;", "'").split())


@pytest.fixture
def order(counter: Client) -> Callable[..., Any]:
    """Open the form and send it, with `answers` over those of a new customer who collects here."""

    def send(**answers: str) -> Any:
        token = re.search(r'name="token" value="([^"]+)"', text(counter.get(PATH)))
        assert token is not None
        filled = {"token": token[1], "quantity": "2", "method": "here", "paid_with": ""} | answers
        return counter.post(PATH, filled)

    return send


def test_the_form_shows_price_and_stock_and_as_many_as_were_scanned(counter: Client) -> None:
    page = text(counter.get(f"{PATH}?quantity=3"))
    assert "Product A" in page
    assert "€10.00" in page
    assert "10 here" in page
    assert re.search(r'name="quantity" value="3"', page)
    for nonsense in ("", "0", "-1", "x", "²", "1e9"):
        assert re.search(r'name="quantity" value="1"', text(counter.get(PATH, {"quantity": nonsense}))), nonsense


def test_an_order_to_collect_here_reserves_at_once_and_shows_its_number(
    order: Any, shop: Shop, counter: Client, associate: User
) -> None:
    answer = order(**NEW)
    placed = Order.objects.get()
    assert answer.headers["Location"] == placed.get_absolute_url()
    assert f"Order {placed.number} is placed: 2 × Product A, reserved in Utrecht." in text(
        counter.get(placed.get_absolute_url())
    )
    assert shop.stock("A").reserved == 2
    assert (placed.channel, placed.location, placed.payment_terms) == (shop.web, shop.s1, "on_collection")
    assert (placed.referral_location, placed.referral_associate) == (shop.s1, f"user:{associate.pk}")
    page = text_of(counter.get(f"/orders/{placed.number}/"))
    assert f"user:{associate.pk}" not in page, "people are called by their names"
    assert (placed.contact.name, placed.contact.email) == ("Els Bos", "els@example.org")
    assert placed.source_record is not None
    assert placed.source_record.home_location == shop.s1


def test_an_order_from_the_warehouse_is_sent_and_paid_now(order: Any, shop: Shop, counter: Client) -> None:
    shop.receive(shop.dc, A=30)
    answer = order(**NEW, **ADDRESS, method="delivery", paid_with="pin")
    placed = Order.objects.get()
    assert counter.get(answer.headers["Location"]).status_code == 200  # the store sees what it just sold
    assert (placed.method, placed.contact.city) == ("delivery", "Amsterdam")
    assert shop.stock("A", shop.dc).reserved == 2
    assert AccessGrant.objects.get().object_key == placed.number
    account = placed.payment_account
    assert account is not None
    assert [(t.method, t.captured) for t in account.tenders.all()] == [("pin", Decimal("20.00"))]


def test_what_is_not_there_may_wait_for_what_is_announced(order: Any, shop: Shop, counter: Client) -> None:
    assert "may be sent later" not in text(counter.get(PATH)), "nothing comes in"
    shop.receive(shop.dc, A=1)
    announce_delivery(
        location=shop.dc,
        supplier="Kaap",
        reference="K-1",
        expected_on=timezone.localdate() + dt.timedelta(days=3),
        lines=[(shop.variants["A"], Decimal(4))],
        actor="test",
    )
    assert "4 come in on" in text(counter.get(PATH))
    sent = {**NEW, **ADDRESS, "method": "delivery", "paid_with": "pin"}
    assert "1 available, 2 wanted" in text(order(**sent))
    answer = order(**sent, back_orders="on")
    placed = Order.objects.get()
    assert f"Order {placed.number} is placed: 2 × Product A, of which 1 waits to come in." in text(
        counter.get(answer.headers["Location"])
    )


def test_it_can_be_collected_in_a_store_near_by_that_has_it(order: Any, shop: Shop, counter: Client) -> None:
    shop.receive(shop.s2, A=3)
    assert "Collect in Leiden" in text(counter.get(PATH))
    order(**NEW, method="S2")
    assert Order.objects.get().location == shop.s2
    assert shop.stock("A", shop.s2).reserved == 2


@pytest.fixture
def jan(shop: Shop) -> Customer:
    known = Person(
        source="web", external_id="web-77", first_name="Jan", email="jan@example.org", loyalty_card="2912345678901"
    )
    with transaction.atomic():
        [record] = recognise([known], actor="test")
    return Customer.objects.get(source_records=record)


def test_a_known_customer_is_opened_by_what_they_show(order: Any, jan: Customer, associate: User) -> None:
    order(identifier="2912345678901")
    placed = Order.objects.get()
    assert placed.source_record is not None
    assert placed.source_record.customer == jan
    assert placed.contact.email == "jan@example.org"
    grants = AccessGrant.objects.filter(object_type="customer", principal=f"user:{associate.pk}")
    assert [(g.object_key, g.purpose) for g in grants] == [(str(jan.key), "counter")]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "Say who it is for"),
        ({"identifier": "nobody@example.org"}, "Nobody is known by this"),
        (NEW | {"quantity": "0"}, "greater than or equal"),
        (NEW | {"quantity": "1.5"}, "sold by the piece"),
        (NEW | {"quantity": "11"}, "10 available"),
        (NEW | {"method": "delivery", "paid_with": "pin"}, "A parcel needs the whole address"),
        (NEW | ADDRESS | {"method": "delivery"}, "A parcel is paid before it leaves"),
        (NEW | {"method": "S2"}, "S2 is not one of"),  # which has none
        (NEW | {"token": "x"}, "valid UUID"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(order: Any, shop: Shop, answers: Any, said: str) -> None:
    answer = order(**answers)
    assert answer.status_code in {400, 409, 422}
    assert said in text(answer)
    assert not Order.objects.exists()
    assert shop.stock("A").reserved == 0


def test_the_same_form_twice_is_one_order(order: Any, shop: Shop) -> None:
    token = "0b0e5a0e-6f0a-4b63-8f0b-6c2f5b6e1c11"
    first = order(**NEW, token=token)
    again = order(**NEW, token=token)
    assert first.headers["Location"] == again.headers["Location"]
    assert Order.objects.count() == 1
    assert shop.stock("A").reserved == 2
    # with other answers it is not taken for the same
    other = order(**NEW, token=token, quantity="3")
    assert other.status_code == 409
    assert "This form was sent before" in text(other)
    assert shop.stock("A").reserved == 2


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_are_one_order(shop: Shop, associate: User) -> None:
    answers: list[int] = []

    def click() -> None:
        try:
            form = {"token": "0b0e5a0e-6f0a-4b63-8f0b-6c2f5b6e1c12", "quantity": "2", "method": "here", **NEW}
            answers.append(browser(associate).post(PATH, form).status_code)
        finally:
            connection.close()

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert answers == [302] * 4
    assert Order.objects.count() == 1
    assert shop.stock("A").reserved == 2


def test_what_is_scanned_can_be_ordered(counter: Client) -> None:
    page = text(counter.post("/scan/", {"code": "A", "previous": "A", "times": "1"}, headers={"HX-Request": "true"}))
    assert 'href="/orders/in-store/A/?quantity=2"' in page


def test_it_is_for_those_in_a_store(shop: Shop) -> None:
    for role in ("head_office", "finance", "service_agent"):
        assert browser(person(f"{role} x", role)).get(PATH).status_code == 403


def test_what_is_not_here_is_not_collected_here(counter: Client, shop: Shop) -> None:
    shop.receive(shop.dc, A=30)
    assert "Collect in Utrecht, 10 here" in text(counter.get(PATH))
    StockLevel.objects.filter(location=shop.s1).update(on_hand=0)
    page = text(counter.get(PATH))
    assert "Collect in Utrecht" not in page
    assert re.search(r'value="delivery"[^>]*checked', page)
