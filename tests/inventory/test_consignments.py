"""Goods that are the supplier's until they are sold: every fact books to whom they belong, and nothing else changes."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from apps.core.errors import Conflict, InvalidInput
from apps.inventory.models import Consignment, Demand, PlaceLevel, SafetyRule, StockDocument, StockLevel, StockMovement
from apps.inventory.services.consigning import ConsignedAlready, change_hands, end_consignment
from apps.inventory.services.keeping import put_rule, write_safety
from apps.inventory.services.owners import owners_on
from apps.inventory.services.recalls.holding import set_apart
from apps.inventory.services.recalls.starting import start_recall
from apps.inventory.services.transfers.receiving import receive_transfer
from apps.inventory.services.transfers.sending import send_transfer
from apps.inventory.services.types import Cause, Move, Spot
from apps.network.models import Channel, LegalEntity, Ownership
from tests.inventory.acting import Trade, open_trade
from tests.inventory.consigning import a_supplier, consigned, whose
from tests.shop import Shop, nothing_differs
from tests.tills.tickets import ticket


@pytest.fixture
def trade(shop: Shop) -> Trade:
    """The shop with fourteen of each in S1, and four in S2 and DC."""
    return open_trade(shop)


def tomorrow(days: int = 1) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


# --- beginning and ending


def test_what_lies_there_changes_hands_and_what_is_elsewhere_does_not(trade):
    # given some on display and some on a shelf
    shop = trade.shop
    trade.set_apart("S1", "A", 2, "display", "saleable", "shown")
    trade.receive("S1", "A", 3, "shelved", shelf="A-1")
    # when
    consigned(shop, "A", at=shop.s1)
    # then
    assert whose("A", shop.s1) == {"L01": 15}
    assert whose("A", shop.s1, "display") == {"L01": 2}
    assert whose("B", shop.s1) == {"F01": 14}
    assert whose("A", shop.s2) == {"OWN": 4}
    document = StockDocument.objects.get(kind="owner")
    moved = StockMovement.objects.filter(cause_id=document.number, kind="owner").order_by("cause_line")
    assert [(m.quantity, m.from_owner.code, m.to_owner.code) for m in moved] == [(2, "F01", "L01"), (15, "F01", "L01")]
    on_shelf = PlaceLevel.objects.filter(variant__sku="A", location=shop.s1, quantity__gt=0)
    assert [(level.owner.code, level.quantity) for level in on_shelf] == [("L01", 3)]  # nobody carried it elsewhere
    assert nothing_differs()


def test_everywhere_is_everywhere_and_a_place_of_its_own_goes_first(trade):
    shop, other = trade.shop, a_supplier("L02", "Glas Noord")
    consigned(shop, "A")
    consigned(shop, "A", at=shop.s2, supplier=other)
    assert [whose("A", place) for place in (shop.s1, shop.s2, shop.dc)] == [{"L01": 14}, {"L02": 4}, {"L01": 4}]
    assert nothing_differs()


def test_promises_go_along_and_are_kept(trade):
    # given two orders on it
    shop = trade.shop
    to_collect, to_send = (trade.place([("A", 3)], store, f"web-{store}", terms="paid") for store in ("S1", None))
    sent_from = Demand.objects.get(reservation__demands__order_line__order=to_send).level.location
    # when
    consigned(shop, "A")
    # then
    level = StockLevel.objects.get(variant__sku="A", location=shop.s1, owner__code="L01", condition="saleable")
    assert (level.on_hand, level.reserved, level.oversold) == (14, 3, 0)
    assert not StockLevel.objects.exclude(owner__code="L01").filter(variant__sku="A", reserved__gt=0).exists()
    assert nothing_differs()
    # and when they leave, it is the supplier's goods that left
    for order in (to_collect, to_send):
        trade.take_from_shelf(order.number)
        trade.give(order.number)
    left = StockMovement.objects.filter(kind__in=["collect", "ship"]).values_list("from_owner__code", "quantity")
    assert list(left) == [("L01", 3), ("L01", 3)]
    assert whose("A", shop.s1) == {"L01": 11}
    assert whose("A", sent_from) == {"L01": 1}
    assert nothing_differs()


def test_what_was_sold_beyond_the_stock_changes_hands_too(trade):
    shop = trade.shop
    trade.place([("A", 3)], "S2", "web", terms="paid")
    trade.sell("S2", [("A", 6)], "till")
    consigned(shop, "A", at=shop.s2)
    level = StockLevel.objects.get(variant__sku="A", location=shop.s2, owner__code="L01")
    assert (level.on_hand, level.reserved, level.oversold) == (-2, 3, 3)
    assert nothing_differs()


def test_it_ends_and_the_location_has_its_own_again(trade):
    shop = trade.shop
    found = consigned(shop, "A", at=shop.s1)
    trade.place([("A", 3)], "S1", "web", terms="paid")
    Consignment.objects.update(valid=DateRange(tomorrow(-3), None))
    # when
    end_consignment(consignment=found, until=timezone.localdate(), actor="test")
    # then
    level = StockLevel.objects.get(variant__sku="A", location=shop.s1, owner__code="F01", condition="saleable")
    assert (level.on_hand, level.reserved) == (14, 3)
    assert whose("A", shop.s1) == {"F01": 14}
    assert nothing_differs()
    with pytest.raises(Conflict):
        end_consignment(consignment=found, until=tomorrow(), actor="test")


def test_what_begins_later_changes_hands_on_the_day(trade):
    # given
    shop = trade.shop
    found = consigned(shop, "A", at=shop.s1, since=tomorrow())
    assert change_hands() == 0
    assert whose("A", shop.s1) == {"F01": 14}
    # when
    Consignment.objects.update(valid=DateRange(timezone.localdate(), None))
    # then
    assert change_hands() == 1
    assert whose("A", shop.s1) == {"L01": 14}
    assert change_hands() == 0
    # and what did not begin can be taken out
    Consignment.objects.update(valid=DateRange(tomorrow(2), None))
    end_consignment(consignment=found, until=tomorrow(2), actor="test")
    assert not Consignment.objects.exists()


def test_what_a_till_tells_late_was_sold_before_it_was_consigned(trade):
    # given
    shop = trade.shop
    consigned(shop, "A", at=shop.s1)
    yesterday = tomorrow(-1)
    owners = owners_on(location_ids=[shop.s1.pk], variant_ids=[shop.variants["A"].pk])
    assert owners.of(shop.s1.pk, shop.variants["A"].pk, yesterday) == shop.franchisee.pk
    shop.post("sales/", late(yesterday))
    assert whose("A", shop.s1) == {"F01": -1, "L01": 14}
    # when
    change_hands()
    # then
    assert whose("A", shop.s1) == {"L01": 13}
    assert nothing_differs()


def late(day: dt.date) -> dict[str, Any]:
    return ticket(business_date=day.isoformat(), occurred_at=f"{day.isoformat()}T11:00:00+01:00")


def test_one_supplier_at_a_time(trade):
    shop = trade.shop
    consigned(shop, "A")
    consigned(shop, "A", at=shop.s1)
    for at in (None, shop.s1):
        with pytest.raises(ConsignedAlready):
            consigned(shop, "B", "A", at=at, supplier=a_supplier("L02"), since=tomorrow())
    assert not Consignment.objects.filter(variant__sku="B").exists()
    days = DateRange(tomorrow(), tomorrow(2))
    with pytest.raises(IntegrityError), transaction.atomic():
        Consignment.objects.create(supplier=a_supplier(), variant=shop.variants["A"], valid=days)


def test_what_is_refused(trade):
    shop = trade.shop
    with pytest.raises(InvalidInput):
        consigned(shop, "A", since=tomorrow(-1))
    with pytest.raises(InvalidInput):
        consigned(shop, "A", supplier=shop.own)
    found = consigned(shop, "A")
    for until in (tomorrow(-1), timezone.localdate()):
        with pytest.raises(InvalidInput):
            end_consignment(consignment=found, until=until, actor="test")


def test_a_supplier_neither_owns_a_location_nor_sells(trade):
    shop, supplier = trade.shop, a_supplier()
    acts = [
        lambda: Ownership.objects.create(
            location=shop.s1, legal_entity=supplier, valid=DateRange(dt.date(2010, 1, 1), dt.date(2011, 1, 1))
        ),
        lambda: Ownership.objects.update(legal_entity=supplier),
        lambda: Channel.objects.filter(code="web").update(seller=supplier),
        lambda: LegalEntity.objects.filter(code="OWN").update(kind="supplier"),
        lambda: LegalEntity.objects.filter(pk=supplier.pk).update(kind="own"),
    ]
    for act in acts:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


# --- what happens to goods in consignment


def test_a_till_sale_and_what_comes_back_of_it(trade):
    # given
    shop = trade.shop
    consigned(shop, "A", at=shop.s1)
    # when
    order = trade.sell("S1", [("A", 2), ("B", 1)], "till")
    assert (whose("A", shop.s1), whose("B", shop.s1)) == ({"L01": 12}, {"F01": 13})
    trade.take_back("S1", order.number, 1, 1, "damaged", "back-1")
    trade.take_back("S2", order.number, 1, 1, "saleable", "back-2")
    # then it joins what such goods are at the place where it came back
    assert whose("A", shop.s1, "damaged") == {"L01": 1}
    assert whose("A", shop.s2) == {"OWN": 5}
    assert nothing_differs()


def test_own_goods_and_consigned_goods_come_in_on_one_delivery(trade):
    shop = trade.shop
    consigned(shop, "A", at=shop.s1)
    shop.receive(shop.s1, A=5, B=5)
    assert (whose("A", shop.s1), whose("B", shop.s1)) == ({"L01": 19}, {"F01": 19})
    assert nothing_differs()


def test_a_count_of_own_and_consigned_goods(trade):
    # given goods that were counted before they changed hands, one of which was sold in between
    shop, at = trade.shop, timezone.now()
    trade.sell("S1", [("A", 1)], "till")
    consigned(shop, "A", at=shop.s1)
    # when one is missing of each
    document = trade.count("S1", {"A": Decimal(13), "B": Decimal(13)}, at, "count")
    # then
    lines = StockMovement.objects.filter(cause_id=document.number).order_by("cause_line")
    assert [(m.from_owner.code, m.quantity) for m in lines] == [("L01", 1), ("F01", 1)]
    assert (whose("A", shop.s1), whose("B", shop.s1)) == ({"L01": 12}, {"F01": 13})
    assert nothing_differs()


def test_corrections_are_of_whose_goods_they_are(trade):
    shop = trade.shop
    consigned(shop, "A", at=shop.s1)
    trade.correct("S1", "A", 2, "stolen", "saleable", "gone")
    trade.correct("S1", "A", 1, "found", "saleable", "found")
    trade.set_apart("S1", "A", 3, "damaged", "saleable", "broken")
    assert (whose("A", shop.s1), whose("A", shop.s1, "damaged")) == ({"L01": 10}, {"L01": 3})
    assert nothing_differs()


def test_they_stay_the_suppliers_on_their_way_and_are_what_such_goods_are_where_they_come(trade):
    # given it is consigned in S2 too, and B is not
    shop = trade.shop
    consigned(shop, "A", "B", at=shop.s1)
    consigned(shop, "A", at=shop.s2)
    transfer = trade.ask("S1", "S2", [("A", 2), ("B", 2)], "please")
    # when
    send_transfer(number=transfer.number, actor="test")
    change_hands()
    way = StockLevel.objects.filter(condition="in_transit", on_hand__gt=0)
    on_the_way = {level.variant.sku: level.owner.code for level in way}
    receive_transfer(number=transfer.number, actor="test")
    # then
    assert on_the_way == {"A": "L01", "B": "L01"}
    assert (whose("A", shop.s2), whose("B", shop.s2)) == ({"L01": 6}, {"OWN": 6})
    assert nothing_differs()


def test_a_recall_holds_back_the_suppliers_goods_as_his(trade):
    shop = trade.shop
    consigned(shop, "A", at=shop.s1)
    start_recall(variants=[shop.variants["A"]], why="It breaks", advice="Bring it back", actor="test")
    assert (whose("A", shop.s1), whose("A", shop.s1, "quality")) == ({}, {"L01": 14})
    assert nothing_differs()


def test_what_may_be_sold_of_a_recalled_product_changes_hands_as_it_is(trade):
    shop, now = trade.shop, timezone.now()
    start_recall(variants=[shop.variants["A"]], why="It breaks", advice="Bring it back", actor="test")
    cause = Cause("stock_document", "V1", now.date(), now, now.date(), "test")
    before, after = (Spot(shop.s1.pk, owner.pk) for owner in (shop.franchisee, a_supplier()))
    moves = [Move(cause, 1, "owner", shop.variants["A"].pk, Decimal(1), before, after)]
    assert set_apart(moves) == moves


def test_customers_see_the_same_stock_before_and_after(trade):
    shop = trade.shop
    put_rule(rule=SafetyRule(quantity=Decimal(1)))
    write_safety()
    asked = ["", "explain/", "explain/"]
    ways = ["", "&method=collect", "&method=delivery"]

    def told() -> list[Any]:
        answers = [shop.get(f"availability/{path}?sku=A{way}").json() for path, way in zip(asked, ways, strict=True)]
        return [{name: what for name, what in answer.items() if name != "as_of"} for answer in answers]

    before = told()
    consigned(shop, "A")
    assert told() == before


def test_owners_are_read_in_one_query_whatever_is_asked(trade, django_assert_num_queries):
    shop = trade.shop
    consigned(shop, "A", "B", "C")
    with django_assert_num_queries(1):
        owners_on(location_ids=trade_places(trade), variant_ids=[v.pk for v in shop.variants.values()])


def trade_places(trade: Trade) -> list[int]:
    return [place.pk for place in trade.places.values()]
