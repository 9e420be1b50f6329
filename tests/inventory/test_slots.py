"""Which times can be chosen at which a store brings an order: in reach, while open, before the cut-off, with a place left."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from apps.accounts.models import ApiClient
from apps.accounts.services import issue_api_key
from apps.core.errors import Conflict, InvalidInput
from apps.inventory.models import SlotDay
from apps.network import directory
from apps.network.agreeing import withdraw_consent
from apps.network.keeping_hours import set_hours, set_opening_day
from apps.network.keeping_slots import add_slots, change_slot, deliver_within, drop_slot
from apps.network.local_delivery import NotASlot, Slot, read_id, times_on
from apps.network.models import DeliverySlot, Location, Ownership
from apps.network.opening import Hours
from tests.local_delivery import EVERY_DAY, brings, slot_id
from tests.shop import Shop, open_shop

MONDAY = dt.date(2026, 11, 23)
MORNING = "2026-11-23T09:00:00+01:00"


@pytest.fixture
def shop(db: None) -> Shop:
    shop = open_shop()
    brings(shop, shop.s1)
    shop.receive(shop.s1, A=3)
    return shop


@pytest.fixture
def morning():
    """Monday, nine o'clock."""
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


def asked(shop: Shop, query: str = "postcode=3512JC&days=1") -> list[dict[str, Any]]:
    answer = shop.get(f"delivery-slots/?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def ids(shop: Shop, query: str = "postcode=3512JC&days=1") -> list[str]:
    return [each["id"] for each in asked(shop, query)]


def test_a_time_says_who_when_how_far_until_when_and_how_many_more(shop: Shop, morning: Any) -> None:
    (today,) = asked(shop)
    assert today == {
        "id": "S1_20261123_1400_1600",
        "location": {"code": "S1", "name": "Utrecht"},
        "distance_km": today["distance_km"],
        "date": "2026-11-23",
        "from": "14:00",
        "until": "16:00",
        "order_by": "2026-11-23T13:00:00+01:00",
        "left": 2,
    }
    assert 0 < today["distance_km"] < 3


def test_today_and_tomorrow_are_told_and_at_most_a_week(shop: Shop, morning: Any) -> None:
    assert len(ids(shop, "postcode=3512JC")) == 2
    assert len(ids(shop, "postcode=3512JC&days=7")) == 7
    assert shop.get("delivery-slots/?postcode=3512JC&days=8").status_code == 400


def test_after_the_cut_off_it_is_tomorrow(shop: Shop, morning: Any) -> None:
    morning.move_to("2026-11-23T13:00:00+01:00")
    assert len(ids(shop)) == 1
    morning.shift(1)
    assert ids(shop) == []
    assert ids(shop, "postcode=3512JC&days=2") == [slot_id(shop.s1, MONDAY + dt.timedelta(days=1))]


def test_who_lives_too_far_away_is_offered_nothing(shop: Shop, morning: Any) -> None:
    assert ids(shop, "postcode=2312AB&days=1") == []
    deliver_within(location=shop.s1, km=60)
    directory.forget()
    assert len(ids(shop, "postcode=2312AB&days=1")) == 1
    deliver_within(location=shop.s1, km=None)
    directory.forget()
    assert ids(shop) == []


def test_nothing_is_brought_while_the_store_is_closed(shop: Shop, morning: Any) -> None:
    # given a Tuesday off, a Wednesday that ends at three, and a week without Sundays
    set_opening_day(location=shop.s1, day=MONDAY + dt.timedelta(days=1), hours="")
    set_opening_day(location=shop.s1, day=MONDAY + dt.timedelta(days=2), hours="9-15")
    set_hours(location=shop.s1, week=[*["9-18"] * 6, ""])
    directory.forget()
    days = {each["date"] for each in asked(shop, "postcode=3512JC&days=7")}
    assert days == {"2026-11-23", "2026-11-26", "2026-11-27", "2026-11-28"}


def test_nothing_is_brought_on_a_public_holiday_on_which_it_is_closed(shop: Shop, morning: Any) -> None:
    set_hours(location=shop.s1, week=None, closes_on_holidays=True)
    directory.forget()
    morning.move_to("2026-12-24T09:00:00+01:00")
    assert [each["date"] for each in asked(shop, "postcode=3512JC&days=4")] == ["2026-12-24", "2026-12-27"]


def test_only_who_has_all_of_it_is_named(shop: Shop, morning: Any) -> None:
    near = "postcode=3512JC&days=1"
    assert len(ids(shop, f"{near}&sku=A&quantity=3")) == 1
    assert ids(shop, f"{near}&sku=A&quantity=4") == []
    assert ids(shop, f"{near}&sku=A&quantity=2&sku=A&quantity=2") == []
    assert ids(shop, f"{near}&sku=A&sku=B") == []
    shop.receive(shop.s1, B=1)
    assert len(ids(shop, f"{near}&sku=A&sku=B")) == 1
    for wrong, attr in (("sku=A&quantity=1&quantity=2", "quantity"), ("sku=X", "sku.0"), ("sku=A&quantity=0", "q")):
        refused = shop.get(f"delivery-slots/?{near}&{wrong}")
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["attr"].startswith(attr)
    assert shop.get("delivery-slots/?postcode=nowhere").json()["errors"][0]["attr"] == "postcode"


def test_a_franchisee_who_does_not_send_orders_brings_none(shop: Shop, morning: Any) -> None:
    withdraw_consent(location=shop.s1)
    directory.forget()
    assert ids(shop) == []


def test_a_key_without_stock_is_refused(shop: Shop) -> None:
    key = issue_api_key(client=ApiClient.objects.create(name="x", channel=shop.web, scopes=["orders:read"]))
    assert shop.get("delivery-slots/?postcode=3512JC", api_key=key).status_code == 403


def test_the_first_time_comes_first_and_the_nearest_of_the_same(shop: Shop, morning: Any) -> None:
    brings(shop, shop.s2, (10, 12), (14, 16), km=90)
    assert ids(shop) == [slot_id(shop.s2, MONDAY, 10, 12), slot_id(shop.s1, MONDAY), slot_id(shop.s2, MONDAY)]


def test_the_night_in_which_the_clock_changes_counts_as_long_as_it_is() -> None:
    hours = Hours("Europe/Amsterdam", week=(((0, 24 * 60),),) * 7)
    slot = Slot(6, 4 * 60, 6 * 60, 1, dt.timedelta(hours=4))
    (march,) = times_on("S1", hours, [slot], dt.date(2026, 3, 29))
    (october,) = times_on("S1", hours, [slot], dt.date(2026, 10, 25))
    # at four by the clock; four hours before is eleven in the evening in March, one at night in October
    assert march.starts_at == dt.datetime(2026, 3, 29, 2, tzinfo=dt.UTC)
    assert march.order_by == dt.datetime(2026, 3, 28, 22, tzinfo=dt.UTC)
    assert october.starts_at == dt.datetime(2026, 10, 25, 3, tzinfo=dt.UTC)
    assert october.order_by == dt.datetime(2026, 10, 24, 23, tzinfo=dt.UTC)
    assert october.id == "S1_20261025_0400_0600"


@pytest.mark.parametrize(
    "text", ["", "S1", "S1_20261323_1400_1600", "_20261123_1400_1600", "S1_20261123_14_16", "S1_²_1_1"]
)
def test_what_names_no_time(text: str) -> None:
    with pytest.raises(NotASlot):
        read_id(text)


def test_a_code_with_lines_in_it_is_read() -> None:
    assert (read_id("NL_01_20261123_0930_1100").location, read_id("NL_01_20261123_0930_1100").starts) == ("NL_01", 570)


def test_what_is_kept_of_slots_must_make_sense(shop: Shop) -> None:
    kept = {"location": shop.s1, "starts": dt.time(9), "ends": dt.time(11), "capacity": 1, "cut_off_minutes": 0}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"weekdays": ()}, "weekdays"),
        ({"ends": dt.time(9)}, "ends"),
        ({"capacity": 0}, "capacity"),
        ({"cut_off_minutes": 9999}, "cut_off_minutes"),
    ]
    for changes, attr in wrong:
        with pytest.raises(InvalidInput) as error:
            add_slots(**({"weekdays": [0]} | kept | changes))
        assert error.value.faults[0].attr == attr
    with pytest.raises(Conflict):
        add_slots(**(kept | {"weekdays": [0], "starts": dt.time(14), "ends": dt.time(16)}))
    with pytest.raises(InvalidInput):
        deliver_within(location=shop.s1, km=0)
    for n in range(11):
        add_slots(**(kept | {"weekdays": [0], "starts": dt.time(1, n)}))
    with pytest.raises(InvalidInput):
        add_slots(**(kept | {"weekdays": [0]}))


