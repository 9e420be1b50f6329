import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import ApiClient
from apps.accounts.services import issue_api_key
from apps.inventory.models import StockLevel
from apps.inventory.services.places.noting import put_on_shelves
from apps.inventory.services.promising import reserve
from apps.inventory.services.types import Want
from apps.network import directory
from apps.network.models import Location
from tests.shop import Shop


def explained(shop: Shop, query: str) -> Any:
    answer = shop.get(f"availability/explain/?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def terms(shop: Shop, query: str) -> list[tuple[str, str]]:
    (location,) = explained(shop, query)["locations"]
    found = [(term["rule"], term["quantity"]) for term in location["terms"]]
    assert sum(Decimal(quantity) for _, quantity in found) == Decimal(location["available"])
    return found


def hold(shop: Shop, reference: str, quantity: int, *, expires_at: dt.datetime | None = None) -> None:
    with transaction.atomic():
        want = Want(1, shop.variants["A"].pk, Decimal(quantity), shop.s1.pk)
        reserve(channel_id=shop.web.pk, reference=reference, wants=[want], expires_at=expires_at)


def test_every_term_with_the_rows_behind_it(shop: Shop) -> None:
    put_on_shelves(
        location=shop.s1,
        lines=[("M-04-1", shop.variants["A"].pk, Decimal(4)), ("A-12-3", shop.variants["A"].pk, Decimal(6))],
    )
    hold(shop, "T1", 2)
    hold(shop, "T2", 1, expires_at=timezone.now() - dt.timedelta(hours=1))
    StockLevel.objects.filter(variant__sku="A").update(safety_collect=2, safety_delivery=2)
    (location,) = explained(shop, "sku=A&location=S1")["locations"]
    assert location["available"] == "6"
    by_rule = {term["rule"]: term for term in location["terms"]}
    assert {rule: term["quantity"] for rule, term in by_rule.items()} == {
        "on_hand": "10",
        "reserved": "-3",
        "lapsed": "1",
        "safety": "-2",
    }
    assert [(e["key"], e["quantity"]) for e in by_rule["on_hand"]["evidence"]] == [("A-12-3", "6"), ("M-04-1", "4")]
    assert [(e["key"], e["quantity"]) for e in by_rule["reserved"]["evidence"]] == [("T1", "2"), ("T2", "1")]
    assert [e["key"] for e in by_rule["lapsed"]["evidence"]] == ["T2"]


def test_below_zero_counts_as_zero(shop: Shop) -> None:
    StockLevel.objects.filter(variant__sku="A").update(safety_collect=12, safety_delivery=12)
    assert terms(shop, "sku=A&location=S1")[-1] == ("never_below_zero", "2")


def test_a_location_that_does_not_take_part_gives_nothing(shop: Shop) -> None:
    assert terms(shop, "sku=A&location=S1&method=delivery")[-1] == ("not_offered", "-10")
    assert terms(shop, "sku=A&location=S1&method=collect")[-1] == ("safety", "0")


def test_where_it_never_was_there_is_nothing(shop: Shop) -> None:
    assert terms(shop, "sku=A&location=S2") == [("on_hand", "0")]


def test_delivery_is_the_sum_of_the_locations_that_ship(shop: Shop) -> None:
    Location.objects.filter(code="S2").update(ships_orders=True)
    shop.receive(shop.dc, A=3)
    shop.receive(shop.s2, A=2)
    body = explained(shop, "sku=A&method=delivery")
    assert body["available"] == "5"
    assert {one["code"]: one["available"] for one in body["locations"]} == {"DC": "3", "S2": "2"}
    # and it is what the read says
    (read,) = shop.get("availability/?sku=A").json()["results"]
    assert read["delivery"]["available"] == body["available"]


@pytest.mark.parametrize(
    ("query", "attr", "code"),
    [
        ("", "sku", "required"),
        ("sku=NONE&location=S1", "sku", "does_not_exist"),
        ("sku=A", "location", "required"),
        ("sku=A&location=NONE", "location", "does_not_exist"),
        ("sku=A&location=S1&method=post", "method", "invalid_choice"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_the_fault(
    shop: Shop, query: str, attr: str, code: str
) -> None:
    answer = shop.get(f"availability/explain/?{query}")
    assert answer.status_code == 400
    assert [(e["attr"], e["code"]) for e in answer.json()["errors"]] == [(attr, code)]


def test_a_client_of_one_store_asks_about_that_store(shop: Shop) -> None:
    client = ApiClient.objects.create(name="S2", channel=shop.web, scopes=["store:operate"])
    client.locations.set([shop.s2])
    key = issue_api_key(client=client)
    assert shop.get("availability/explain/?sku=A&location=S2", api_key=key).status_code == 200
    foreign = shop.get("availability/explain/?sku=A&location=S1", api_key=key)
    assert (foreign.status_code, foreign.json()["errors"][0]["code"]) == (400, "does_not_exist")


def test_the_number_of_queries_does_not_grow_with_the_locations(shop: Shop, django_assert_num_queries: Any) -> None:
    explained(shop, "sku=A&method=delivery")
    with django_assert_num_queries(7) as few:
        explained(shop, "sku=A&method=delivery")
    stores = [
        Location.objects.create(code=f"L{i}", name="x", postcode="x", city="x", ships_orders=True) for i in range(40)
    ]
    StockLevel.objects.bulk_create(
        StockLevel(variant=shop.variants["A"], location=store, owner=shop.own, on_hand=1) for store in stores
    )
    directory.forget()
    directory.locations()
    with django_assert_num_queries(len(few)):
        assert len(explained(shop, "sku=A&method=delivery")["locations"]) == 41
