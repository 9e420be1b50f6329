"""What is picked lies where the store sets goods ready, until it is handed over or goes back."""

from decimal import Decimal

import pytest

from apps.inventory.models import Place, PlaceLevel, StockMovement, StoreTask
from apps.inventory.services.finishing import finish_task
from apps.inventory.services.places.noting import put_on_shelves
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.services.rerouting import reroute
from apps.orders.services.shipping import ship
from tests.inventory.counting import sell
from tests.orders.counter import order_of
from tests.shop import Shop, nothing_differs, open_shop


@pytest.fixture
def shop(db):
    shop = open_shop()
    for location in (shop.s1, shop.dc):
        for code, kind in {"A-1": "shelf", "M-1": "stockroom", "RACK": "staging"}.items():
            Place.objects.create(location=location, code=code, kind=kind)
        shop.receive(location, A=10, B=10)
        a = shop.variants["A"].pk
        put_on_shelves(location=location, lines=[("A-1", a, Decimal(2)), ("M-1", a, Decimal(5))])
    return shop


def lies(shop: Shop, sku: str = "A", location=None) -> dict[str, int]:
    """What lies where; "" is what lies on no place."""
    location = location or shop.s1
    held = PlaceLevel.objects.filter(location=location, variant=shop.variants[sku], quantity__gt=0)
    found = {code: int(n) for code, n in held.values_list("place__code", "quantity")}
    rest = int(shop.stock(sku, location).on_hand) - sum(found.values())
    return found | ({"": rest} if rest else {})


def test_what_is_picked_goes_from_the_shelf_to_where_it_lies_ready(shop):
    order = order_of(shop, ("A", 4))
    level = shop.stock("A")
    # when
    pick(number=order.number, quantities={1: Decimal(1)}, actor="test")
    pick(number=order.number, quantities={1: Decimal(1)}, actor="test")
    assert lies(shop) == {"A-1": 1, "M-1": 5, "RACK": 1, "": 3}
    pick(number=order.number, actor="test")
    # then the stockroom is left alone as long as there is something nearer
    assert lies(shop) == {"M-1": 5, "RACK": 4, "": 1}
    now = shop.stock("A")
    assert (now.on_hand, now.reserved) == (level.on_hand, level.reserved)
    assert nothing_differs()


def test_what_is_picked_no_more_is_to_be_put_away(shop):
    order = order_of(shop, ("A", 2))
    pick(number=order.number, actor="test")
    pick(number=order.number, quantities={1: Decimal(1)}, actor="test")
    assert lies(shop) == {"M-1": 5, "RACK": 1, "": 4}


def test_a_till_does_not_take_what_lies_ready_and_the_customer_gets_just_that(shop):
    order = order_of(shop, ("A", 2))
    pick(number=order.number, actor="test")
    mark_ready(number=order.number, actor="test")
    sell(shop, "A", 3)
    assert lies(shop) == {"M-1": 5, "RACK": 2}
    put_on_shelves(location=shop.s1, lines=[("A-1", shop.variants["A"].pk, Decimal(1))])
    order.refresh_from_db()
    # when
    hand_over(number=order.number, collect_code=order.collect_code, actor="test")
    # then
    assert "RACK" not in lies(shop)
    assert shop.stock("A").on_hand == 5
    assert nothing_differs()


@pytest.mark.parametrize("is_handed_over", [True, False])
def test_two_lines_of_one_product_leave_what_lies_ready_for_others(shop, is_handed_over):
    # given: a till sold seven, so three of four could be laid ready; then two more of somebody else's
    mine, others = order_of(shop, ("A", 2), ("A", 2)), order_of(shop, ("A", 2))
    sell(shop, "A", 7)
    pick(number=mine.number, actor="test")
    shop.receive(shop.s1, A=4)
    pick(number=others.number, actor="test")
    assert lies(shop)["RACK"] == 5
    # when
    if is_handed_over:
        mark_ready(number=mine.number, actor="test")
        hand_over(number=mine.number, collect_code=mine.collect_code, actor="test")
    else:
        pick(number=mine.number, quantities={1: Decimal(0), 2: Decimal(0)}, actor="test")
    # then
    assert lies(shop)["RACK"] == 2
    assert nothing_differs()


def test_a_till_that_sells_all_takes_what_lay_ready_too_and_handing_over_goes_on(shop):
    order = order_of(shop, ("A", 2))
    pick(number=order.number, actor="test")
    mark_ready(number=order.number, actor="test")
    sell(shop, "A", 9)
    assert lies(shop) == {"RACK": 1}
    order.refresh_from_db()
    hand_over(number=order.number, collect_code=order.collect_code, actor="test")
    assert lies(shop) == {"": -1}
    assert nothing_differs()


def test_what_is_cancelled_goes_back_to_its_shelf_when_the_store_says_so(shop):
    order = order_of(shop, ("A", 2), ("B", 1))
    pick(number=order.number, actor="test")
    cancel(number=order.number, line_numbers={1}, actor="test")
    assert (lies(shop), lies(shop, "B")) == ({"M-1": 5, "": 5}, {"RACK": 1, "": 9})
    task = StoreTask.objects.get(kind="put_back")
    finish_task(task=task, actor="test")
    finish_task(task=task, actor="test")
    assert lies(shop) == {"A-1": 2, "M-1": 5, "": 3}
    assert nothing_differs()


def test_what_goes_home_instead_is_no_longer_ready_here(shop):
    order = order_of(shop, ("A", 2), customer={"email": "j@example.org", "address": HOME})
    pick(number=order.number, actor="test")
    reroute(number=order.number, to=None, actor="test")
    assert lies(shop) == {"M-1": 5, "": 5}


def test_a_parcel_leaves_from_where_it_was_packed(shop):
    order = order_of(shop, ("A", 3), fulfilment={"method": "delivery", "address": HOME})
    pick(number=order.number, actor="test")
    assert lies(shop, location=shop.dc) == {"M-1": 5, "RACK": 3, "": 2}
    ship(number=order.number, actor="test")
    assert lies(shop, location=shop.dc) == {"M-1": 5, "": 2}
    assert nothing_differs()


def test_a_store_without_such_a_place_books_nothing_when_it_picks(shop):
    Place.objects.filter(kind="staging").update(kind="bin")
    order = order_of(shop, ("A", 2))
    pick(number=order.number, actor="test")
    assert lies(shop) == {"A-1": 2, "M-1": 5, "": 3}
    assert not StockMovement.objects.filter(cause_type="order").exists()


HOME = {"postcode": "3511AB", "house_number": "1", "city": "Utrecht"}
