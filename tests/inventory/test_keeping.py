"""What is kept back: safety stock by the most specific rule, thresholds of channels, what waits, and what late tills sold."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import ApiClient
from apps.accounts.services import issue_api_key
from apps.catalogue.models import Category, Product
from apps.inventory.models import ChannelThreshold, Feed, Method, SafetyRule, SellThrough, StockLevel
from apps.inventory.services import drifting, keeping
from apps.inventory.services.decisions import Occasion
from apps.inventory.services.drifting import hear
from apps.inventory.services.keeping import drop_rule, put_rule, write_safety
from apps.inventory.services.promising import reserve
from apps.inventory.services.types import InsufficientStock, Want
from apps.network import directory
from apps.network.changing import tell_how_sales_come
from apps.network.models import Location
from tests.shop import Shop
from tests.tills.tickets import send, ticket


@pytest.fixture
def grouped(shop: Shop) -> Shop:
    """A in a category of its own within another; B in the upper one."""
    upper = Category.objects.create(code="tools", name="Tools")
    lower = Category.objects.create(code="drills", name="Drills", parent=upper)
    Product.objects.filter(variants=shop.variants["A"]).update(category=lower)
    Product.objects.filter(variants=shop.variants["B"]).update(category=upper)
    return shop


def keep(quantity: int, **what: Any) -> SafetyRule:
    rule = SafetyRule(quantity=Decimal(quantity), **what)
    put_rule(rule=rule)
    write_safety()
    keeping.forget()
    return rule


def threshold(shop: Shop, quantity: int, **what: Any) -> None:
    put_rule(rule=ChannelThreshold(channel=shop.web, quantity=Decimal(quantity), **what))
    keeping.forget()


def kept(shop: Shop, sku: str, location: Location | None = None) -> tuple[int, int]:
    level = shop.stock(sku, location)
    return int(level.safety_collect), int(level.safety_delivery)


def available(shop: Shop, query: str) -> tuple[str, dict[str, str]]:
    (result,) = shop.get(f"availability/?{query}").json()["results"]
    return result["delivery"]["available"], {at["code"]: at["available"] for at in result["locations"]}


def hold(shop: Shop, sku: str, quantity: int, *, at: Location | None = None, **asked: Any) -> None:
    want = Want(1, shop.variants[sku].pk, Decimal(quantity), at.pk if at else None)
    occasion = Occasion(channel=shop.web.code, **asked)
    with transaction.atomic():
        reserve(channel_id=shop.web.pk, reference="T", wants=[want], occasion=occasion)


def explained(shop: Shop, query: str) -> Any:
    return shop.get(f"availability/explain/?{query}").json()


# --- safety stock


def test_the_most_specific_rule_decides_and_rules_are_not_added_up(grouped):
    upper, lower = Category.objects.get(code="tools"), Category.objects.get(code="drills")
    # all goods everywhere, then by kind of place, then by place
    keep(1)
    assert kept(grouped, "A") == kept(grouped, "C") == (1, 1)
    keep(2, location_kind="store")
    assert kept(grouped, "A") == (2, 2)
    keep(3, location=grouped.s1)
    assert kept(grouped, "A") == (3, 3)
    # goods weigh more than places: a category above, the category itself, the variant
    keep(4, category=upper)
    assert (kept(grouped, "A"), kept(grouped, "B"), kept(grouped, "C")) == ((4, 4), (4, 4), (3, 3))
    keep(5, category=lower)
    assert (kept(grouped, "A"), kept(grouped, "B")) == ((5, 5), (4, 4))
    variant = keep(6, variant=grouped.variants["A"])
    assert kept(grouped, "A") == (6, 6)
    # and of two that are alike but for the method, the one that names it
    keep(7, variant=grouped.variants["A"], method=Method.DELIVERY)
    assert kept(grouped, "A") == (6, 7)
    # what is taken out leaves the next
    drop_rule(rule=variant)
    write_safety()
    assert kept(grouped, "A") == (5, 7)


def test_a_level_that_comes_into_being_keeps_what_the_rules_say(shop):
    keep(2, location_kind="store")
    shop.receive(shop.s2, A=5)
    shop.receive(shop.dc, A=5)
    assert (kept(shop, "A", shop.s2), kept(shop, "A", shop.dc)) == ((2, 2), (0, 0))


def test_rules_are_written_in_parts_that_begin_where_the_last_ended(shop, monkeypatch):
    monkeypatch.setattr("apps.inventory.services.keeping.AT_ONCE", 2)
    put_rule(rule=SafetyRule(quantity=Decimal(1)))
    after, read, changed = write_safety()
    assert (read, changed) == (2, 2)
    after, read, changed = write_safety(after=after)
    assert read == changed > 0
    assert write_safety()[1:] == (2, 0)


def test_what_is_kept_from_parcels_can_be_collected(shop):
    # given ten of it in a store that sends
    shop.sends(shop.s1)
    keep(4, location=shop.s1, method=Method.DELIVERY)
    keep(1, location=shop.s1, method=Method.COLLECT)
    # then the page, the reserve and the explanation say the same
    assert available(shop, "sku=A&location=S1") == ("6", {"S1": "9"})
    assert explained(shop, "sku=A&method=delivery")["available"] == "6"
    assert explained(shop, "sku=A&location=S1&method=collect")["available"] == "9"
    with pytest.raises(InsufficientStock) as refused:
        hold(shop, "A", 7)
    assert refused.value.shortages[0].available == 6
    hold(shop, "A", 6)
    with pytest.raises(InsufficientStock):
        hold(shop, "A", 4, at=shop.s1)
    hold(shop, "A", 3, at=shop.s1)


# --- thresholds


def test_a_channel_stops_before_the_last_pieces_of_the_chain(grouped):
    shop = grouped
    shop.receive(shop.dc, A=3)
    shop.sends(shop.s1)
    threshold(shop, 1)
    threshold(shop, 4, category=Category.objects.get(code="tools"))
    # 3 + 10, less what the nearest rule keeps; what is collected has nothing to do with it
    assert available(shop, "sku=A&location=S1") == ("9", {"S1": "10"})
    told = explained(shop, "sku=A&method=delivery")
    assert told["available"] == "9"
    assert [(term["rule"], term["quantity"]) for term in told["terms"]] == [("threshold", "-4")]
    with pytest.raises(InsufficientStock) as refused:
        hold(shop, "A", 10)
    assert refused.value.shortages[0].available == 9
    hold(shop, "A", 9)
    assert available(shop, "sku=A")[0] == "0"
    assert explained(shop, "sku=A&method=delivery")["available"] == "0"


def test_a_basket_of_the_webshop_cannot_hold_more_than_it_was_told(shop):
    shop.receive(shop.dc, A=5)
    threshold(shop, 2)
    body = {"reference": "B", "lines": [{"sku": "A", "quantity": "4"}], "location": None}
    answer = shop.post("reservations/", body)
    assert (answer.status_code, answer.json()["errors"][0]["available"]) == (409, "3")
    assert shop.post("reservations/", body | {"lines": [{"sku": "A", "quantity": "3"}]}).status_code == 201


# --- what waits for stock


def refused_order(shop: Shop, **changes: Any) -> str:
    """An order for 2 of A whose store says that there are none, so that it waits for stock."""
    number = shop.post("orders/", shop.order_body(("A", 2), **changes)).json()["number"]
    assert shop.post(f"orders/{number}/short/", {"line": 1}).status_code == 200
    return str(number)


def test_what_comes_in_is_for_who_waits_for_it(shop):
    # given an order to be collected in S1 that waits, and then five come in
    shop.post("reservations/", {"reference": "B", "lines": [{"sku": "A", "quantity": "8"}], "location": "S1"})
    refused_order(shop)
    shop.receive(shop.s1, A=5)
    # then two of the five are not for others
    assert available(shop, "sku=A&location=S1")[1] == {"S1": "3"}
    (there,) = explained(shop, "sku=A&location=S1&method=collect")["locations"]
    (waits,) = [term for term in there["terms"] if term["rule"] == "waiting"]
    assert (waits["quantity"], waits["evidence"][0]["kind"]) == ("-2", "order")
    with pytest.raises(InsufficientStock):
        hold(shop, "A", 4, at=shop.s1)
    # and who waits gets them
    hold(shop, "A", 2, at=shop.s1, has_waited=True)


def test_what_waits_for_a_parcel_counts_once_over_all_locations(shop):
    # given an order to be sent that nobody can give, and three that come in at a place that sends
    shop.receive(shop.dc, A=2)
    address = {"postcode": "3511AB", "house_number": "1", "city": "Utrecht"}
    refused_order(shop, fulfilment={"method": "delivery", "address": address})
    Location.objects.filter(code="S2").update(ships_orders=True)
    directory.forget()
    shop.receive(shop.s2, A=3)
    # then one can be sent to somebody else
    assert available(shop, "sku=A&location=S2") == ("1", {"S2": "3"})
    assert explained(shop, "sku=A&method=delivery")["available"] == "1"
    with pytest.raises(InsufficientStock) as refused:
        hold(shop, "A", 2)
    assert refused.value.shortages[0].available == 1
    hold(shop, "A", 1)


# --- tills that report late


@pytest.fixture
def late(shop: Shop) -> Shop:
    """S1 sells four of A a day, and its tills told of their sales up to eighteen hours ago, as they do in batches."""
    tell_how_sales_come(location=shop.s1, sales_come=Location.SalesCome.BATCH)
    SellThrough.objects.create(variant=shop.variants["A"], location=shop.s1, per_day=Decimal(4))
    hear(known_until={shop.s1.pk: timezone.now() - dt.timedelta(hours=18)})
    return shop


def test_what_a_late_till_may_have_sold_is_not_promised(late):
    late.sends(late.s1)
    assert available(late, "sku=A&location=S1") == ("7", {"S1": "7"})
    (there,) = explained(late, "sku=A&location=S1&method=collect")["locations"]
    (unseen,) = [term for term in there["terms"] if term["rule"] == "drift"]
    assert (unseen["quantity"], there["available"], there["feed_age_s"] // 3600) == ("-3", "7", 18)
    for at in (None, late.s1):
        with pytest.raises(InsufficientStock):
            hold(late, "A", 8, at=at)
    hold(late, "A", 3)
    hold(late, "A", 4, at=late.s1)


def test_a_till_that_reports_at_once_says_by_its_silence_that_nothing_was_sold(late):
    tell_how_sales_come(location=late.s1, sales_come=Location.SalesCome.AT_ONCE)
    drifting.forget()
    assert available(late, "sku=A&location=S1")[1] == {"S1": "10"}
    # until it has been silent for more than a day
    Feed.objects.update(known_until=timezone.now() - dt.timedelta(hours=30))
    drifting.forget()
    assert available(late, "sku=A&location=S1")[1] == {"S1": "5"}


def test_a_ticket_says_how_far_the_sales_of_its_store_are_known(shop):
    # when
    at = timezone.now().replace(microsecond=0) - dt.timedelta(hours=2)
    send(shop, ticket(occurred_at=at.isoformat()))
    # then
    feed = Feed.objects.get(location=shop.s1)
    assert feed.known_until == at
    # and an older one that comes in afterwards takes nothing back
    Feed.objects.update(heard_at=timezone.now() - dt.timedelta(hours=1))
    send(shop, ticket(occurred_at=(at - dt.timedelta(days=1)).isoformat()))
    feed.refresh_from_db()
    assert feed.known_until == at
    drifting.forget()
    (result,) = shop.get("availability/?sku=A&location=S1").json()["results"]
    assert result["locations"][0]["feed_age_s"] // 60 == 120


def test_a_till_whose_clock_is_ahead_adds_no_stock(late):
    Feed.objects.all().delete()
    hear(known_until={late.s1.pk: timezone.now() + dt.timedelta(days=3)})
    drifting.forget()
    assert Feed.objects.get().known_until <= timezone.now()
    Feed.objects.update(known_until=timezone.now() + dt.timedelta(days=3))
    drifting.forget()
    assert available(late, "sku=A&location=S1")[1] == {"S1": "10"}
    with pytest.raises(InsufficientStock):
        hold(late, "A", 11, at=late.s1)


def test_what_waits_is_taken_off_once_where_goods_of_two_owners_lie(shop):
    # given ten of the franchisee's and five of the chain's own, of which a customer waits for two
    refused_order(shop)  # two of the ten are held back for the count
    StockLevel.objects.create(variant=shop.variants["A"], location=shop.s1, owner=shop.own, on_hand=5)
    assert available(shop, "sku=A&location=S1")[1] == {"S1": "11"}
    hold(shop, "A", 8, at=shop.s1)
    hold(shop, "A", 3, at=shop.s1)
    assert available(shop, "sku=A&location=S1")[1] == {"S1": "0"}


def test_a_client_of_one_store_is_not_told_what_waits_elsewhere(shop):
    shop.receive(shop.dc, A=2)
    refused_order(
        shop, fulfilment={"method": "delivery", "address": {"postcode": "3511AB", "house_number": "1", "city": "U"}}
    )
    shop.sends(shop.s2)
    shop.receive(shop.s2, A=3)
    client = ApiClient.objects.create(name="S2", channel=shop.web, scopes=["store:operate"])
    client.locations.set([shop.s2])
    answer = shop.get("availability/explain/?sku=A&method=delivery", api_key=issue_api_key(client=client)).json()
    assert (answer["available"], answer["terms"]) == ("3", [])
    assert explained(shop, "sku=A&method=delivery")["terms"][0]["evidence"]
