"""The time at which an order is brought, as the desk, the store and the customer see it."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from apps.core.events.subscribers import catch_up
from apps.inventory.models import SlotDay
from apps.messages.models import Message
from apps.orders.models import Order
from apps.orders.services.fulfilling import pick
from apps.orders.services.shipping import ship
from apps.orders.services.shortages import refuse
from tests.local_delivery import brings, brought, slot_id
from tests.orders.counter import numbers_in, order_of, text_of
from tests.shop import Shop, open_shop
from tests.staff import browser, person

MONDAY = dt.date(2026, 11, 23)


@pytest.fixture
def morning():
    """Monday, nine o'clock."""
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=False) as clock:
        yield clock


@pytest.fixture
def shop(db: None, morning: Any) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=20)
    shop.receive(shop.dc, A=20)
    brings(shop, shop.s1, (10, 12), (14, 16))
    return shop


@pytest.fixture
def desk(shop: Shop) -> Client:
    return browser(person("Mirjam Vos", "head_office"))


@pytest.fixture
def store(shop: Shop) -> Client:
    return browser(person("Daan de Ruiter", "store_manager", location=shop.s1))


def at(shop: Shop, starts: int, ends: int, day: dt.date = MONDAY, **changes: Any) -> Order:
    return order_of(shop, fulfilment=brought(slot_id(shop.s1, day, starts, ends)), **changes)


def test_the_order_says_when_and_by_whom_and_takes_another_time(shop: Shop, desk: Client) -> None:
    order = at(shop, 14, 16)
    page = text_of(desk.get(f"/orders/{order.number}/"))
    assert "Monday 23 November 2026, 14:00–16:00" in page
    assert "can no longer be kept" not in page
    form = text_of(desk.get(f"/orders/{order.number}/time/"))
    assert "All brought by Utrecht, 0" in form, "the one store is said once"
    assert "today 10:00–12:00, 2 places left" in form
    assert "today 14:00–16:00" not in form, "that is when it comes already"
    assert "2 places left" in form
    answer = desk.post(
        f"/orders/{order.number}/time/", {"slot": slot_id(shop.s1, MONDAY + dt.timedelta(days=1))}, follow=True
    )
    assert "Tue 24 Nov 14:00–16:00".replace(" ", "\xa0", 2) in answer.content.decode()
    assert Order.objects.get(pk=order.pk).promised_at == dt.datetime(2026, 11, 24, 15, tzinfo=dt.UTC)
    wrong = desk.post(f"/orders/{order.number}/time/", {"slot": slot_id(shop.s2, MONDAY)})
    assert wrong.status_code == 422


def test_a_time_that_was_lost_is_said_plainly(shop: Shop, desk: Client) -> None:
    order = at(shop, 14, 16)
    refuse(number=order.number, reason="not_found", actor="t")
    page = text_of(desk.get(f"/orders/{order.number}/"))
    assert "The agreed time, today 14:00–16:00, can no longer be kept" in page
    assert "Comes in" not in page, "it waits for somebody to choose, though there is some elsewhere"
    assert "As a parcel, without a time" in text_of(desk.get(f"/orders/{order.number}/time/"))
    desk.post(f"/orders/{order.number}/time/", {"slot": "parcel"})
    assert "can no longer be kept" not in text_of(desk.get(f"/orders/{order.number}/"))
    assert SlotDay.objects.get().taken == 0


def test_an_order_without_a_time_has_none_to_change(shop: Shop, desk: Client) -> None:
    order = order_of(shop)
    assert "/time/" not in desk.get(f"/orders/{order.number}/").content.decode()
    assert "There is no other time now" in text_of(desk.get(f"/orders/{order.number}/time/"))


def test_the_store_picks_in_the_order_of_the_times(shop: Shop, store: Client) -> None:
    parcel = order_of(shop, placed_at="2026-11-20T12:00:00+01:00")
    late, early = at(shop, 14, 16), at(shop, 10, 12)
    page = store.get("/orders/pick/")
    places = [page.content.decode().index(f'id="pick-{order.number}"') for order in (early, late, parcel)]
    assert places == sorted(places)
    assert "Bring today 10:00–12:00" in text_of(page)
    assert "Bring today 14:00–16:00" in text_of(store.get(f"/orders/{late.number}/pick/"))
    assert "Bring today 14:00–16:00" in text_of(store.get("/orders/pick/print/"))
    slip = text_of(store.get(f"/orders/{late.number}/packing-slip/"))
    assert "14:00–16:00" in slip
    assert "3512" in slip


def test_the_store_sees_what_goes_out_today(shop: Shop, store: Client) -> None:
    today, tomorrow = at(shop, 14, 16), at(shop, 14, 16, MONDAY + dt.timedelta(days=1))
    order_of(shop)
    assert numbers_in(store.get("/orders/?brought=today")) == [today.number]
    assert numbers_in(store.get("/orders/?brought=tomorrow")) == [tomorrow.number]
    assert set(numbers_in(store.get("/orders/?brought=any"))) == {today.number, tomorrow.number}
    assert "today 14:00–16:00" in text_of(store.get("/orders/?brought=today"))


def test_the_customer_is_told_the_time_and_each_change_of_it(shop: Shop, desk: Client) -> None:
    order = at(shop, 14, 16)
    desk.post(f"/orders/{order.number}/time/", {"slot": slot_id(shop.s1, MONDAY + dt.timedelta(days=1))})
    pick(number=order.number, actor="t")
    ship(number=order.number, actor="t")
    catch_up(names={"orders.confirm", "orders.tell_rerouted", "orders.tell_shipped"})
    mails = dict(Message.objects.values_list("template", "body"))
    assert set(mails) == {"order_confirmed", "order_rerouted", "order_shipped"}
    assert all("dinsdag 24 november 2026, 14:00–16:00" in body for body in mails.values())


def test_the_lists_ask_as_much_whatever_the_number_of_times(
    shop: Shop, store: Client, django_assert_max_num_queries: Any
) -> None:
    at(shop, 14, 16)
    with django_assert_max_num_queries(200) as one:
        store.get("/orders/pick/")
        store.get("/orders/")
        asked = len(one)
    at(shop, 14, 16), at(shop, 10, 12)
    with django_assert_max_num_queries(asked):
        store.get("/orders/pick/")
        store.get("/orders/")
