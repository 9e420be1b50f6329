"""A store sends what a web order sourced from its shelves: it sees, picks and ships its own lines, and no more than that."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.services import grant_access
from apps.core.reach import forget_reach
from apps.core.reconcile import reconcile
from apps.inventory.models import StoreTask
from apps.orders.models import Order, OrderLine
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import pick
from apps.orders.services.shipping import ship
from apps.orders.services.shortages import report_short
from apps.orders.services.types import WrongState
from tests.orders.counter import numbers_in, order_of, text_of
from tests.shop import Shop
from tests.staff import browser

PICK_LIST = "/orders/pick/"
JAN = {
    "email": "j.jansen@example.org",
    "account_id": "web-77",
    "first_name": "Jan",
    "last_name": "Jansen",
    "address": {"street": "Oudegracht", "postcode": "3511AB", "house_number": "12", "city": "Utrecht", "country": "NL"},
}


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """S1 sends orders too, and has all of A; the distribution centre has all of B."""
    shop.sends(shop.s1)
    shop.receive(shop.dc, B=50)
    return shop


def to_send(shop: Shop, *lines: tuple[str, Any], **changes: Any) -> Order:
    fulfilment = {"method": "delivery", "address": JAN["address"]}
    order = order_of(shop, *(lines or (("A", 2),)), fulfilment=fulfilment, customer=JAN, **changes)
    assert {ln.location.code for ln in order.lines.all() if ln.sku == "A"} <= {"S1"}
    return order


def split(shop: Shop) -> Order:
    """An order of which S1 sends the first line and the distribution centre the second."""
    order = to_send(shop, ("A", 2), ("B", 40))
    assert [ln.location.code for ln in order.lines.order_by("line")] == ["S1", "DC"]
    return order


def statuses(order: Order) -> list[str]:
    return list(order.lines.order_by("line").values_list("status", flat=True))


def all_is_well() -> bool:
    return [o.check.name for o in reconcile() if o.differences] == []


def test_from_the_shelf_to_the_parcel_by_the_pages(shop, associate):
    # given
    order = to_send(shop)
    client = browser(associate)
    # then it stands on the pick list, as one to be sent
    page = text_of(client.get(PICK_LIST))
    assert order.number in page
    assert "To send" in page
    assert "To collect" not in page
    assert numbers_in(client.get("/orders/")) == [order.number]
    # when
    picked = client.post(f"{order.get_absolute_url()}pick/", {"everything": "1"}, follow=True)
    # then the next step is the parcel
    assert f'action="{order.get_absolute_url()}ship/"' in text_of(picked)
    assert f'href="{order.get_absolute_url()}ship/"' in text_of(client.get(order.get_absolute_url()))
    parcel = text_of(client.get(f"{order.get_absolute_url()}ship/"))
    assert "Jan Jansen<br>Oudegracht 12<br>3511 AB Utrecht" in parcel
    assert "2 × Product A" in parcel
    # when, twice
    left = client.post(f"{order.get_absolute_url()}ship/", follow=True)
    client.post(f"{order.get_absolute_url()}ship/")
    # then
    assert f"The parcel of order {order.number} is on its way." in text_of(left)
    assert statuses(order) == ["shipped"]
    assert (shop.stock("A").on_hand, shop.stock("A").reserved) == (8, 0)
    assert all_is_well()


def test_the_address_is_known_as_long_as_there_is_something_to_send(shop, associate):
    # given
    order = to_send(shop)
    client = browser(associate)
    url = order.get_absolute_url()
    assert "Oudegracht" in text_of(client.get(url))
    assert "Jan Jansen" in text_of(client.get(PICK_LIST))
    # when
    pick(number=order.number, actor="test")
    ship(number=order.number, actor="test")
    # then the order stays, for whom it was does not
    for path in (url, f"{url}pick/", f"{url}ship/", "/orders/", PICK_LIST):
        answer = client.get(path)
        assert answer.status_code == 200
        for known in ("Oudegracht", "Jan Jansen", "j.jansen@example.org"):
            assert known not in text_of(answer)
    # but whoever the customer shows the number knows again
    grant_access(principal=associate, object_type="order", object_key=order.number, purpose="counter", evidence="order")
    forget_reach(associate)
    assert "Oudegracht" in text_of(client.get(url))
    assert "Jan Jansen" in text_of(client.get("/orders/"))


def test_a_collected_order_shows_its_customer_in_its_own_store(shop, manager):
    order_of(shop, customer=JAN)
    assert "Jan Jansen" in text_of(browser(manager).get("/orders/"))


def test_another_store_sees_nothing(shop, stranger):
    order = to_send(shop)
    client = browser(stranger)
    assert order.number not in text_of(client.get(PICK_LIST))
    assert numbers_in(client.get("/orders/")) == []
    for path in ("", "pick/", "ship/"):
        assert client.get(f"{order.get_absolute_url()}{path}").status_code == 404
    assert client.post(f"{order.get_absolute_url()}ship/").status_code == 404
    assert statuses(order) == ["sourced"]


def test_a_store_does_not_decide_about_what_it_only_sends(shop, manager):
    order = to_send(shop)
    client = browser(manager)
    page = text_of(client.get(order.get_absolute_url()))
    assert f'href="{order.get_absolute_url()}pick/"' in page
    assert f'href="{order.get_absolute_url()}cancel/"' not in page
    assert client.post(f"{order.get_absolute_url()}cancel/", {"lines": ["1"]}).status_code == 404
    assert statuses(order) == ["sourced"]


def test_what_is_cancelled_is_no_longer_the_stores(shop, manager):
    order = to_send(shop)
    cancel(number=order.number, actor="test")
    assert browser(manager).get(order.get_absolute_url()).status_code == 404


def test_each_place_picks_and_sends_its_own_part(shop, manager, head_office):
    # given
    order = split(shop)
    client = browser(manager)
    page = text_of(client.get(f"{order.get_absolute_url()}pick/"))
    assert "Product A" in page
    assert "Product B" not in page
    # when the store does all it can
    client.post(f"{order.get_absolute_url()}pick/", {"everything": "1"})
    client.post(f"{order.get_absolute_url()}pick/", {"line": "2", "picked": "40"})
    assert client.post(f"{order.get_absolute_url()}lines/2/not-found/").status_code == 404
    client.post(f"{order.get_absolute_url()}ship/", follow=True)
    # then only its own line left
    assert statuses(order) == ["shipped", "sourced"]
    order.refresh_from_db()
    assert (order.status, order.closed_at) == ("sourced", None)
    assert order.number not in text_of(client.get(PICK_LIST))
    # when the distribution centre follows
    with pytest.raises(WrongState):
        ship(number=order.number, places={shop.dc.pk}, actor="test")
    pick(number=order.number, places={shop.dc.pk}, actor="test")
    ship(number=order.number, places={shop.dc.pk}, actor="test")
    # then
    order.refresh_from_db()
    assert (order.status, order.closed_at is not None) == ("shipped", True)
    assert shop.stock("B", shop.dc).on_hand == 10
    assert all_is_well()


def test_what_is_not_there_is_reported_and_stays_in_sight(shop, associate):
    order = to_send(shop)
    client = browser(associate)
    answer = client.post(f"{order.get_absolute_url()}lines/1/not-found/", follow=True)
    assert answer.status_code == 200
    assert statuses(order) == ["open"]
    assert StoreTask.objects.get().location == shop.s1


def test_unpaid_parcels_do_not_wait_for_the_store(shop, associate):
    order = to_send(shop, payments=[])
    client = browser(associate)
    assert order.number not in text_of(client.get(PICK_LIST))
    assert client.get(f"{order.get_absolute_url()}ship/").status_code == 200
    assert client.post(f"{order.get_absolute_url()}ship/").status_code == 409
    assert "Oudegracht" not in text_of(client.get(order.get_absolute_url()))


def test_parcels_are_counted_with_the_work_of_today(shop, associate):
    to_send(shop)
    order_of(shop)
    page = text_of(browser(associate).get("/"))
    assert '<a href="/work/?kind=orders.pick">2</a>' in page


def test_the_number_of_queries_does_not_grow_with_parcels(shop, associate):
    client = browser(associate)

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(path).status_code == 200
        return len(found)

    to_send(shop)
    few = [queries(path) for path in (PICK_LIST, "/orders/", "/")]
    for _ in range(3):
        to_send(shop, ("A", 1))
    assert [queries(path) for path in (PICK_LIST, "/orders/", "/")] == few


# --- through the API -----------------------------------------------------------------------------------------------


def test_a_store_app_sends_its_part(shop, key_of):
    # given
    order, key = split(shop), key_of(shop.s1)
    path = f"orders/{order.number}"
    assert shop.get(f"{path}/", api_key=key).json()["ship_to"] == {
        "name": "Jan Jansen",
        "street": "Oudegracht",
        "house_number": "12",
        "postcode": "3511AB",
        "city": "Utrecht",
        "country": "NL",
    }
    # when
    early = shop.post(f"{path}/ship/", api_key=key)
    picked = shop.post(f"{path}/pick/", api_key=key)
    left = shop.post(f"{path}/ship/", api_key=key)
    # then
    assert early.status_code == 409
    assert picked.json()["ship_to"]["name"] == "Jan Jansen"
    assert "ship_to" not in left.json()
    assert [ln["status"] for ln in left.json()["lines"]] == ["shipped", "sourced"]
    assert shop.post(f"{path}/short/", {"line": 2}, api_key=key).status_code == 400
    assert shop.get(f"{path}/", api_key=key).json()["status"] == "sourced"


def test_a_store_app_does_not_decide_about_what_it_only_sends(shop, key_of):
    order, key = to_send(shop), key_of(shop.s1)
    for step, body in (
        ("cancel", {}),
        ("payments", {"payments": [{"method": "pin", "amount": "1.00"}]}),
    ):
        assert shop.post(f"orders/{order.number}/{step}/", body, api_key=key).status_code == 404
    assert statuses(order) == ["sourced"]


def test_another_stores_app_sees_nothing(shop, key_of):
    order, key = to_send(shop), key_of(shop.s2)
    for step in ("pick", "ship"):
        assert shop.post(f"orders/{order.number}/{step}/", api_key=key).status_code == 404
    assert shop.get(f"orders/{order.number}/", api_key=key).status_code == 404


def test_a_short_line_of_a_parcel_is_answered(shop, key_of):
    order = to_send(shop)
    answer = shop.post(f"orders/{order.number}/short/", {"line": 1}, api_key=key_of(shop.s1))
    assert answer.status_code == 200
    assert answer.json()["status"] == "open"


def test_a_till_sale_elsewhere_is_no_parcel(shop, manager):
    # given an order of S2 whose goods a till took there
    order = to_send(shop)
    report_short(number=order.number, line=1, places={shop.s1.pk}, actor="test")
    OrderLine.objects.filter(order=order).update(location=shop.s2, quantity_picked=Decimal(0))
    assert browser(manager).get(order.get_absolute_url()).status_code == 404
