import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from apps.network.models import Channel
from apps.returns.services.accepting import accept_in_store
from apps.returns.services.types import Accepted
from tests.franchise.chain import Chain, api_key, read_events


@pytest.fixture
def shop(chain: Chain) -> Chain:
    chain.publish()
    Channel.objects.create(code="till-S003", name="S003", kind="store", location=chain.stores["S003"])
    return chain


def get(key: str, number: str):
    return Client().get(f"/api/v1/orders/{number}/attribution/", headers={"Authorization": f"Bearer {key}"})


def test_every_share_comes_with_cents_rule_and_evidence(shop):
    # given
    order = shop.order(lines=[("A1", "3", "7.95"), ("A2", "1", "10.00")], collect="S001", referral="S003")
    shop.hand_over(order)
    accept_in_store(
        location=shop.stores["S003"],
        lines=[Accepted(order=order.number, line=1, quantity=Decimal(1))],
        reference="counter",
        occurred_at=timezone.now(),
        actor="test",
    )
    read_events()
    # when
    body = get(api_key(shop.web, ["store:operate"]), order.number).json()
    # then
    assert (body["order"], body["currency"], body["store"], body["legal_entity"]) == (
        order.number,
        "EUR",
        "S001",
        "ANNA",
    )
    assert body["rule_set"]["version"] == "v1"
    assert [(s["evidence"], s["present"], s["taken"], s["store"]) for s in body["waterfall"]] == [
        ("collect", True, True, "S001"),
        ("referral", True, False, "S003"),
        ("home", False, False, None),
        ("residual", True, False, None),
    ]
    first, second = body["lines"]
    assert (first["net"], first["cents"]) == ("19.71", 1314)
    assert [(s["kind"], s["cents"], s["amount"], s["evidence"], s["rule_set"]) for s in first["shares"]] == [
        ("credit", 1971, "19.71", "collect", "v1"),
        ("reversal", -657, "-6.57", "collect", "v1"),
    ]
    assert first["shares"][1]["return"].startswith("R")
    assert second["cents"] == 826


def test_before_hand_over_it_is_decided_but_not_credited(shop):
    # given
    order = shop.order(lines=[("A1", "1", "10.00")], collect="S001")
    read_events()
    # when
    body = get(api_key(shop.web, ["store:operate"]), order.number).json()
    # then
    assert (body["store"], body["lines"][0]["shares"], body["lines"][0]["cents"]) == ("S001", [], 0)


def test_a_store_app_sees_its_own_stores_only(shop):
    # given: Bram's app reaches S003; the order is collected at Anna's S001
    order = shop.order(lines=[("A1", "1", "10.00")], collect="S001")
    shop.hand_over(order)
    read_events()
    till = Channel.objects.get(code="till-S003")
    hers = Channel.objects.create(code="till-S001", name="S001", kind="store", location=shop.stores["S001"])
    # when / then
    assert get(api_key(till, ["store:operate"], shop.stores["S003"]), order.number).status_code == 404
    assert get(api_key(hers, ["store:operate"], shop.stores["S001"]), order.number).json()["store"] == "S001"


def test_a_store_app_does_not_learn_that_another_store_is_credited(shop):
    # given: collected at S001, credited to S003 that referred it
    shop.publish("referral", "residual", version="v2", valid_from=timezone.localdate() + dt.timedelta(days=1))
    order = shop.order(
        lines=[("A1", "1", "10.00")], collect="S001", referral="S003", placed_at=timezone.now() + dt.timedelta(days=1)
    )
    shop.hand_over(order)
    read_events()
    hers = Channel.objects.create(code="till-S001", name="S001", kind="store", location=shop.stores["S001"])
    # when
    response = get(api_key(hers, ["store:operate"], shop.stores["S001"]), order.number)
    # then
    assert response.json()["store"] is None
    assert "S003" not in response.content.decode()


def test_other_entrepreneurs_stores_stay_unnamed(shop):
    # given: collected at Anna's S001, referred by Bram's S003
    order = shop.order(lines=[("A1", "1", "10.00")], collect="S001", referral="S003")
    read_events()
    hers = Channel.objects.create(code="till-S001", name="S001", kind="store", location=shop.stores["S001"])
    # when
    response = get(api_key(hers, ["store:operate"], shop.stores["S001"]), order.number)
    # then
    referral = response.json()["waterfall"][1]
    assert (referral["evidence"], referral["present"], referral["store"]) == ("referral", True, None)
    assert "S003" not in response.content.decode()


def test_scope_and_key_are_asked_for(shop):
    # given
    order = shop.order(lines=[("A1", "1", "10.00")], collect="S001")
    # when / then
    assert get(api_key(shop.web, ["orders:read"]), order.number).status_code == 403
    assert get("wrong", order.number).status_code == 401
    assert get(api_key(shop.web, ["store:operate"]), "T00000000000").status_code == 404