def test_a_slot_that_is_changed_or_dropped_is_offered_so_at_once(
    shop: Shop, morning: Any, django_capture_on_commit_callbacks: Any
) -> None:
    slot = DeliverySlot.objects.get(location=shop.s1, weekday=0)
    with django_capture_on_commit_callbacks(execute=True):
        change_slot(slot=slot, capacity=9, cut_off_minutes=0)
    assert [(each["left"], each["order_by"]) for each in asked(shop)] == [(9, "2026-11-23T14:00:00+01:00")]
    with django_capture_on_commit_callbacks(execute=True):
        drop_slot(slot=slot)
    assert ids(shop) == []


def test_the_database_holds_no_more_than_there_are_places(shop: Shop) -> None:
    now = dt.datetime(2026, 11, 23, 13, tzinfo=dt.UTC)
    with pytest.raises(IntegrityError), transaction.atomic():
        SlotDay.objects.create(location=shop.s1, starts_at=now, ends_at=now, capacity=1, taken=2)


def test_six_hundred_stores_are_as_many_queries_as_one(
    shop: Shop, morning: Any, django_assert_num_queries: Any
) -> None:
    near = "postcode=3512JC&days=7&sku=A&sku=B"
    shop.receive(shop.s1, B=9)
    assert shop.get(f"delivery-slots/?{near}").status_code == 200  # the key is known from now on
    with django_assert_num_queries(3):  # the SKUs, what is free, and what is taken
        assert len(ids(shop, near)) == 7
    stores = Location.objects.bulk_create(
        Location(code=f"N{n}", name="Near", postcode="3511AB", city="Utrecht", ships_orders=True, delivers_within_km=20)
        for n in range(600)
    )
    DeliverySlot.objects.bulk_create(
        DeliverySlot(
            location=store,
            weekday=day,
            starts=dt.time(10),
            ends=dt.time(12),
            capacity=5,
            cut_off_minutes=0,
        )
        for store in stores
        for day in EVERY_DAY
    )
    Ownership.objects.create(location=stores[0], legal_entity=shop.own, valid=DateRange(dt.date(2020, 1, 1), None))
    shop.receive(stores[0], A=1, B=1)
    directory.forget()
    asked(shop, near)  # what is read once and kept
    with django_assert_num_queries(3):
        found = asked(shop, near)
    assert {each["location"]["code"] for each in found} == {"S1", "N0"}
    asked(shop, "postcode=3512JC&days=7")
    with django_assert_num_queries(1):
        assert len({each["location"]["code"] for each in asked(shop, "postcode=3512JC&days=7")}) == 10
