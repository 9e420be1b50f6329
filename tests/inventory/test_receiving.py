import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from apps.core.errors import InvalidInput
from apps.core.events.models import Event
from apps.inventory.models import PlaceLevel, StockDocument, StockMovement
from apps.inventory.services.places.noting import Placed, note_places
from apps.inventory.services.receiving import Delivery, receive_deliveries, receive_goods
from apps.network.models import Location
from tests.shop import Shop, open_shop

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture
def shop(db: None) -> Shop:
    return open_shop()


def delivery(shop: Shop, location: Location, reference: str, **quantities: int) -> Delivery:
    lines = [(shop.variants[sku].pk, Decimal(q)) for sku, q in quantities.items()]
    return Delivery(location, lines, reference, NOW)


def test_a_delivery_raises_stock_of_the_owner_and_leaves_a_document(shop: Shop) -> None:
    (document,) = receive_deliveries(deliveries=[delivery(shop, shop.s1, "LV-1", A=3, B=2)], actor="user:1")
    assert (shop.stock("A").on_hand, shop.stock("A").owner) == (3, shop.franchisee)
    movements = StockMovement.objects.filter(cause_type="stock_document", cause_id=document.number)
    assert sorted(movements.values_list("cause_line", "quantity", "actor")) == [(1, 3, "user:1"), (2, 2, "user:1")]
    assert Event.objects.get(topic="stock.changed").object_key == document.number


def test_the_same_reference_at_a_location_is_booked_once(shop: Shop) -> None:
    first = delivery(shop, shop.s1, "LV-1", A=3)
    elsewhere = delivery(shop, shop.s2, "LV-1", A=3)
    once = receive_deliveries(deliveries=[first, elsewhere], actor="x")
    # when they come again, one twice in a batch
    again = receive_deliveries(deliveries=[elsewhere, first, first], actor="x")
    assert [d.number for d in again] == [once[1].number, once[0].number, once[0].number]
    assert shop.stock("A").on_hand == shop.stock("A", shop.s2).on_hand == 3


def test_twice_in_one_batch_is_once(shop: Shop) -> None:
    one = delivery(shop, shop.s1, "LV-1", A=3)
    first, second = receive_deliveries(deliveries=[one, one], actor="x")
    assert first.number == second.number
    assert shop.stock("A").on_hand == 3


def test_deliveries_without_a_reference_are_each_their_own(shop: Shop) -> None:
    one = delivery(shop, shop.s1, "", A=3)
    receive_deliveries(deliveries=[one, one], actor="x")
    receive_goods(location=shop.s1, lines=one.lines, reference="", occurred_at=NOW, actor="x")
    receive_deliveries(deliveries=[one, delivery(shop, shop.s1, "0", A=3)], actor="x")
    assert shop.stock("A").on_hand == 15
    assert StockDocument.objects.count() == 5


def test_where_nobody_owns_the_stock_nothing_is_booked(shop: Shop) -> None:
    nowhere = Location.objects.create(code="S9", name="S9", postcode="1012AB", city="x")
    with pytest.raises(InvalidInput):
        receive_deliveries(
            deliveries=[delivery(shop, shop.s1, "LV-1", A=3), delivery(shop, nowhere, "LV-1", A=3)], actor="x"
        )
    assert not StockDocument.objects.exists()


def test_the_number_of_statements_does_not_grow(shop: Shop, django_assert_num_queries: Any) -> None:
    def many(reference: str, count: int) -> list[Delivery]:
        return [delivery(shop, shop.s1, f"{reference}-{n}", A=1, B=1, C=1) for n in range(count)]

    receive_deliveries(deliveries=many("warm", 1), actor="x")
    with django_assert_num_queries(11):
        receive_deliveries(deliveries=many("one", 1), actor="x")
    with django_assert_num_queries(11):
        receive_deliveries(deliveries=many("forty", 40), actor="x")


def test_what_lies_where_is_replaced_by_what_was_seen_last(shop: Shop) -> None:
    a = shop.variants["A"].pk
    shop.receive(shop.s1, A=4)
    shop.receive(shop.s2, A=4)
    note_places(placed=[Placed(shop.s1.pk, "A-1", a, Decimal(3)), Placed(shop.s2.pk, "A-1", a, Decimal(4))])
    note_places(placed=[Placed(shop.s1.pk, "A-1", a, Decimal(1)), Placed(shop.s1.pk, "M-1", a, Decimal(2))])
    found = PlaceLevel.objects.values_list("place__location__code", "place__code", "quantity")
    assert sorted(found) == [("S1", "A-1", 1), ("S1", "M-1", 2), ("S2", "A-1", 4)]
