"""What a shop that keeps a copy relies on: pages by cursor, `since`, `updated_since`, `ETag`; and methods that there are not."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from apps.catalogue.services.updating import link_gtin
from apps.core.events.sequencer import stamp
from tests.api import METHODS, ApiCaller, document
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=50)
    return shop


def numbers(answer):
    return [order["number"] for order in answer.json()["results"]]


def placed(shop, minute=0):
    return shop.post("orders/", shop.order_body(placed_at=f"2026-11-21T12:{minute:02}:00+01:00")).json()["number"]


def test_pages_of_orders_hold_each_once_while_more_are_placed(shop):
    # given
    there = [placed(shop, minute) for minute in range(5)]
    first = shop.get("orders/?page_size=2")
    # when
    placed(shop, minute=30)
    found, url = numbers(first), first.json()["next"]
    while url:
        answer = ApiCaller(shop.key).get(url)
        assert answer.json()["sync_token"] == first.json()["sync_token"]
        found += numbers(answer)
        url = answer.json()["next"]
    # then
    assert sorted(found) == sorted(there)


def test_orders_since_a_token_and_since_a_moment(shop):
    # given
    old = placed(shop)
    stamp()
    token = shop.get("orders/").json()["sync_token"]
    moment = timezone.now()
    # when
    new = placed(shop)
    stamp()
    # then
    assert numbers(shop.get(f"orders/?since={token}")) == [new]
    assert numbers(shop.get(f"orders/?updated_since={moment.isoformat().replace('+', '%2B')}")) == [new]
    # and when the old one is picked
    shop.post(f"orders/{old}/pick/")
    stamp()
    assert sorted(numbers(shop.get(f"orders/?since={token}"))) == sorted([old, new])
    later = (timezone.now() + dt.timedelta(minutes=1)).isoformat().replace("+", "%2B")
    assert numbers(shop.get(f"orders/?updated_since={later}")) == []


def test_products_updated_since_a_moment(shop):
    moment = timezone.now().isoformat().replace("+", "%2B")
    path = f"products/?updated_since={moment}"
    assert shop.get(path).json()["results"] == []
    link_gtin(variant=shop.variants["B"], code="8710400000006")
    assert [p["sku"] for p in shop.get(path).json()["results"]] == ["B"]
    assert shop.get("products/?updated_since=2026-11-21T12:00:00").status_code == 400


@pytest.mark.parametrize("path", ["products/", "products/A/", "availability/?sku=A&location=S1"])
def test_what_did_not_change_is_not_sent_again(shop, path):
    headers = {"Authorization": f"Bearer {shop.key}"}
    first = Client().get(f"/api/v1/{path}", headers=headers)
    again = Client().get(f"/api/v1/{path}", headers=headers | {"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    shop.receive(shop.s1, A=1)
    link_gtin(variant=shop.variants["A"], code="8710400000006")
    assert Client().get(f"/api/v1/{path}", headers=headers | {"If-None-Match": first["ETag"]}).status_code == 200


def test_methods_that_there_are_not(shop):
    for template, operations in document()["paths"].items():
        path = re.sub(r"\{(key|delivery)\}", "0192d0a0-0000-7000-8000-000000000000", template)
        path = re.sub(r"\{\w+\}", "X1", path)
        for method in sorted(METHODS - set(operations)):
            answer = Client().generic(method.upper(), path, headers={"Authorization": f"Bearer {shop.key}"})
            assert answer.status_code == 405, (method, path)
            assert answer.json()["errors"][0]["code"] == "method_not_allowed"
            assert {m.lower() for m in answer["Allow"].split(", ")} >= set(operations) & METHODS


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"null", b'{"lines": 1e999}'])
def test_bodies_that_are_no_order(shop, body):
    answer = Client().post(
        "/api/v1/orders/",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {shop.key}", "Idempotency-Key": "k"},
    )
    assert answer.status_code == 400
    assert set(answer.json()) == {"type", "errors"}
