"""Trying numbers one after the other, wherever a number opens somebody: it is slowed down, and stands in the review."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import AccessGrant, User
from apps.core.numbers import ORDER, RETURN, new_code, next_number
from apps.customers.models import Finding, Look
from apps.customers.review.services import review
from apps.orders.models import Order
from apps.returns.models import Return
from tests.api import ApiCaller
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.django_db
MOST = 8


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    """Attempts are counted by the quarter of an hour: all of a test are of one."""
    cache.clear()
    with time_machine.travel(dt.datetime(2026, 11, 18, 11, 0, tzinfo=dt.UTC)):
        yield


def number(kind: str) -> str:
    if kind == "order":
        return next_number(ORDER)
    return next_number(RETURN) if kind == "return" else new_code()


def scan(client: Client, text: str) -> None:
    client.post("/scan/", {"code": text})


def search(client: Client, text: str) -> None:
    client.post("/search/", {"q": text, "look_up": "order" if text[0] != RETURN or len(text) == 8 else "return"})


def take_back(client: Client, text: str) -> None:
    client.post("/returns/take-back/", {"code": text})


def collect(client: Client, text: str) -> None:
    client.post("/orders/collect/", {"code": text})


def find(client: Client, text: str) -> None:
    client.post("/customers/", {"order": text})


def find_by_address(client: Client, text: str) -> None:
    client.post("/customers/", {"postcode": "3511AB", "house_number": str(sum(map(ord, text)) % 9000)})


WAYS = [
    *((scan, kind) for kind in ("order", "return", "code")),
    *((search, kind) for kind in ("order", "return", "code")),
    *((take_back, kind) for kind in ("order", "return", "code")),
    (collect, "code"),
    (find, "order"),
    (find_by_address, "order"),
]


@pytest.mark.parametrize(("way", "kind"), WAYS, ids=[f"{way.__name__} {kind}" for way, kind in WAYS])
def test_trying_numbers_is_slowed_down_and_stands_in_the_review(
    way: Callable[[Client, str], None],
    kind: str,
    make_user: Callable[..., User],
    make_location: Callable[..., object],
    browse: Callable[[User], Client],
    settings: Settings,
) -> None:
    # given
    settings.STAFF_LOOKUP_RATE = f"{MOST}/min"
    associate = make_user("store_associate", make_location("S001"))
    in_store = browse(associate)

    # when
    for _ in range(MOST + 2):
        way(in_store, number(kind))
    review()

    # then
    outcomes = list(Look.objects.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == ["none"] * MOST + ["throttled"] * 2
    assert list(Finding.objects.values_list("rule", "principal")) == [("enumeration", f"user:{associate.pk}")]


@pytest.fixture
def sold() -> tuple[Shop, Order]:
    """An order that is collected in S2, which is not theirs who try."""
    shop = open_shop()
    shop.receive(shop.s2, A=5)
    placed = shop.post("orders/", shop.order_body(("A", 1), fulfilment={"method": "collect", "location": "S2"}))
    return shop, Order.objects.get(number=placed.json()["number"])


@pytest.mark.parametrize("way", [scan, search, take_back, collect], ids=lambda way: way.__name__)
def test_who_used_up_their_look_ups_opens_nothing_by_a_number_that_is_right(
    way: Callable[[Client, str], None],
    sold: tuple[Shop, Order],
    make_user: Callable[..., User],
    browse: Callable[[User], Client],
    settings: Settings,
) -> None:
    # given
    settings.STAFF_LOOKUP_RATE = f"{MOST}/min"
    shop, order = sold
    stranger, honest = (make_user("store_associate", shop.s1) for _ in range(2))
    right = order.collect_code if way is collect else order.number
    by_stranger = browse(stranger)
    for _ in range(MOST):
        way(by_stranger, number("code" if way is collect else "order"))

    # when
    way(by_stranger, str(right))
    way(browse(honest), str(right))

    # then
    grants = AccessGrant.objects.filter(object_type="order", object_key=order.number)
    assert list(grants.values_list("principal", flat=True)) == [f"user:{honest.pk}"]
    assert Look.objects.filter(principal=f"user:{honest.pk}", outcome="one").exists()


def test_a_stores_own_orders_are_no_look_ups_at_people(
    sold: tuple[Shop, Order], make_user: Callable[..., User], browse: Callable[[User], Client], settings: Settings
) -> None:
    # given
    settings.STAFF_LOOKUP_RATE = "1/min"
    shop, order = sold
    own = browse(make_user("store_associate", shop.s2))

    # when
    for _ in range(3):
        assert own.post("/scan/", {"code": order.number}).status_code == 302

    # then
    assert not Look.objects.exclude(outcome="one").exists()


def test_return_codes_by_api_are_counted_too(
    sold: tuple[Shop, Order], api_client_for: Callable[..., ApiCaller], settings: Settings
) -> None:
    # given
    settings.CUSTOMER_LOOKUP_RATE = f"{MOST}/min"
    shop, _order = sold
    store = api_client_for(shop.web, "store:operate")
    rma = next_number(RETURN)

    # when
    answers = {
        store.post(f"/api/v1/returns/{rma}/receive/", {"return_code": new_code()}).status_code for _ in range(MOST + 1)
    }
    review()

    # then
    assert answers == {404}
    assert not Return.objects.exists()
    assert list(Look.objects.order_by("pk").values_list("outcome", flat=True)) == ["none"] * MOST + ["throttled"]
    assert [finding.rule for finding in Finding.objects.all()] == ["enumeration"]


def test_a_purpose_that_nobody_knows_opens_nothing_by_api(shop_api: ApiCaller) -> None:
    # given
    body = {"identifiers": {"email": "a@example.org"}}

    # then
    answers = {
        purpose: shop_api.post("/api/v1/customers/lookup/", body | {"purpose": purpose}).status_code
        for purpose in ("service", "counter", "checkout", "support", "till", "matching", "sign_up", "curiosity", "")
    }
    assert answers == dict.fromkeys(("service", "counter", "checkout", "support", "till"), 200) | dict.fromkeys(
        ("matching", "sign_up", "curiosity", ""), 400
    )
    assert set(Look.objects.values_list("purpose", flat=True)) == {"service", "counter", "checkout"}
