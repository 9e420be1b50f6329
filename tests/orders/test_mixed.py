"""One order, several ways: a part is collected, a part is sent, a part is taken along at once; each goes its own way."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import ApiClient
from apps.accounts.services import issue_api_key
from apps.core.models import Event
from apps.customers.services.people import Person
from apps.franchise.services.deciding import candidates_of
from apps.inventory.models import Criterion, Demand, StockMovement, StoreTask
from apps.inventory.services.profiles import draft_profile, publish_profile, put_strategy
from apps.inventory.services.purchases.announcing import announce_delivery
from apps.network.models import Location
from apps.orders.letters import confirmations
from apps.orders.models import Order, OrderLine
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import due_at_counter, hand_over, mark_ready, pick
from apps.orders.services.keeping import GRACE, let_uncollected_expire
from apps.orders.services.placing import place_order
from apps.orders.services.rerouting import reroute
from apps.orders.services.shipping import ship
from apps.orders.services.types import OrderDocument, OrderedLine, WrongState
from tests.at_once import all_at_once
from tests.orders.counter import order_of
from tests.shop import Shop, nothing_differs

JAN = {
    "email": "j.jansen@example.org",
    "first_name": "Jan",
    "address": {"street": "Oudegracht", "postcode": "3511AB", "house_number": "12", "city": "Utrecht", "country": "NL"},
}
WAYS = ("collect", "delivery", "carry_out")


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """The distribution centre has five of each."""
    shop.receive(shop.dc, A=5, B=5, C=5)
    return shop


def body(shop: Shop, *ways: str, quantity: int = 1, **changes: Any) -> dict[str, Any]:
    """An order collected in S1 of A, B and C, each going the way said of it."""
    made = shop.order_body(*zip("ABC", [quantity] * len(ways), strict=False), customer=JAN, **changes)
    for line, way in zip(made["lines"], ways, strict=True):
        line["fulfilment"] = {"method": way}
    return made


def mixed(shop: Shop, *ways: str, **changes: Any) -> Order:
    answer = shop.post("orders/", body(shop, *(ways or WAYS), **changes))
    assert answer.status_code == 201, answer.content
    return Order.objects.get(number=answer.json()["number"])


def lines_of(order: Order) -> list[tuple[str, str, str | None]]:
    lines = order.lines.order_by("line").select_related("location")
    return [(line.method, line.status, line.location.code if line.location else None) for line in lines]


def test_each_line_goes_its_own_way_and_the_answer_says_so(shop):
    asked = body(shop, *WAYS)
    answer = shop.post("orders/", asked).json()
    assert answer["fulfilment"]["method"] == "collect"
    told = answer["fulfilment"]
    assert None not in (told["collect_from"], told["delivery_on"]), "a promise for each part"
    assert answer["collect_code"]
    assert [(ln["method"], ln["status"], ln["location"]) for ln in answer["lines"]] == [
        ("collect", "sourced", "S1"),
        ("delivery", "sourced", "DC"),
        ("carry_out", "collected", "S1"),
    ]
    assert (answer["total"], answer["paid"], answer["due"]) == ("30.00", "30.00", "0.00")
    # read back, and sent again, it is the same
    assert shop.get(f"orders/{answer['number']}/").json()["fulfilment"] == answer["fulfilment"]
    before = StockMovement.objects.count()
    assert shop.post("orders/", asked).json()["lines"] == answer["lines"]
    assert (Order.objects.count(), StockMovement.objects.count()) == (1, before)
    # what is taken along has left; the rest is promised
    assert (shop.stock("C").on_hand, shop.stock("A").reserved, shop.stock("B", shop.dc).reserved) == (9, 1, 1)
    assert nothing_differs()


def test_no_part_waits_for_another(shop):
    order = mixed(shop)
    places = {shop.s1.pk}
    # the store picks and lays ready what is collected, while the parcel is still to be packed
    pick(number=order.number, actor="t", places=places)
    mark_ready(number=order.number, actor="t")
    mark_ready(number=order.number, actor="t")
    order.refresh_from_db()
    assert order.status == "sourced", "the least advanced part speaks for the order"
    assert [status for _way, status, _at in lines_of(order)] == ["ready", "sourced", "collected"]
    with pytest.raises(WrongState):
        ship(number=order.number, actor="t", places=places)
    assert hand_over(number=order.number, collect_code=order.collect_code or "", actor="t").closed_at is None
    # and the other way round
    pick(number=order.number, actor="t")
    assert ship(number=order.number, actor="t").closed_at is not None
    assert ship(number=order.number, actor="t").status == "shipped"
    assert [status for _way, status, _at in lines_of(order)] == ["collected", "shipped", "collected"]
    assert nothing_differs()


def test_a_parcel_leaves_before_the_rest_is_picked(shop):
    order = mixed(shop, "collect", "delivery")
    pick(number=order.number, actor="t", quantities={2: Decimal(1)})
    assert ship(number=order.number, actor="t").status == "sourced"
    with pytest.raises(WrongState):
        mark_ready(number=order.number, actor="t")
    assert not Demand.objects.filter(level__location=shop.dc, consumed=0).exists()


def test_what_is_taken_along_is_a_fact_and_promised_to_nobody_else(shop):
    # given a single piece in the store, of which somebody else was promised the other nine
    mixed(shop, "delivery", "delivery", "collect", quantity=5)
    order_of(shop, ("C", 5))
    # when it is taken along, and one more is to be collected: that one is not there
    asked = shop.order_body(("C", 1), ("C", 1), customer=JAN)
    asked["lines"][0]["fulfilment"] = {"method": "carry_out"}
    refused = shop.post("orders/", asked).json()
    assert (refused["errors"][0]["code"], refused["errors"][0]["attr"]) == (
        "insufficient_stock",
        "lines.1.quantity",
    )
    assert shop.stock("C").on_hand == 10, "nothing of it happened"
    # sent it can be; and the till's count is short by one
    asked["lines"][1]["fulfilment"] = {"method": "delivery"}
    answer = shop.post("orders/", asked)
    assert answer.status_code == 201, answer.content
    assert (shop.stock("C").on_hand, shop.stock("C").oversold) == (9, 1)
    assert nothing_differs()


def refusal(shop: Shop, asked: dict[str, Any], **how: Any) -> tuple[int, str, str]:
    answer = shop.post("orders/", asked, **how)
    error = answer.json()["errors"][0]
    assert not Order.objects.exists()
    return answer.status_code, error["code"], error.get("attr", "")


def test_what_cannot_be_is_said_plainly(shop, key_of):
    elsewhere = body(shop, "collect", "delivery")
    elsewhere["lines"][0]["fulfilment"]["location"] = "S2"
    assert refusal(shop, elsewhere) == (400, "invalid", "lines.0.fulfilment.location")
    nowhere = body(shop, "collect", "delivery") | {"customer": {"email": "jan@example.org"}}
    assert refusal(shop, nowhere) == (400, "required", "fulfilment.address")
    assert refusal(shop, body(shop, "carry_out", "carry_out")) == (400, "invalid", "lines")
    unpaid = body(shop, "carry_out", "collect", payments=[])
    assert refusal(shop, unpaid)[:2] == (409, "not_paid")
    half = body(shop, "delivery", "collect", payment_terms="on_collection", payments=[])
    assert refusal(shop, half)[:2] == (409, "not_paid"), "what is sent is not paid at a counter"
    # who does not work in that store lets nobody take goods along from it
    assert refusal(shop, body(shop, *WAYS), api_key=key_of(shop.s2)) == (
        400,
        "does_not_exist",
        "fulfilment.location",
    )
    webshop = ApiClient.objects.create(name="site", channel=shop.web, scopes=["orders:write"])
    key = issue_api_key(client=webshop)
    assert shop.post("orders/", body(shop, *WAYS), api_key=key).status_code == 403
    assert shop.post("orders/", body(shop, "collect", "delivery"), api_key=key).status_code == 201


def test_at_the_counter_only_what_is_collected_is_still_to_be_paid(shop):
    asked = body(shop, *WAYS, payment_terms="on_collection")
    asked["payments"][0]["amount"] = "20.00"
    order = Order.objects.get(number=shop.post("orders/", asked).json()["number"])
    assert order.status == "sourced"
    pick(number=order.number, actor="t")
    mark_ready(number=order.number, actor="t")
    assert due_at_counter(order, list(order.lines.all())) == Decimal(10)
    ship(number=order.number, actor="t")
    assert due_at_counter(order, list(order.lines.all())) == Decimal(10)


def test_what_the_store_has_not_got_comes_to_it_while_the_rest_is_sent(shop):
    # given none of A in the store, and one order of A to collect there and of A to send
    order_of(shop, ("A", 10))
    asked = shop.order_body(("A", 2), ("A", 3), customer=JAN)
    asked["fulfilment"]["source"] = "any"
    asked["lines"][1]["fulfilment"] = {"method": "delivery"}
    order = Order.objects.get(number=shop.post("orders/", asked).json()["number"])
    assert lines_of(order) == [("collect", "coming", "DC"), ("delivery", "sourced", "DC")]
    # one more of either and it is refused, at the line that finds none
    asked |= {"external_id": "WEB-more"}
    errors = shop.post("orders/", asked).json()["errors"]
    assert {error["attr"] for error in errors} == {"lines.1.quantity"}
    assert nothing_differs()


def test_divided_parts_keep_the_way_of_their_line_and_never_another_line_s_number(shop):
    shop.sends(shop.s2)
    shop.receive(shop.s2, A=2)
    asked = shop.order_body(("A", 7), ("B", 1), ("C", 1), customer=JAN)
    asked["fulfilment"] = {"method": "delivery", "location": "S1"}
    asked["lines"][2]["fulfilment"] = {"method": "carry_out"}
    lines = shop.post("orders/", asked).json()["lines"]
    assert [(ln["line"], ln["part_of"], ln["method"], ln["location"]) for ln in lines] == [
        (1, None, "delivery", "DC"),
        (2, None, "delivery", "DC"),
        (3, None, "carry_out", "S1"),
        (4, 1, "delivery", "S2"),
    ]


def test_what_waits_for_goods_waits_for_its_own_place(shop):
    order = mixed(shop, "collect", "delivery")
    shop.post(f"orders/{order.number}/short/", {"line": 1})
    shop.post(f"orders/{order.number}/short/", {"line": 2})
    waiting = dict(Demand.objects.filter(level=None).values_list("line", "wanted_at__code"))
    assert waiting == {1: "S1", 2: None}
    assert lines_of(order)[0][1] == "open"
    assert nothing_differs()


def test_nobody_came_and_only_that_part_goes_back(shop):
    order = mixed(shop)
    pick(number=order.number, actor="t")
    mark_ready(number=order.number, actor="t")
    order.refresh_from_db()
    assert order.collect_until is not None
    let_uncollected_expire(now=order.collect_until + GRACE)
    assert [status for _way, status, _at in lines_of(order)] == ["cancelled", "picking", "collected"]
    assert ship(number=order.number, actor="t").closed_at is not None
    assert shop.get(f"orders/{order.number}/").json()["paid"] == "20.00", "the part that nobody came for is paid back"
    assert nothing_differs()


def test_a_part_is_called_off_and_the_rest_goes_on(shop):
    order = mixed(shop)
    with pytest.raises(WrongState):
        cancel(number=order.number, actor="t", line_numbers={3})
    cancel(number=order.number, actor="t", line_numbers={1})
    pick(number=order.number, actor="t")
    assert ship(number=order.number, actor="t").closed_at is not None
    assert shop.get(f"orders/{order.number}/").json()["paid"] == "20.00"


def test_some_lines_come_another_way(shop):
    order = order_of(shop, ("A", 1), ("B", 2), customer=JAN)
    code = order.collect_code
    # home, of the second alone
    reroute(number=order.number, to=None, line_numbers=[2], actor="t")
    order.refresh_from_db()
    assert (order.method, order.location, order.collect_code) == ("collect", shop.s1, code)
    assert lines_of(order) == [("collect", "sourced", "S1"), ("delivery", "sourced", "DC")]
    assert order.collect_promised_at is not None
    assert shop.stock("B").reserved == 0
    # to another store it can only go with the rest
    with pytest.raises(WrongState):
        reroute(number=order.number, to=shop.s2, line_numbers=[2], actor="t")
    # back again, and the order is as it was
    reroute(number=order.number, to=shop.s1, line_numbers=[2], actor="t")
    order.refresh_from_db()
    assert lines_of(order) == [("collect", "sourced", "S1"), ("collect", "sourced", "S1")]
    assert order.collect_promised_at is None
    assert nothing_differs()


def test_all_of_it_comes_one_way_again(shop):
    order = mixed(shop, "collect", "delivery")
    reroute(number=order.number, to=None, actor="t")
    order.refresh_from_db()
    assert (order.method, order.location, order.collect_code) == ("delivery", None, None)
    assert {way for way, _status, _at in lines_of(order)} == {"delivery"}


def test_what_was_taken_along_keeps_the_order_in_its_store(shop):
    order = mixed(shop, "delivery", "delivery", "carry_out")
    with pytest.raises(WrongState):
        reroute(number=order.number, to=Location.objects.get(code="S2"), actor="t")
    reroute(number=order.number, to=shop.s1, line_numbers=[1], actor="t")
    order.refresh_from_db()
    assert order.collect_code
    assert lines_of(order)[:2] == [("collect", "sourced", "S1"), ("delivery", "sourced", "DC")]
    assert nothing_differs()


def test_the_customer_reads_what_comes_which_way(shop):
    mixed(shop)
    [letter] = confirmations(list(Event.objects.filter(topic="order.placed")))
    assert [(part["way"], part["lines"][0]["name"]) for part in letter.context["parts"]] == [
        ("collect", "Product A"),
        ("delivery", "Product B"),
        ("carry_out", "Product C"),
    ]


def test_each_part_is_told_of_once_as_gone(shop):
    order = mixed(shop)
    pick(number=order.number, actor="t")
    mark_ready(number=order.number, actor="t")
    ship(number=order.number, actor="t")
    hand_over(number=order.number, collect_code=order.collect_code or "", actor="t")
    gone = Event.objects.filter(topic="order.fulfilled").order_by("pk").values_list("payload", flat=True)
    assert [part["line"] for payload in gone for part in payload["lines"]] == [3, 2, 1]


def test_the_store_in_which_a_part_was_taken_along_has_evidence_of_it(shop):
    order = mixed(shop, "delivery", "delivery", "carry_out")
    assert order.method == "delivery"
    assert {one.kind: one.location for one in candidates_of([order.number])[order.number]}["collect"] == "S1"
    sent = mixed(shop, "delivery", "delivery", fulfilment={"method": "delivery"})
    assert {one.kind: one.location for one in candidates_of([sent.number])[sent.number]}["collect"] is None


def test_what_was_called_off_brings_nobody_to_the_store(shop):
    order = mixed(shop, "collect", "delivery")
    assert {one.kind: one.location for one in candidates_of([order.number])[order.number]}["collect"] == "S1"
    cancel(number=order.number, actor="t", line_numbers={1})
    assert {one.kind: one.location for one in candidates_of([order.number])[order.number]}["collect"] is None


def asked_at_once(shop: Shop, n: int) -> None:
    document = OrderDocument(
        external_id=f"R-{n}",
        placed_at=timezone.now(),
        currency="EUR",
        method="collect",
        location="S1",
        payment_terms="invoice",
        person=Person(source="web", postcode="3511AB", house_number="1", country="NL"),
        lines=[
            OrderedLine("A", Decimal(1), Decimal(10)),
            OrderedLine("A", Decimal(1), Decimal(10), method="delivery"),
            OrderedLine("B", Decimal(1), Decimal(10), method="carry_out"),
        ],
    )
    place_order(channel=shop.web, document=document, actor="test")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_promised_twice_whatever_way_it_goes(shop):
    # given three to send and ten to collect; when six customers want one of each
    shop.post("orders/", body(shop, "delivery", quantity=2))
    answers = all_at_once([lambda n=n: asked_at_once(shop, n) for n in range(6)])
    # then
    assert answers == {"done": 3, "insufficient_stock": 3}
    assert OrderLine.objects.filter(method="carry_out", status="collected").count() == 3
    assert shop.stock("B").on_hand == 7, "what was refused was not taken along"
    assert nothing_differs()


def of_one_sku(shop: Shop, quantity: int, *ways: str, **changes: Any) -> dict[str, Any]:
    made = shop.order_body(*[("A", quantity)] * len(ways), customer=JAN, **changes)
    for line, way in zip(made["lines"], ways, strict=True):
        line["fulfilment"] = {"method": way}
    return made


def test_what_is_collected_where_it_lies_is_not_sent_from_there_by_the_same_order(shop):
    # given a profile by which the store comes first, with just enough for who collects
    shop.sends(shop.s1)
    draft = draft_profile(version="1", name="Near", takes_from_anywhere=False)
    put_strategy(profile=draft, position=None, name="Near", criteria=[Criterion.NEAREST])
    publish_profile(profile=draft, principal=None)
    shop.receive(shop.dc, A=5)
    answer = shop.post("orders/", of_one_sku(shop, 8, "collect", "delivery"))
    assert answer.status_code == 201, answer.content
    assert [ln["location"] for ln in answer.json()["lines"]] == ["S1", "DC"]


def test_a_basket_held_in_the_store_goes_its_ways(shop):
    order_of(shop, ("A", 7))  # three left
    basket = {"reference": "b", "location": "S1", "lines": [{"sku": "A", "quantity": "1"}] * 3}
    held = shop.post("reservations/", basket).json()["id"]
    asked = of_one_sku(shop, 1, "delivery", "collect", "carry_out") | {"reservation": held}
    answer = shop.post("orders/", asked)
    assert answer.status_code == 201, answer.content
    assert [ln["location"] for ln in answer.json()["lines"]] == ["DC", "S1", "S1"]
    here = shop.stock("A")
    assert (here.on_hand, here.reserved, here.oversold) == (9, 8, 0)
    assert not StoreTask.objects.exists(), "the store need not count what the customer's own basket held"
    # and nobody else has what the order holds now
    assert shop.post("orders/", asked | {"external_id": "WEB-twice"}).status_code == 409
    assert (shop.stock("A").reserved, nothing_differs()) == (8, True)


def test_an_order_of_which_nothing_is_in_a_store_names_none(shop):
    answer = shop.post("orders/", body(shop, "delivery", "delivery")).json()
    assert answer["fulfilment"] == shop.get(f"orders/{answer['number']}/").json()["fulfilment"]
    assert answer["fulfilment"]["location"] is None


def test_what_is_announced_is_promised_once_whichever_way_it_goes(shop):
    # given nothing of A, and three that come to a store which sends as well
    shop.sends(shop.s1)
    order_of(shop, ("A", 5), customer=JAN, fulfilment={"method": "delivery"})
    order_of(shop, ("A", 10))
    announce_delivery(
        location=shop.s1,
        supplier="Kaap",
        reference="n",
        expected_on=timezone.localdate() + dt.timedelta(days=3),
        lines=[(shop.variants["A"], Decimal(3))],
        actor="t",
    )
    # then
    refused = shop.post("orders/", of_one_sku(shop, 2, "collect", "delivery") | {"back_orders": True})
    assert refused.json()["errors"][0]["code"] == "insufficient_stock"
    made = of_one_sku(shop, 1, "delivery", "collect") | {"back_orders": True}
    made["lines"][1]["quantity"] = "2"
    made["payments"] = []
    placed = shop.post("orders/", made)
    assert [ln["status"] for ln in placed.json()["lines"]] == ["open", "open"], placed.content
    assert shop.post("orders/", of_one_sku(shop, 1, "delivery") | {"back_orders": True}).status_code == 409
