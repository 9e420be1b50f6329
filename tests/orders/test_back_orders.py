"""What is not there may wait for what suppliers announced: never more than comes, and in turn."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.customers.services.people import Person
from apps.inventory.models import Demand, PurchaseNotice
from apps.inventory.services.purchases.announcing import announce_delivery, close_notice, put_off
from apps.inventory.services.purchases.receiving import Came, receive_delivery
from apps.orders.expected import short_orders
from apps.orders.models import Order
from apps.orders.services.placing import place_order
from apps.orders.services.shortages import report_short, source_waiting
from apps.orders.services.types import OrderDocument, OrderedLine
from tests.at_once import all_at_once
from tests.orders.counter import numbers_in, text_of
from tests.shop import nothing_differs, open_shop
from tests.staff import browser, person

TO_LEIDEN = {"method": "delivery", "address": {"postcode": "2312AB", "house_number": "1", "country": "NL"}}


def day(n: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=n)


def announced(shop, location, quantity: int, *, on: int) -> PurchaseNotice:
    return announce_delivery(
        location=location,
        supplier="Kaap",
        reference=f"{location.code}-{on}",
        expected_on=day(on),
        lines=[(shop.variants["A"], Decimal(quantity))],
        actor="test",
    )


def arrives(notice: PurchaseNotice, shop, quantity: int) -> None:
    came = [Came(shop.variants["A"], Decimal(quantity))]
    receive_delivery(number=notice.number, came=came, go=notice.goes + 1, actor="test")


@pytest.fixture
def shop(db):
    """Two in the distribution centre, three more in four days and one in nine."""
    shop = open_shop()
    shop.receive(shop.dc, A=2)
    announced(shop, shop.dc, 3, on=4)
    announced(shop, shop.dc, 1, on=9)
    return shop


def wanted(shop, quantity: int, **changes):
    body = shop.order_body(("A", quantity), **({"fulfilment": TO_LEIDEN} | changes)) | {"back_orders": True}
    return shop.post("orders/", body)


def refusal(answer) -> tuple[str, str]:
    error = answer.json()["errors"][0]
    return error["code"], error["available"]


def lines_of(shop, number: str) -> list[tuple]:
    fields = ("line", "part_of", "quantity", "status", "location")
    read = shop.get(f"orders/{number}/").json()["lines"]
    return [(*(ln[field] for field in fields), ln.get("expected_on")) for ln in read]


def test_what_is_there_goes_at_once_and_the_rest_waits_for_its_day(shop):
    answer = wanted(shop, 4).json()
    assert answer["status"] == "open"
    assert answer["total"] == "40.00"
    assert lines_of(shop, answer["number"]) == [
        (1, None, "2", "sourced", "DC", None),
        (2, 1, "2", "open", None, day(4).isoformat()),
    ]
    assert answer["fulfilment"]["delivery_on"] > day(4).isoformat(), "promised for after it came in"
    # and it is the next order that waits for the later delivery
    second = wanted(shop, 2).json()
    assert lines_of(shop, second["number"]) == [(1, None, "2", "open", None, day(9).isoformat())]
    assert nothing_differs()


def test_never_more_than_there_is_and_comes(shop):
    assert refusal(wanted(shop, 7)) == ("insufficient_stock", "6")
    assert not Demand.objects.exists()
    assert wanted(shop, 6).status_code == 201
    assert refusal(wanted(shop, 1)) == ("insufficient_stock", "0")
    [seen] = shop.get("availability/?sku=A&channel=web").json()["results"]
    assert (seen["delivery"]["available"], seen["delivery"]["expected"]) == ("0", [])


def test_only_who_says_so_waits(shop):
    body = shop.order_body(("A", 3), fulfilment=TO_LEIDEN)
    assert refusal(shop.post("orders/", body)) == ("insufficient_stock", "2")


def test_what_comes_in_goes_to_who_waits_in_turn(shop):
    first, second = wanted(shop, 4).json()["number"], wanted(shop, 2).json()["number"]
    soon = PurchaseNotice.objects.get(expected_on=day(4))
    arrives(soon, shop, 2)
    source_waiting()
    assert [line[3] for line in lines_of(shop, first)] == ["sourced", "sourced"]
    assert [line[3] for line in lines_of(shop, second)] == ["open"]
    assert refusal(shop.post("orders/", shop.order_body(("A", 1), fulfilment=TO_LEIDEN))) == ("insufficient_stock", "0")
    assert nothing_differs()


def test_what_comes_in_at_several_places_is_divided(shop):
    shop.sends(shop.s1)
    number = wanted(shop, 6).json()["number"]
    soon = PurchaseNotice.objects.get(expected_on=day(4))
    arrives(soon, shop, 1)
    shop.receive(shop.s1, A=3)
    assert source_waiting() == 1
    assert lines_of(shop, number) == [
        (1, None, "2", "sourced", "DC", None),
        (2, 1, "3", "sourced", "S1", None),
        (3, 1, "1", "sourced", "DC", None),
    ]
    order = Order.objects.get(number=number)
    assert sum(line.amount for line in order.lines.all()) == order.goods_total
    assert (order.status, nothing_differs()) == ("sourced", True)


def test_a_delivery_that_is_put_off_changes_what_is_expected_of_it(shop):
    number = wanted(shop, 4).json()["number"]
    put_off(notice=PurchaseNotice.objects.get(expected_on=day(4)), expected_on=day(20))
    assert lines_of(shop, number)[1][-1] == day(20).isoformat(), "one comes sooner, but two are wanted"


def test_what_is_collected_waits_for_its_own_store_and_as_a_whole(shop):
    shop.receive(shop.s1, A=1)
    announced(shop, shop.s1, 2, on=6)
    in_store = {"fulfilment": {"method": "collect", "location": "S1"}}
    assert refusal(wanted(shop, 4, **in_store)) == ("insufficient_stock", "3")
    answer = wanted(shop, 3, **in_store).json()
    assert lines_of(shop, answer["number"]) == [(1, None, "3", "open", None, day(6).isoformat())]
    assert Demand.objects.get().wanted_at == shop.s1


def test_what_waits_is_cancelled_and_comes_free_for_others(shop):
    number = wanted(shop, 6).json()["number"]
    assert shop.post(f"orders/{number}/cancel/", {"lines": [2]}).json()["status"] == "sourced"
    assert wanted(shop, 4).status_code == 201
    assert nothing_differs()


@pytest.mark.django_db(transaction=True)
def test_what_comes_is_promised_once():
    # given: nothing there, three announced
    shop = open_shop()
    announced(shop, shop.dc, 3, on=4)

    def order(n: int) -> None:
        document = OrderDocument(
            external_id=f"B-{n}",
            placed_at=timezone.now(),
            currency="EUR",
            method="delivery",
            payment_terms="invoice",
            person=Person(source="web", postcode="2312AB", house_number="1", country="NL"),
            lines=[OrderedLine("A", Decimal(1), Decimal(10))],
            back_orders=True,
        )
        place_order(channel=shop.web, document=document, actor="test")

    # when: six ask for one each at the same moment
    outcome = all_at_once([lambda n=n: order(n) for n in range(6)])
    # then
    assert outcome == {"done": 3, "insufficient_stock": 3}
    assert Order.objects.count() == 3
    assert nothing_differs()


def test_a_line_in_parts_beside_one_that_waits(shop):
    shop.sends(shop.s1)
    shop.receive(shop.s1, A=2)
    announce_delivery(
        location=shop.dc,
        supplier="Kaap",
        reference="B",
        expected_on=day(3),
        lines=[(shop.variants["B"], Decimal(4))],
        actor="test",
    )
    body = shop.order_body(("A", 4), ("B", 2), fulfilment=TO_LEIDEN) | {"back_orders": True}
    number = shop.post("orders/", body).json()["number"]
    assert [line[:5] for line in lines_of(shop, number)] == [
        (1, None, "2", "sourced", "DC"),
        (2, None, "2", "open", None),
        (3, 1, "2", "sourced", "S1"),
    ]


@pytest.mark.parametrize("first", ["collect", "delivery"])
def test_what_comes_to_a_store_that_sends_is_promised_once_whatever_the_method(shop, first):
    shop.sends(shop.s2)
    announced(shop, shop.s2, 2, on=2)
    ways = {"collect": ({"method": "collect", "location": "S2"}, 2), "delivery": (TO_LEIDEN, 8)}
    second = {"collect": "delivery", "delivery": "collect"}[first]
    assert wanted(shop, ways[first][1], fulfilment=ways[first][0]).status_code == 201
    assert refusal(wanted(shop, ways[second][1], fulfilment=ways[second][0]))[0] == "insufficient_stock"
    # while what is left for the other way still goes
    if first == "collect":
        assert wanted(shop, 6).status_code == 201


def test_what_comes_in_parts_goes_to_who_waited_longest(shop):
    first, second = wanted(shop, 5).json()["number"], wanted(shop, 1).json()["number"]
    arrives(PurchaseNotice.objects.get(expected_on=day(4)), shop, 1)
    assert source_waiting() == 1
    assert lines_of(shop, first) == [
        (1, None, "2", "sourced", "DC", None),
        (2, 1, "1", "sourced", "DC", None),
        (3, 1, "2", "open", None, day(4).isoformat()),
    ]
    assert lines_of(shop, second) == [(1, None, "1", "open", None, day(9).isoformat())]
    arrives(PurchaseNotice.objects.get(expected_on=day(4)), shop, 2)
    assert source_waiting() == 1
    assert [line[3] for line in lines_of(shop, first)] == ["sourced"] * 3
    assert lines_of(shop, second)[0][3] == "open"
    assert nothing_differs()


def test_who_collects_waits_in_turn_as_well(shop):
    in_store = {"fulfilment": {"method": "collect", "location": "S1"}}
    announced(shop, shop.s1, 4, on=2)
    first, second = wanted(shop, 3, **in_store).json()["number"], wanted(shop, 1, **in_store).json()["number"]
    arrives(PurchaseNotice.objects.get(location=shop.s1), shop, 2)
    assert source_waiting() == 0
    assert lines_of(shop, second)[0][3] == "open", "two lie there for who wants three"
    arrives(PurchaseNotice.objects.get(location=shop.s1), shop, 2)
    assert source_waiting() == 2
    assert [lines_of(shop, number)[0][3] for number in (first, second)] == ["sourced", "sourced"]


def test_of_what_came_in_parts_the_rest_is_still_expected(shop):
    shop.receive(shop.s1, B=1)
    notice = announce_delivery(
        location=shop.s1,
        supplier="Kaap",
        reference="B",
        expected_on=day(3),
        lines=[(shop.variants["B"], Decimal(4))],
        actor="test",
    )
    body = shop.order_body(("B", 5), fulfilment={"method": "collect", "location": "S1"}) | {"back_orders": True}
    number = shop.post("orders/", body).json()["number"]
    receive_delivery(number=notice.number, came=[Came(shop.variants["B"], Decimal(3))], go=1, actor="test")
    assert lines_of(shop, number)[0][-1] == day(3).isoformat()


def test_only_what_somebody_has_to_look_after_is_short(shop):
    """Today counts, and its list shows, what was lost or what nobody announces any more; not what waits as was agreed."""
    office = person("mirjam", "head_office")

    def short() -> tuple[str, set[str]]:
        today = text_of(browser(office).get("/"))
        counted = re.search(r'<a href="/orders/\?view=short">(\d+)</a>', today)
        return counted.group(1) if counted else "", set(numbers_in(browser(office).get("/orders/?view=short")))

    # given an order of which a part waits for an announced delivery
    number = wanted(shop, 4).json()["number"]
    # then it needs nobody, and says what it waits for
    assert short() == ("0", set())
    said = '<span class="status" data-tone="wait">Comes in</span>'
    assert said in text_of(browser(office).get("/orders/"))
    assert len(re.findall(r'data-tone="wait" ?>Comes in', text_of(browser(office).get(f"/orders/{number}/")))) == 2
    # when some of it comes in: what still waits is no more than was agreed
    soon = PurchaseNotice.objects.get(expected_on=day(4))
    arrives(soon, shop, 1)
    source_waiting()
    assert short() == ("0", set())
    # when what was promised is not found, somebody has to look
    report_short(number=number, line=1, actor="test")
    assert short() == ("1", {number})
    assert '<span class="status" data-tone="bad">Short</span>' in text_of(browser(office).get(f"/orders/{number}/"))


def test_what_waits_for_a_delivery_that_nobody_announces_is_short(shop):
    wanted(shop, 3)
    for notice in PurchaseNotice.objects.all():
        assert not Order.objects.filter(short_orders()).exists()
        close_notice(notice=notice)
    assert Order.objects.filter(short_orders()).count() == 1
