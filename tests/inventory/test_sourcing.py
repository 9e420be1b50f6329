"""Sourcing on real rows: by the profile in force, with the reasons kept, and never past what a store can send."""

import datetime as dt
from decimal import Decimal
from threading import Thread

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.core.errors import Conflict, InvalidInput
from apps.customers.services.people import Person
from apps.inventory.models import Criterion, ParcelDay, SourcingProfile, SourcingRun
from apps.inventory.services import profiles
from apps.inventory.services.profiles import draft_profile, drop_strategy, publish_profile, put_strategy
from apps.inventory.services.types import InsufficientStock
from apps.network import directory
from apps.network.agreeing import agree_to_send, withdraw_consent
from apps.network.keeping_hours import set_hours
from apps.network.models import FulfilmentConsent, Location
from apps.orders.models import Order
from apps.orders.services.placing import place_order
from apps.orders.services.types import OrderDocument, OrderedLine

NEAR_LEIDEN = {"postcode": "2312AB", "house_number": "1", "country": "NL"}


def to_send(sku: str, *, number: str = "W-1") -> OrderDocument:
    return OrderDocument(
        external_id=number,
        placed_at=timezone.now(),
        currency="EUR",
        method="delivery",
        payment_terms="invoice",
        person=Person(source="web", postcode="2312AB", house_number="1", country="NL"),
        lines=[OrderedLine(sku, Decimal(1), Decimal(10))],
    )


@pytest.fixture
def profile(shop):
    """Stores within 40 km first, then anything."""
    draft = draft_profile(version="2026-1", name="Close by", takes_from_anywhere=True)
    put_strategy(profile=draft, position=None, name="Close", sources="store", most_km=40, criteria=[Criterion.NEAREST])
    return draft


def delivered(shop, **lines: int) -> Order:
    body = shop.order_body(
        *((sku, n) for sku, n in lines.items()), fulfilment={"method": "delivery", "address": NEAR_LEIDEN}
    )
    answer = shop.post("orders/", body)
    assert answer.status_code == 201, answer.json()
    return Order.objects.get(number=answer.json()["number"])


def from_where(order: Order) -> dict[str, str]:
    return {line.sku: line.location.code for line in order.lines.select_related("location")}


def test_without_a_profile_the_warehouse_comes_first(shop):
    shop.sends(shop.s2)
    shop.receive(shop.s2, A=9)
    shop.receive(shop.dc, A=9)
    assert from_where(delivered(shop, A=1)) == {"A": "DC"}
    run = SourcingRun.objects.get()
    assert [(c["location"], c["verdict"], c.get("detail")) for c in run.candidates] == [
        ("DC", "chosen", None),
        ("S2", "later", "warehouse_first"),
    ]
    assert run.profile is None


def test_the_published_profile_decides_at_once(shop, profile, django_capture_on_commit_callbacks):
    shop.sends(shop.s2)
    shop.receive(shop.s2, A=9)
    shop.receive(shop.dc, A=9, B=9)
    assert from_where(delivered(shop, A=1)) == {"A": "DC"}
    with django_capture_on_commit_callbacks(execute=True):
        publish_profile(profile=profile, principal=None)
    assert from_where(delivered(shop, A=1)) == {"A": "S2"}
    assert SourcingRun.objects.latest("pk").strategy == "Close"
    # No store near by has B: the order goes from where it is, and it is written down that the first way failed.
    assert from_where(delivered(shop, B=1)) == {"B": "DC"}
    assert SourcingRun.objects.latest("pk").strategies == [{"name": "Close", "missing": 1}]


