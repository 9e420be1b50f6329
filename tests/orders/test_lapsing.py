"""Orders that wait too long for their payment: what they held is anybody's, whenever the money comes."""

import datetime as dt
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.inventory.models import Reservation
from apps.inventory.services.expiring import sweep_expired
from apps.orders.models import Order
from apps.orders.services.cancelling import cancel, lapse_unpaid
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.services.paying import pay
from apps.orders.services.shortages import source_waiting
from apps.payments.services.types import Tendered
from tests.orders.counter import order_of
from tests.shop import Shop, nothing_differs


def unpaid(shop: Shop, *lines: tuple[str, Any]) -> Order:
    return order_of(shop, *lines, payments=[])


def let_lapse() -> None:
    Reservation.objects.exclude(expires_at=None).update(expires_at=timezone.now() - dt.timedelta(days=1))


def pay_all(order: Order) -> Order:
    return pay(number=order.number, payments=[Tendered("ideal", order.total)], actor="t")


def collect(order: Order) -> Order:
    pick(number=order.number, actor="t")
    mark_ready(number=order.number, actor="t")
    return hand_over(number=order.number, collect_code=order.collect_code, actor="t")


def test_who_pays_late_gets_what_is_still_there(shop):
    # given
    order = unpaid(shop, ("A", 3), ("B", 10))
    let_lapse()
    sweep_expired()
    assert shop.stock("A").reserved == 0
    # when
    order = pay_all(order)
    # then
    assert order.status == "sourced"
    assert (shop.stock("A").reserved, shop.stock("B").reserved) == (3, 10)
    assert collect(order).status == "collected"
    assert shop.stock("A").on_hand == 7
    assert nothing_differs()


def test_who_pays_late_waits_for_what_somebody_else_has_taken(shop):
    # given
    order = unpaid(shop, ("A", 1), ("B", 10))
    let_lapse()
    order_of(shop, ("B", 1))
    # when
    order = pay_all(order)
    # then: the order does not go on as if its goods were there
    assert order.status == "open"
    assert [line.status for line in order.lines.order_by("line")] == ["sourced", "open"]
    assert shop.stock("B").reserved == 1
    # and it goes on once there are some
    shop.receive(shop.s1, B=1)
    assert source_waiting() == 1
    assert collect(order).status == "collected"
    assert nothing_differs()


def test_who_pays_late_before_anything_was_let_go_keeps_it(shop):
    order = unpaid(shop, ("A", 3))
    let_lapse()
    assert pay_all(order).status == "sourced"
    sweep_expired()
    assert shop.stock("A").reserved == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("act", "status"), [("pay", "sourced"), ("cancel", "cancelled")])
def test_what_happens_while_lapsed_promises_are_let_go_waits_and_sees_it(shop, act, status):
    # given
    order = unpaid(shop, ("A", 3))
    let_lapse()
    failures: list[Exception] = []

    def work() -> None:
        try:
            pay_all(order) if act == "pay" else cancel(number=order.number, actor="t")
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    thread = Thread(target=work)
    # when: the sweep has let go, and is not done yet
    with transaction.atomic():
        sweep_expired()
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive(), "it waits for the stock level"
    thread.join()
    # then
    assert not failures
    order.refresh_from_db()
    assert order.status == status
    assert shop.stock("A").reserved == (3 if act == "pay" else 0)
    assert nothing_differs()


@pytest.mark.django_db(transaction=True)
def test_who_pays_while_unpaid_orders_are_called_off_keeps_the_order(shop):
    # given two that waited too long
    order, other = unpaid(shop, ("A", 3)), unpaid(shop, ("B", 1))
    let_lapse()
    called_off: list[int] = []

    def work() -> None:
        try:
            called_off.append(lapse_unpaid())
        finally:
            connection.close()

    thread = Thread(target=work)
    # when: the money of one has come, and is not booked yet
    with transaction.atomic():
        pay_all(order)
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive(), "it waits for the order"
    thread.join()
    # then
    assert called_off == [1]
    assert set(Order.objects.values_list("number", "status")) == {
        (order.number, "sourced"),
        (other.number, "cancelled"),
    }
    assert shop.stock("A").reserved == 3
    assert nothing_differs()
