"""Consignments as head office agrees on them, and as stores see whose goods lie there."""

import datetime as dt

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.catalogue.models import Product, Variant
from apps.inventory.models import Consignment
from apps.network.models import LegalEntity
from tests.inventory.acting import Trade, open_trade
from tests.inventory.consigning import a_supplier, consigned, whose
from tests.orders.counter import text_of
from tests.staff import browser, person

LIST, OWED = "/stock/consignments/", "/stock/consignments/owed/"


@pytest.fixture
def trade(shop) -> Trade:
    return open_trade(shop)


@pytest.fixture
def office(shop):
    return browser(person("Mirjam Vos", "head_office"))


def test_head_office_takes_goods_in_consignment_and_ends_it(office, trade):
    # given a supplier of whom nobody had heard
    shop, today = trade.shop, timezone.localdate()
    answer = office.post(f"{LIST}supplier/", {"code": "L07", "name": "Keramiek Zuid"})
    assert answer.status_code == 302, text_of(answer)
    assert LegalEntity.objects.get(code="L07").kind == "supplier"
    assert office.post(f"{LIST}supplier/", {"code": "OWN", "name": "Dubbel"}).status_code == 409
    # when
    agreed = {"supplier": "L07", "codes": "A\nP-B", "locations": "S1", "since": today.isoformat()}
    answer = office.post(f"{LIST}add/", agreed)
    assert answer.status_code == 302, text_of(answer)
    # then
    assert (whose("A", shop.s1), whose("B", shop.s1), whose("A", shop.s2)) == ({"L07": 14}, {"L07": 14}, {"OWN": 4})
    page = text_of(office.get(LIST))
    assert all(word in page for word in ("Keramiek Zuid", "Utrecht", "In force"))
    # and again it is refused, as is what nobody knows
    assert "in consignment there already" in text_of(office.post(f"{LIST}add/", agreed))
    assert "“S9” is not known." in text_of(office.post(f"{LIST}add/", agreed | {"locations": "S9"}))
    assert "“Z” is not known." in text_of(office.post(f"{LIST}add/", agreed | {"codes": "Z"}))
    # and it ends
    Consignment.objects.filter(variant__sku="A").update(valid=DateRange(today - dt.timedelta(days=3), None))
    one = Consignment.objects.get(variant__sku="A")
    answer = office.post(one.get_absolute_url(), {"until": today.isoformat()})
    assert answer.status_code == 302, text_of(answer)
    assert whose("A", shop.s1) == {"F01": 14}
    assert "Ended" in text_of(office.get(f"{LIST}?view=all"))


def test_what_has_not_begun_is_taken_out(office, trade):
    later = timezone.localdate() + dt.timedelta(days=5)
    found = consigned(trade.shop, "A", since=later)
    assert "Begins later" in text_of(office.get(f"{LIST}?view=later"))
    assert office.post(found.get_absolute_url(), {"until": later.isoformat()}).status_code == 302
    assert not Consignment.objects.exists()


def test_what_suppliers_are_owed_of_a_period(office, trade):
    # given two sold at the till, three collected, one that came back, one lost, and what was sold before it was his
    shop, today = trade.shop, timezone.localdate()
    trade.sell("S1", [("A", 4)], "before")
    consigned(shop, "A", at=shop.s1)
    consigned(shop, "A", at=shop.s2)
    trade.receive("S1", "A", 6, "delivery")
    sold = trade.sell("S1", [("A", 2), ("B", 1)], "till")
    order = trade.place([("A", 3)], "S1", "web", terms="paid")
    trade.take_from_shelf(order.number)
    trade.give(order.number)
    trade.take_back("S2", sold.number, 1, 1, "saleable", "back")
    trade.correct("S1", "A", 1, "stolen", "saleable", "gone")
    # when
    (row,) = office.get(f"{OWED}?days_after={today}&days_before={today}").context_data["table"].rows
    # then
    figures = [getattr(row.record, name) for name in ("received", "sold", "returned", "lost", "owed")]
    assert figures == [6, 5, 1, 1, 4]
    # and as a file, and of other days nothing
    file = office.get(f"{OWED}?part=export&format=data")
    lines = b"".join(file.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert lines[1].split(",")[-5:] == ["6", "5", "1", "1", "4"]
    tomorrow = today + dt.timedelta(days=1)
    (row,) = office.get(f"{OWED}?days_after={tomorrow}").context_data["table"].rows
    assert row.record.owed == 0


def test_stores_see_whose_goods_lie_there(trade):
    shop = trade.shop
    consigned(shop, "A", at=shop.s1)
    seen = {}
    for store in (shop.s1, shop.s2):
        client = browser(person(f"{store.code} Vos", "store_manager", location=store))
        pages = [text_of(client.get(path)) for path in ("/stock/of/A/", "/stock/of/A/why/", "/stock/of/B/")]
        seen[store.code] = ["In consignment from Keramiek Zuid" in page for page in pages]
    assert seen == {"S1": [True, True, False], "S2": [False, False, False]}
    # and of one that holds everywhere, the store's own goes first
    consigned(shop, "A", supplier=a_supplier("L02", "Glas Noord"))
    client = browser(person("Bo Jansen", "store_manager", location=shop.s1))
    page = text_of(client.get("/stock/of/A/why/"))
    assert "In consignment from Keramiek Zuid" in page
    assert "Glas Noord" not in page


@pytest.mark.parametrize("path", [LIST, OWED, f"{LIST}add/", "/stock/of/A/"])
def test_pages_cost_as_many_queries_however_long(office, trade, path):
    def add(n: int) -> None:
        for i in range(n):
            product = Product.objects.create(code=f"P{n}{i}")
            variant = Variant.objects.create(product=product, sku=f"V{n}{i}")
            days = DateRange(timezone.localdate(), None)
            Consignment.objects.create(supplier=a_supplier(f"L{n}{i}"), variant=variant, valid=days)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert office.get(path).status_code == 200
        return len(counted)

    add(2)
    queries()
    few = queries()
    add(9)
    assert queries() == few