def test_a_published_profile_never_changes(shop, profile):
    publish_profile(profile=profile, principal=None)
    strategy = profile.strategies.get()
    with pytest.raises(Conflict):
        put_strategy(profile=profile, position=1, name="Else", criteria=[Criterion.NEAREST])
    with pytest.raises(Conflict):
        drop_strategy(strategy=strategy)
    with pytest.raises(Conflict):
        publish_profile(profile=profile, principal=None)
    for write in (
        lambda: SourcingProfile.objects.update(name="x"),
        lambda: profile.strategies.update(name="x"),
        lambda: profile.strategies.create(position=2, name="x", criteria=["nearest"]),
        strategy.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


def test_a_draft_begins_with_the_strategies_in_force(shop, profile):
    put_strategy(profile=profile, position=None, name="Rest", criteria=[Criterion.FEWEST_PARCELS])
    publish_profile(profile=profile, principal=None)
    draft = draft_profile(version="2026-2", name="Next", takes_from_anywhere=False)
    assert [s.name for s in draft.strategies.all()] == ["Close", "Rest"]
    drop_strategy(strategy=draft.strategies.get(position=1))
    assert [(s.position, s.name) for s in draft.strategies.all()] == [(1, "Rest")]
    assert profile.strategies.count() == 2
    with pytest.raises(Conflict):
        draft_profile(version="2026-2", name="Again", takes_from_anywhere=True)


@pytest.mark.parametrize("criteria", [[], ["nearest", "nearest"], ["cheapest"]])
def test_criteria_are_known_and_named_once(shop, profile, criteria):
    with pytest.raises(InvalidInput):
        put_strategy(profile=profile, position=None, name="x", criteria=criteria)


def test_nothing_is_published_without_a_strategy(shop):
    with pytest.raises(Conflict):
        publish_profile(profile=draft_profile(version="1", name="Empty", takes_from_anywhere=True), principal=None)


# --- a franchisee's consent -----------------------------------------------------------------------------------------------


def test_a_franchisees_stock_is_sent_only_when_they_agreed(shop):
    Location.objects.filter(pk=shop.s1.pk).update(ships_orders=True)
    directory.forget()
    with pytest.raises(InsufficientStock), transaction.atomic():
        place_order(channel=shop.web, document=to_send("C"), actor="t")
    assert shop.get("availability/?sku=C").json()["results"][0]["delivery"]["available"] == "0"
    agree_to_send(location=shop.s1)
    directory.forget()
    assert from_where(delivered(shop, C=1)) == {"C": "S1"}
    assert shop.get("availability/?sku=C").json()["results"][0]["delivery"]["available"] == "9"
    withdraw_consent(location=shop.s1)
    directory.forget()
    assert shop.get("availability/?sku=C").json()["results"][0]["delivery"]["available"] == "0"


def test_why_not_is_kept_of_who_did_not_agree(shop):
    Location.objects.filter(pk=shop.s1.pk).update(ships_orders=True)
    directory.forget()
    shop.receive(shop.s1, C=5)
    shop.receive(shop.dc, C=5)
    delivered(shop, C=1)
    assert {"location": "S1", "verdict": "no_consent"} in SourcingRun.objects.get().candidates


def test_a_new_owner_is_asked_anew(shop):
    agree_to_send(location=shop.s1, since=dt.date(2024, 1, 1))
    again = agree_to_send(location=shop.s1)
    assert FulfilmentConsent.objects.get() == again
    shop.s1.ownerships.update(legal_entity=type(shop.own).objects.create(code="F02", name="Bakker", kind="franchisee"))
    Location.objects.filter(pk=shop.s1.pk).update(ships_orders=True)
    directory.forget()
    assert not directory.locations().by_id[shop.s1.pk].sends
    agree_to_send(location=shop.s1)
    directory.forget()
    assert directory.locations().by_id[shop.s1.pk].sends
    assert FulfilmentConsent.objects.count() == 2


def test_nobody_agrees_for_the_retailers_own_stock(shop):
    with pytest.raises(Conflict):
        agree_to_send(location=shop.s2)
    with pytest.raises(Conflict):
        withdraw_consent(location=shop.s1)


# --- so many parcels a day ------------------------------------------------------------------------------------------------


def test_a_store_gets_no_more_parcels_than_it_can_send(shop, profile, django_capture_on_commit_callbacks):
    shop.sends(shop.s2)
    Location.objects.filter(pk=shop.s2.pk).update(parcels_a_day=2)
    directory.forget()
    with django_capture_on_commit_callbacks(execute=True):
        publish_profile(profile=profile, principal=None)
    shop.receive(shop.s2, A=9)
    shop.receive(shop.dc, A=9)
    assert [from_where(delivered(shop, A=1))["A"] for _ in range(3)] == ["S2", "S2", "DC"]
    why_not = SourcingRun.objects.latest("pk")
    assert why_not.strategies == [{"name": "Close", "missing": 1}], "it has its fill of the day"
    assert ParcelDay.objects.get().parcels == 2


@pytest.mark.django_db(transaction=True)
def test_the_limit_of_a_day_holds_when_many_order_at_once(shop, profile):
    shop.sends(shop.s2)
    Location.objects.filter(pk=shop.s2.pk).update(parcels_a_day=3)
    directory.forget()
    publish_profile(profile=profile, principal=None)
    shop.receive(shop.s2, A=50)
    shop.receive(shop.dc, A=50)
    failures: list[Exception] = []

    def order(n: int) -> None:
        try:
            place_order(channel=shop.web, document=to_send("A", number=f"W-{n}"), actor="t")
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=order, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert ParcelDay.objects.get().parcels == 3
    assert shop.stock("A", shop.s2).reserved + shop.stock("A", shop.dc).reserved == 12
    assert shop.stock("A", shop.s2).reserved == Decimal(3)


def test_the_order_says_who_could_not_make_the_promised_day_and_why(shop):
    # given a distribution centre that has sent its parcels of the day, and a store that sends until six
    for place, until in ((shop.dc, dt.time(12)), (shop.s2, dt.time(18))):
        set_hours(location=place, week=None, parcel_cut_off=until)
    shop.sends(shop.s2)
    for place in (shop.s2, shop.dc):
        shop.receive(place, A=5)
    draft = draft_profile(version="2026-1", name="In time", takes_from_anywhere=True)
    put_strategy(profile=draft, position=None, name="Now", in_time=True, criteria=[Criterion.WAREHOUSE_FIRST])
    publish_profile(profile=draft, principal=None)
    directory.forget()
    profiles.forget()
    # when it is asked for the next day, on a Thursday afternoon
    fulfilment = {"method": "delivery", "address": NEAR_LEIDEN, "speed": "next_day"}
    body = shop.order_body(("A", 1), fulfilment=fulfilment, placed_at="2026-11-19T15:00:00+01:00")
    answer = shop.post("orders/", body).json()
    # then
    assert answer["fulfilment"]["delivery_on"] == "2026-11-20"
    assert [line["location"] for line in answer["lines"]] == ["S2"]
    [choice] = shop.get(f"orders/{answer['number']}/explain/").json()["choices"]
    why = {each["location"]: (each["verdict"], each["why"]) for each in choice["candidates"]}
    assert why["DC"][0] == "too_late"
    assert "12:00" in why["DC"][1]
