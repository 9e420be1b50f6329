import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiClient
from apps.accounts.services import issue_api_key
from apps.inventory.models import StockLevel
from apps.inventory.services.availability import Question, availability, plain_quantity
from apps.inventory.services.places.noting import put_on_shelves
from apps.inventory.services.promising import reserve
from apps.inventory.services.types import Want
from apps.network.models import Location
from tests.shop import Shop


def ask(shop: Shop, query: str) -> Any:
    answer = shop.get(f"availability/?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def listed(shop: Shop, query: str) -> list[tuple[str, str]]:
    (result,) = ask(shop, query)
    return [(here["code"], here["available"]) for here in result["locations"]]


def hold(shop: Shop, sku: str, quantity: int, *, expires_at: dt.datetime | None = None) -> None:
    with transaction.atomic():
        reserve(
            channel_id=shop.web.pk,
            reference="T1",
            wants=[Want(1, shop.variants[sku].pk, Decimal(quantity), shop.s1.pk)],
            expires_at=expires_at,
        )


def test_available_is_on_hand_less_reserved_less_safety(shop: Shop) -> None:
    hold(shop, "A", 3)
    StockLevel.objects.filter(variant__sku="A").update(safety_collect=2, safety_delivery=2)
    assert listed(shop, "sku=A") == [("S1", "5")]


def test_the_whole_answer(shop: Shop, time_machine: Any) -> None:
    # given three to send from the distribution centre, and a shelf in the store
    shop.receive(shop.dc, A=3)
    put_on_shelves(
        location=shop.s1,
        lines=[("A-03-2", shop.variants["A"].pk, Decimal(6)), ("M-01-1", shop.variants["A"].pk, Decimal(4))],
    )
    time_machine.move_to(dt.datetime(2026, 11, 20, 9, 50, tzinfo=dt.UTC), tick=False)  # a Friday, 10:50 in Utrecht
    body = shop.get("availability/?sku=A&postcode=3511AB").json()
    assert body == {
        "as_of": "2026-11-20T09:50:00+00:00",
        "results": [
            {
                "sku": "A",
                "delivery": {"available": "3", "promise": "2026-11-21", "expected": []},
                "locations": [
                    {
                        "code": "S1",
                        "name": "Utrecht",
                        "distance_km": 0.0,
                        "available": "10",
                        "collect_from": "2026-11-20T13:00:00+01:00",
                        "shelf": "A-03-2",
                        "feed_age_s": None,
                        "expected": [],
                    },
                    {
                        "code": "DC",
                        "name": "Tiel",
                        "distance_km": 31.0,
                        "available": "3",
                        "collect_from": "2026-11-20T13:00:00+01:00",
                        "shelf": None,
                        "feed_age_s": None,
                        "expected": [],
                    },
                ],
            }
        ],
    }


def test_only_locations_with_something_are_listed_unless_one_is_asked_for(shop: Shop) -> None:
    shop.receive(shop.s2, B=1)
    assert listed(shop, "sku=A") == [("S1", "10")]
    assert listed(shop, "sku=A&location=S2") == [("S2", "0")]
    assert listed(shop, "sku=B&location=S2") == [("S2", "1")]


def test_nearest_first_with_a_postcode_else_by_code(shop: Shop) -> None:
    shop.receive(shop.s2, A=1)
    shop.receive(shop.dc, A=1)
    assert [code for code, _ in listed(shop, "sku=A")] == ["DC", "S1", "S2"]
    assert [code for code, _ in listed(shop, "sku=A&postcode=2312XX")] == ["S2", "S1", "DC"]
    assert [code for code, _ in listed(shop, "sku=A&postcode=4001 ab")] == ["DC", "S1", "S2"]


def test_of_many_the_nearest_with_something_are_listed(shop: Shop) -> None:
    # given thirty stores along a line from Utrecht, of which every sixth has one
    stores = [
        Location.objects.create(
            code=f"L{i:02}", name="x", postcode="x", city="x", latitude=52.09 + i / 100, longitude=5.12
        )
        for i in range(30)
    ]
    StockLevel.objects.bulk_create(
        StockLevel(variant=shop.variants["A"], location=store, owner=shop.own, on_hand=1) for store in stores[5::6]
    )
    found = listed(shop, "sku=A&postcode=3511AB&limit=4")
    assert [code for code, _ in found] == ["S1", "L05", "L11", "L17"]
    assert len(listed(shop, "sku=A&postcode=3511AB")) == 6


def test_the_default_is_ten_locations(shop: Shop) -> None:
    stores = [Location.objects.create(code=f"L{i:02}", name="x", postcode="x", city="x") for i in range(12)]
    StockLevel.objects.bulk_create(
        StockLevel(variant=shop.variants["A"], location=store, owner=shop.own, on_hand=1) for store in stores
    )
    assert len(listed(shop, "sku=A")) == 10
    assert len(listed(shop, "sku=A&limit=1000")) == 13


def test_collect_leaves_out_where_nobody_can_collect(shop: Shop) -> None:
    Location.objects.filter(code="DC").update(offers_collect=False)
    shop.receive(shop.dc, A=1)
    assert [code for code, _ in listed(shop, "sku=A&collect=true")] == ["S1"]
    (result,) = ask(shop, "sku=A&location=DC&collect=true")
    assert (result["locations"][0]["available"], result["locations"][0]["collect_from"]) == ("0", None)


def test_delivery_adds_up_the_locations_that_ship_and_ignores_the_location(shop: Shop) -> None:
    Location.objects.filter(code="S2").update(ships_orders=True)
    shop.receive(shop.s2, A=4)
    shop.receive(shop.dc, A=2)
    for query in ("sku=A", "sku=A&location=S1", "sku=A&limit=1", "sku=A&postcode=9711AB&limit=1"):
        (result,) = ask(shop, query)
        assert result["delivery"]["available"] == "6", query


def test_a_location_below_zero_takes_nothing_from_another(shop: Shop) -> None:
    Location.objects.filter(code="S2").update(ships_orders=True)
    shop.receive(shop.dc, A=2)
    shop.receive(shop.s2, A=1)
    StockLevel.objects.filter(location=shop.s2).update(safety_collect=5, safety_delivery=5)
    (result,) = ask(shop, "sku=A&location=S2")
    assert result["delivery"]["available"] == "2"
    assert result["locations"][0]["available"] == "0"


def test_nothing_to_send_promises_no_day(shop: Shop) -> None:
    (result,) = ask(shop, "sku=A")
    assert result["delivery"] == {"available": "0", "promise": None, "expected": []}


def test_a_reservation_that_lapsed_is_free_again(shop: Shop) -> None:
    hold(shop, "A", 4, expires_at=timezone.now() + dt.timedelta(minutes=10))
    hold(shop, "B", 4, expires_at=timezone.now() - dt.timedelta(hours=1))
    assert listed(shop, "sku=A") == [("S1", "6")]
    assert listed(shop, "sku=B") == [("S1", "10")]


def test_damaged_goods_are_not_available(shop: Shop) -> None:
    StockLevel.objects.filter(variant__sku="A").update(condition="damaged")
    assert listed(shop, "sku=A") == []


def test_a_closed_location_has_nothing(shop: Shop) -> None:
    shop.receive(shop.dc, A=2)
    Location.objects.filter(code__in=["DC", "S1"]).update(active_until=dt.date(2026, 1, 1))
    (result,) = ask(shop, "sku=A")
    assert (result["delivery"]["available"], result["locations"]) == ("0", [])


def test_fractions_are_written_plainly(shop: Shop) -> None:
    StockLevel.objects.filter(variant__sku="A").update(on_hand=Decimal("2.250"))
    assert listed(shop, "sku=A") == [("S1", "2.25")]
    assert [plain_quantity(n) for n in (0, 500, 1000, 1001, 12500)] == ["0", "0.5", "1", "1.001", "12.5"]


def test_several_skus_are_answered_in_the_order_asked(shop: Shop) -> None:
    assert [result["sku"] for result in ask(shop, "sku=C&sku=A&sku=C")] == ["C", "A"]


@pytest.mark.parametrize(
    ("query", "attr", "code"),
    [
        ("", "sku", "empty"),
        ("sku=A&sku=NONE", "sku.1", "does_not_exist"),
        ("sku=%00", "sku.0", "null_characters_not_allowed"),
        ("&".join(["sku=A"] * 101), "sku", "max_length"),
        ("sku=A&location=NONE", "location", "does_not_exist"),
        ("sku=A&postcode=12", "postcode", "invalid"),
        ("sku=A&postcode=0000AA", "postcode", "invalid"),
        ("sku=A&limit=0", "limit", "min_value"),
        ("sku=A&limit=1e9", "limit", "invalid"),
        ("sku=A&collect=perhaps", "collect", "invalid"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_the_fault(
    shop: Shop, query: str, attr: str, code: str
) -> None:
    answer = shop.get(f"availability/?{query}")
    assert answer.status_code == 400
    body = answer.json()
    assert body["type"] == "validation_error"
    assert [(e["attr"], e["code"]) for e in body["errors"]] == [(attr, code)]


def test_without_the_scope_nothing_is_shown(shop: Shop) -> None:
    key = issue_api_key(client=ApiClient.objects.create(name="x", channel=shop.web, scopes=["catalogue:read"]))
    assert shop.get("availability/?sku=A", api_key=key).status_code == 403
    assert Client().get("/api/v1/availability/?sku=A").status_code == 401


def test_what_is_known_need_not_be_sent_again(shop: Shop, time_machine: Any) -> None:
    time_machine.move_to(dt.datetime(2026, 11, 20, 9, 50, tzinfo=dt.UTC))
    url, headers = "/api/v1/availability/?sku=A&postcode=3511AB", {"Authorization": f"Bearer {shop.key}"}
    etag = Client().get(url, headers=headers)["ETag"]
    # when only the clock goes on
    time_machine.shift(dt.timedelta(hours=2))
    answer = Client().get(url, headers=headers | {"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    # when one is promised
    hold(shop, "A", 1)
    assert Client().get(url, headers=headers | {"If-None-Match": etag}).status_code == 200


def test_the_number_of_queries_is_small_and_does_not_grow(shop: Shop, django_assert_num_queries: Any) -> None:
    # given the stores are known, and then forty have stock
    shop.get("availability/?sku=A")
    with django_assert_num_queries(1):
        shop.get("availability/?sku=A&limit=1")
    stores = [Location.objects.create(code=f"L{i:02}", name="x", postcode="x", city="x") for i in range(40)]
    StockLevel.objects.bulk_create(
        StockLevel(variant=variant, location=store, owner=shop.own, on_hand=1)
        for store in stores
        for variant in shop.variants.values()
    )
    shop.get("availability/?sku=A")
    with django_assert_num_queries(1):
        shop.get("availability/?sku=A&sku=B&sku=C&limit=20")


def test_what_reserve_can_promise_is_what_is_said_to_be_available(shop: Shop) -> None:
    # given odds and ends: something held, something lapsed, some safety
    hold(shop, "A", 2)
    hold(shop, "A", 3, expires_at=timezone.now() - dt.timedelta(hours=1))
    StockLevel.objects.filter(variant__sku="A").update(safety_collect=1, safety_delivery=1)
    # then all of it can be held, and nothing is left
    ((code, available),) = listed(shop, "sku=A")
    assert (code, available) == ("S1", "7")
    hold(shop, "A", 7)
    assert listed(shop, "sku=A") == []


def test_stock_of_two_owners_in_one_building_is_added_up(shop: Shop) -> None:
    StockLevel.objects.create(variant=shop.variants["A"], location=shop.s1, owner=shop.own, on_hand=2)
    assert availability(Question(["A"]))["A"].here[0].free == 12_000


def test_a_location_opened_a_moment_ago_counts_at_once(shop: Shop) -> None:
    # given what is available was just asked, so that the process knows its locations
    (before,) = ask(shop, "sku=A&limit=1")
    # when a location that sends parcels opens, with five of it
    opened = Location.objects.create(code="NEW", name="x", postcode="x", city="x", ships_orders=True)
    StockLevel.objects.create(variant=shop.variants["A"], location=opened, owner=shop.own, on_hand=5)
    # then they can be had
    (after,) = ask(shop, "sku=A&limit=1")
    assert int(after["delivery"]["available"]) == int(before["delivery"]["available"]) + 5
