"""A line of which no location has enough comes from several: as a line for each, to the cent what was ordered."""

from decimal import Decimal

import pytest
from django.utils import timezone

from apps.core.models import Event
from apps.customers.services.people import Person
from apps.inventory.models import Demand, ParcelDay, SourcingRun
from apps.network.changing import limit_parcels
from apps.orders.letters import confirmations
from apps.orders.models import Order
from apps.orders.services.placing import place_order
from apps.orders.services.types import OrderDocument, OrderedLine
from tests.at_once import all_at_once
from tests.shop import nothing_differs, open_shop

TO_LEIDEN = {"method": "delivery", "address": {"postcode": "2312AB", "house_number": "1", "country": "NL"}}


@pytest.fixture
def scattered(db):
    """Three in the distribution centre and two in each store."""
    shop = open_shop()
    shop.sends(shop.s1)
    shop.sends(shop.s2)
    shop.receive(shop.dc, A=3)
    shop.receive(shop.s1, A=2)
    shop.receive(shop.s2, A=2)
    return shop


def sent(shop, quantity: int, **changes):
    return shop.post("orders/", shop.order_body(("A", quantity), fulfilment=TO_LEIDEN, **changes))


def placed(shop, quantity: int, external_id: str) -> None:
    document = OrderDocument(
        external_id=external_id,
        placed_at=timezone.now(),
        currency="EUR",
        method="delivery",
        payment_terms="invoice",
        person=Person(source="web", postcode="2312AB", house_number="1", country="NL"),
        lines=[OrderedLine("A", Decimal(quantity), Decimal(10))],
    )
    place_order(channel=shop.web, document=document, actor="test")


def parts(answer) -> list[tuple]:
    fields = ("line", "part_of", "quantity", "location", "amount", "discount")
    return [tuple(line[field] for field in fields) for line in answer["lines"]]


def test_as_few_locations_as_can_be_and_the_amounts_add_up(scattered):
    # when: five at 10.00 less a discount that does not divide evenly
    body = scattered.order_body(("A", 5), fulfilment=TO_LEIDEN)
    body["lines"][0]["discount"] = "0.07"
    body["payments"][0]["amount"] = "49.93"
    answer = scattered.post("orders/", body)
    # then
    assert answer.status_code == 201, answer.json()
    assert parts(answer.json()) == [(1, None, "3", "DC", "29.96", "0.04"), (2, 1, "2", "S1", "19.97", "0.03")]
    order = Order.objects.get(number=answer.json()["number"])
    assert sum(line.amount for line in order.lines.all()) == order.total == Decimal("49.93")
    assert sum(line.vat_amount for line in order.lines.all()) == order.vat_total
    assert scattered.post("orders/", body).json()["lines"] == answer.json()["lines"], "the same order told again"
    assert scattered.get(f"orders/{order.number}/").json()["lines"] == answer.json()["lines"]
    run = SourcingRun.objects.get()
    chosen = [c["location"] for c in run.candidates if c["verdict"] == "chosen"]
    assert sorted(chosen) == ["DC", "S1"]
    assert nothing_differs()


def test_the_customer_reads_of_one_line(scattered):
    sent(scattered, 5, customer={"email": "jan@example.org", "first_name": "Jan"})
    [letter] = confirmations(list(Event.objects.filter(topic="order.placed")))
    assert letter.context["lines"] == [{"quantity": "5", "name": "Product A"}]


def test_each_part_goes_its_own_way(scattered):
    number = sent(scattered, 5).json()["number"]
    scattered.post(f"orders/{number}/short/", {"line": 2})
    # the store that has not got its part is asked no more, the other is
    assert [line[:4] for line in parts(scattered.get(f"orders/{number}/").json())] == [
        (1, None, "3", "DC"),
        (2, 1, "2", "S2"),
    ]
    scattered.post(f"orders/{number}/cancel/", {"lines": [1]})
    assert [demand.level.location.code for demand in Demand.objects.all() if demand.quantity > demand.released] == [
        "S1",  # held until it is counted
        "S2",
    ]
    assert nothing_differs()


def test_what_a_location_cannot_give_may_come_from_several_others(scattered):
    scattered.receive(scattered.dc, A=1)
    number = sent(scattered, 4).json()["number"]
    scattered.post(f"orders/{number}/short/", {"line": 1, "reason": "too_busy"})
    assert parts(scattered.get(f"orders/{number}/").json()) == [
        (1, None, "2", "S1", "20.00", "0.00"),
        (2, 1, "2", "S2", "20.00", "0.00"),
    ]
    assert nothing_differs()


def test_what_there_is_in_all_is_said_when_that_is_too_little(scattered):
    answer = sent(scattered, 8)
    assert answer.status_code == 409
    error = answer.json()["errors"][0]
    assert (error["code"], error["attr"], error["available"]) == ("insufficient_stock", "lines.0.quantity", "7")
    assert not Demand.objects.exists()
    assert sent(scattered, 7).status_code == 201


def test_two_lines_of_the_same_are_divided_as_one(scattered):
    body = scattered.order_body(("A", 2), ("A", 2), fulfilment=TO_LEIDEN)
    assert [line[:4] for line in parts(scattered.post("orders/", body).json())] == [
        (1, None, "2", "DC"),
        (2, None, "1", "DC"),
        (3, 2, "1", "S1"),
    ]


def test_each_location_has_a_parcel_to_send(scattered):
    for location in (scattered.dc, scattered.s1):
        limit_parcels(location=location, parcels_a_day=5)
    sent(scattered, 5)
    assert sorted(ParcelDay.objects.values_list("location__code", "parcels")) == [("DC", 1), ("S1", 1)]


def test_what_is_collected_lies_in_one_store(scattered):
    answer = scattered.post("orders/", scattered.order_body(("A", 3)))
    assert answer.json()["errors"][0]["available"] == "2"


def test_a_basket_is_taken_over_with_its_parts(scattered):
    held = scattered.post("reservations/", {"reference": "B-1", "lines": [{"sku": "A", "quantity": "5"}]}).json()
    assert [(line["quantity"], line["location"]) for line in held["lines"]] == [("3", "DC"), ("2", "S1")]
    assert sent(scattered, 4, reservation=held["id"]).json()["errors"][0]["code"] == "reservation_mismatch"
    answer = sent(scattered, 5, reservation=held["id"])
    assert [line[:4] for line in parts(answer.json())] == [(1, None, "3", "DC"), (2, 1, "2", "S1")]
    assert Demand.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_pieces_that_lie_apart_are_promised_once(scattered):
    # when: six customers want two each of the seven that lie apart
    answers = all_at_once([lambda n=n: placed(scattered, 2, f"R-{n}") for n in range(6)])
    # then: three got them, and the last piece is nobody's
    assert answers == {"done": 3, "insufficient_stock": 3}
    assert sum(demand.quantity for demand in Demand.objects.all()) == 6
    assert nothing_differs()
