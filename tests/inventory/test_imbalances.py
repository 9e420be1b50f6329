"""Imbalances over the chain: worked out from sell-through and stock, shown to head office, asked for many at once."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from apps.core.errors import Conflict
from apps.core.jobs.running import run_job
from apps.core.models import Job
from apps.inventory.models import Imbalance, SellThrough, StockLevel, Transfer
from apps.inventory.services.transfers import balancing
from apps.inventory.services.transfers.balancing import ask_for, work_out_all
from apps.inventory.services.transfers.sending import send_transfer
from apps.inventory.services.types import InsufficientStock
from apps.network import directory
from apps.network.models import Location, Ownership
from tests.orders.counter import text_of
from tests.shop import Shop, nothing_differs, open_shop
from tests.staff import browser, person


@pytest.fixture
def shop(db):
    """S1 sells one of A a day and has two; S2 has thirty and sells none."""
    shop = open_shop()
    shop.receive(shop.s1, A=2)
    shop.receive(shop.s2, A=30)
    sells(shop, shop.s1, "A", 1)
    return shop


def sells(shop: Shop, location: Location, sku: str, per_day) -> None:
    SellThrough.objects.update_or_create(
        variant=shop.variants[sku], location=location, defaults={"per_day": Decimal(per_day)}
    )


def store(shop: Shop, code: str, postcode: str) -> Location:
    place = Location.objects.create(code=code, name=code, postcode=postcode, city=code)
    Ownership.objects.create(location=place, legal_entity=shop.own, valid=DateRange(dt.date(2020, 1, 1), None))
    directory.forget()
    return place


def rows() -> list[tuple[str, str, str, Decimal]]:
    work_out_all()
    found = Imbalance.objects.order_by("variant__sku", "days", "receiver__code")
    return list(found.values_list("variant__sku", "receiver__code", "sender__code", "quantity"))


def test_a_store_that_runs_out_is_given_for_three_weeks_by_one_that_can_spare_it(shop):
    assert rows() == [("A", "S1", "S2", 19)]
    row = Imbalance.objects.get()
    assert (row.there, row.per_day, row.days, row.spare) == (2, 1, 2, 30)
    assert (row.receiver_owner, row.sender_owner) == (shop.franchisee, shop.own)


def test_whoever_sells_it_keeps_four_weeks_of_its_own_sales(shop):
    sells(shop, shop.s2, "A", 1)
    assert rows() == [("A", "S1", "S2", 2)]
    sells(shop, shop.s2, "A", 2)
    assert rows() == []


def test_what_is_coming_counts_as_there(shop):
    work_out_all()
    ask_for(imbalance=Imbalance.objects.get(), actor="test")
    assert rows() == []


def test_what_is_spare_is_given_away_once_first_to_who_runs_out_first(shop):
    # given a store that has none at all, and one sender with enough for one of them and a bit
    s3 = store(shop, "S3", "2321AA")
    sells(shop, s3, "A", 1)
    # then
    assert rows() == [("A", "S3", "S2", 21), ("A", "S1", "S2", 9)]


def test_the_nearest_that_can_give_all_of_it_is_asked(shop):
    # given a near one with too few, and another a little further with enough
    near, further = store(shop, "NEAR", "3512AA"), store(shop, "ELSE", "3981AA")
    shop.receive(near, A=5)
    shop.receive(further, A=25)
    assert rows() == [("A", "S1", "ELSE", 19)]
    # when nobody has all of it
    StockLevel.objects.filter(variant__sku="A", location__in=[further, shop.s2]).update(on_hand=4)
    assert rows() == [("A", "S1", "NEAR", 5)]


def test_a_closed_store_neither_gives_nor_gets(shop):
    Location.objects.filter(pk=shop.s2.pk).update(active_until=dt.date(2020, 1, 1))
    directory.forget()
    assert rows() == []


def test_a_variant_that_is_no_longer_sold_leaves_the_list(shop, monkeypatch):
    # given that variants are read one at a time
    monkeypatch.setattr(balancing, "BATCH", 1)
    shop.receive(shop.s2, B=50)
    sells(shop, shop.s1, "B", 1)
    assert [row[0] for row in rows()] == ["A", "B"]
    SellThrough.objects.all().delete()
    assert rows() == []


def test_it_reads_the_chain_in_as_many_queries_as_there_are_batches(shop):
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            work_out_all()
        return len(seen)

    work_out_all()
    one = asked()
    for sku in ("B", "C"):
        shop.receive(shop.s2, **{sku: 50})
        sells(shop, shop.s1, sku, 1)
    assert asked() == one


# --- asking -----------------------------------------------------------------------------------------------------------


def test_several_things_from_one_store_to_another_go_on_one_slip(shop):
    # given
    for sku in ("B", "C"):
        shop.receive(shop.s2, **{sku: 50})
        sells(shop, shop.s1, sku, 1)
    work_out_all()
    # when
    for row in Imbalance.objects.order_by("variant__sku"):
        ask_for(imbalance=row, actor="user:1")
    # then
    transfer = Transfer.objects.get()
    assert list(transfer.lines.values_list("line", "variant__sku", "requested")) == [
        (1, "A", 19),
        (2, "B", 21),
        (3, "C", 21),
    ]
    assert shop.stock("B", shop.s2).reserved == 21
    assert not Imbalance.objects.exclude(transfer=transfer).exists()
    assert nothing_differs()
    # and it can be sent, all of it
    send_transfer(number=transfer.number, actor="test")
    assert nothing_differs()


def test_what_was_sent_gets_nothing_more_but_a_slip_of_its_own(shop):
    shop.receive(shop.s2, B=50)
    sells(shop, shop.s1, "B", 1)
    work_out_all()
    first, second = Imbalance.objects.order_by("variant__sku")
    send_transfer(number=ask_for(imbalance=first, actor="user:1").number, actor="test")
    ask_for(imbalance=second, actor="user:1")
    assert Transfer.objects.count() == 2


def test_it_is_asked_for_once_and_only_what_there_is(shop):
    work_out_all()
    row = Imbalance.objects.get()
    StockLevel.objects.filter(variant__sku="A", location=shop.s2).update(on_hand=3)
    with pytest.raises(InsufficientStock):
        ask_for(imbalance=row, actor="user:1")
    assert not Transfer.objects.exists()
    StockLevel.objects.filter(variant__sku="A", location=shop.s2).update(on_hand=30)
    ask_for(imbalance=row, actor="user:1")
    with pytest.raises(Conflict):
        ask_for(imbalance=row, actor="user:1")


# --- pages ------------------------------------------------------------------------------------------------------------


def test_head_office_asks_for_many_and_hears_what_each_came_to(shop):
    # given one that can be asked for, and one that somebody sold meanwhile
    shop.receive(shop.s2, B=50)
    sells(shop, shop.s1, "B", 1)
    work_out_all()
    StockLevel.objects.filter(variant__sku="B", location=shop.s2).update(on_hand=0)
    client = browser(person("Mirjam Vos", "head_office"))
    picked = {"act": "ask", "pick": list(Imbalance.objects.values_list("pk", flat=True))}
    # when
    asked = text_of(client.post("/stock/imbalances/?part=many", picked))
    assert "between two owners" in asked
    client.post("/stock/imbalances/?part=many", picked | {"sure": "2"})
    # then
    job = Job.objects.get()
    assert Transfer.objects.get().lines.get().variant.sku == "A"
    assert any("not enough stock" in line for line in job.lines.values_list("text", flat=True))
    page = text_of(client.get("/stock/imbalances/?view=asked"))
    assert Transfer.objects.get().number in page


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("owner=F01", True),
        ("same_owner=true", False),
        ("same_owner=false", True),
        ("region=35", True),
        ("region=10", False),
        ("receiver=S1", True),
        ("receiver=S2", False),
    ],
)
def test_the_list_is_narrowed(shop, asked, shown):
    work_out_all()
    page = text_of(browser(person("Mirjam Vos", "head_office")).get(f"/stock/imbalances/?view=open&{asked}"))
    assert ("/stock/of/A/" in page) == shown


def test_it_is_worked_out_anew_by_a_job(shop):
    client = browser(person("Mirjam Vos", "head_office"))
    client.post("/stock/imbalances/anew/")
    job = Job.objects.get()
    run_job(job.key)
    job.refresh_from_db()
    assert (job.state, job.link) == ("done", "/stock/imbalances/")


def test_a_store_does_not_see_what_all_others_have(shop):
    manager = person("Daan de Ruiter", "store_manager", location=shop.s1)
    assert browser(manager).get("/stock/imbalances/").status_code == 403


def test_the_list_asks_no_more_for_more_rows(shop):
    client = browser(person("Mirjam Vos", "head_office"))

    def asked() -> int:
        work_out_all()
        with CaptureQueriesContext(connection) as seen:
            client.get("/stock/imbalances/")
        return len(seen)

    asked()
    one = asked()
    for sku in ("B", "C"):
        shop.receive(shop.s2, **{sku: 50})
        sells(shop, shop.s1, sku, 1)
    assert asked() == one
