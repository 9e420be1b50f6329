"""Baskets hold goods for a while; orders take them over; what lapses is free again."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.inventory.models import Demand, Reservation
from apps.inventory.services.expiring import sweep_expired
from tests.shop import Shop, nothing_differs, open_shop


@pytest.fixture
def shop(db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=5, B=5)
    shop.receive(shop.dc, A=3, B=1)
    return shop


def basket(*lines: tuple[str, int], location: str | None = "S1") -> dict:
    return {
        "reference": "basket-1",
        "location": location,
        "lines": [{"sku": sku, "quantity": q} for sku, q in lines],
    }


def lapse() -> None:
    Reservation.objects.update(expires_at=timezone.now() - dt.timedelta(hours=1))


def test_a_basket_holds_and_lets_go(shop):
    # when
    answer = shop.post("reservations/", basket(("A", 2)))
    # then
    assert answer.status_code == 201, answer.content
    assert answer.json()["lines"] == [{"sku": "A", "quantity": "2", "location": "S1"}]
    assert shop.stock("A").reserved == 2
    # when
    key = answer.json()["id"]
    gone = shop.client_call("DELETE", f"reservations/{key}/")
    # then
    assert gone.status_code == 204
    assert shop.stock("A").reserved == 0
    assert shop.client_call("DELETE", "reservations/0192d0a0-0000-7000-8000-000000000000/").status_code == 404
    assert nothing_differs()


def test_an_order_takes_over_what_the_basket_holds(shop):
    # given: the basket holds the last pieces
    key = shop.post("reservations/", basket(("A", 5))).json()["id"]
    # when
    answer = shop.post("orders/", shop.order_body(("A", 5), reservation=key))
    # then
    assert answer.status_code == 201, answer.content
    assert shop.stock("A").reserved == 5
    assert Demand.objects.count() == 1
    assert Reservation.objects.get().expires_at is None
    # and it cannot be used or let go a second time
    assert shop.post("orders/", shop.order_body(("A", 5), reservation=key)).status_code == 409
    assert shop.client_call("DELETE", f"reservations/{key}/").status_code == 404
    assert shop.stock("A").reserved == 5


@pytest.mark.parametrize("lines", [[("A", 1)], [("A", 2), ("B", 1)], [("B", 2)]])
def test_an_order_that_is_not_what_was_reserved(shop, lines):
    key = shop.post("reservations/", basket(("A", 2))).json()["id"]
    answer = shop.post("orders/", shop.order_body(*lines, reservation=key))
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "reservation_mismatch"
    assert shop.stock("A").reserved == 2


def test_a_lapsed_reservation_is_free_for_others(shop):
    # given
    shop.post("reservations/", basket(("A", 5)))
    assert shop.post("orders/", shop.order_body(("A", 1))).status_code == 409
    lapse()
    # when: nothing has swept yet; the reserve that falls short releases it
    answer = shop.post("orders/", shop.order_body(("A", 4)))
    # then
    assert answer.status_code == 201
    assert shop.stock("A").reserved == 4
    assert nothing_differs()


def test_an_order_on_a_lapsed_reservation_tries_again(shop):
    # given
    key = shop.post("reservations/", basket(("A", 3))).json()["id"]
    lapse()
    # when: the stock is still there
    answer = shop.post("orders/", shop.order_body(("A", 3), reservation=key))
    # then
    assert answer.status_code == 201
    assert shop.stock("A").reserved == 3
    # when: it is not
    other = shop.post("reservations/", basket(("A", 2))).json()["id"]
    Reservation.objects.filter(key=other).update(expires_at=timezone.now() - dt.timedelta(hours=1))
    shop.post("orders/", shop.order_body(("A", 2)))
    late = shop.post("orders/", shop.order_body(("A", 2), reservation=other))
    # then
    assert late.status_code == 409
    assert late.json()["errors"][0]["code"] == "reservation_expired"
    assert nothing_differs()


def test_the_sweep_releases_what_nobody_asks_for(shop):
    shop.post("reservations/", basket(("A", 2), ("B", 1)))
    assert sweep_expired() == 0
    lapse()
    assert sweep_expired() == 2
    assert (shop.stock("A").reserved, shop.stock("B").reserved) == (0, 0)
    assert sweep_expired() == 0


def test_without_a_location_lines_are_sourced_where_they_can_be_shipped(shop):
    answer = shop.post("reservations/", basket(("A", 3), ("B", 1), location=None))
    assert [ln["location"] for ln in answer.json()["lines"]] == ["DC", "DC"]
    # S1 has five more, but does not ship
    short = shop.post("reservations/", basket(("A", 1), location=None))
    assert short.status_code == 409
    assert short.json()["errors"][0]["available"] == "0"


def test_safety_stock_is_not_promised(shop):
    level = shop.stock("A")
    level.safety_collect = level.safety_delivery = Decimal(2)
    level.save()
    refused = shop.post("reservations/", basket(("A", 4)))
    assert refused.json()["errors"][0]["available"] == "3"
    assert shop.post("reservations/", basket(("A", 3))).status_code == 201


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"lines": [{"sku": "X", "quantity": 1}]}, "lines.0.sku"),
        ({"lines": [{"sku": "A", "quantity": "0.5"}]}, "lines.0.quantity"),
        ({"location": "NOPE"}, "location"),
        ({"ttl_s": 1}, "ttl_s"),
        ({"ttl_s": 10**9}, "ttl_s"),
    ],
)
def test_bad_input(shop, change, attr):
    answer = shop.post("reservations/", basket(("A", 1)) | change)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == attr
    assert not Reservation.objects.exists()
