"""Everything that waits in a store, on one page."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.inventory.models import Count, StoreTask, Transfer
from apps.inventory.services.counts.closing import submit_count
from apps.inventory.services.purchases.announcing import announce_delivery
from apps.network import directory
from apps.network.models import OpeningDay
from apps.orders.models import Order
from apps.orders.services.dating import date_anew
from apps.orders.services.fulfilling import mark_ready, pick
from apps.portal.models import WorkTime
from apps.portal.registry import contributed
from apps.portal.work.reading import first_due, standing
from apps.portal.work.times import set_work_times
from apps.returns.models import Return
from apps.service.services.contacts import Contact, log_contact
from apps.service.services.questions import ask as ask_store
from tests.inventory.counting import note, opened
from tests.inventory.transfers import ask, send
from tests.orders.counter import order_of, text_of
from tests.shop import Shop, open_shop
from tests.staff import browser, person

LONG_AGO = dt.timedelta(days=30)


@pytest.fixture
def shop(db: None) -> Shop:
    shop = open_shop()
    for store in (shop.s1, shop.s2):
        shop.receive(store, A=40, B=40, C=40)
    return shop


@pytest.fixture
def manager(shop: Shop):
    return person("Daan de Ruiter", "store_manager", location=shop.s1)


@pytest.fixture
def head_office(shop: Shop):
    return person("Mirjam Vos", "head_office")


def in_store(shop: Shop, store: str, *lines) -> Order:
    now = timezone.now().isoformat()
    return order_of(shop, *lines, placed_at=now, fulfilment={"method": "collect", "location": store})


def parcel_from(shop: Shop, store) -> Order:
    shop.sends(store)
    address = {"postcode": "3511AB", "house_number": "1", "city": "Utrecht"}
    fulfilment = {"method": "delivery", "address": address}
    return order_of(shop, ("C", 1), placed_at=timezone.now().isoformat(), fulfilment=fulfilment)


def one_of_each(shop: Shop) -> dict[str, str]:
    """Something of each kind waits in S1: {kind: where it is done}."""
    to_pick, ready, brought = (in_store(shop, "S1", ("A", 1), ("B", 1)) for _n in range(3))
    for order in (ready, brought):
        pick(number=order.number, actor="test")
        mark_ready(number=order.number, actor="test")
    shop.post(f"orders/{brought.number}/hand-over/", {"collect_code": brought.collect_code})
    announced = {
        "external_id": f"RET-{brought.number}",
        "channel": "web",
        "lines": [{"order": brought.number, "line": 1, "quantity": 1, "reason": "too_small"}],
        "destination": {"method": "store", "location": "S1"},
    }
    rma = Return.objects.get(number=shop.post("returns/", announced).json()["number"])
    Return.objects.filter(pk=rma.pk).update(status="received", received_at=timezone.now())
    parcel = parcel_from(shop, shop.s1)
    pick(number=parcel.number, actor="test")
    goes = ask(shop, sender=shop.s1, receiver=shop.s2, A=1)
    wanted = ask(shop, sender=shop.s1, receiver=shop.s2, waits=True, A=1)
    comes = send(ask(shop, sender=shop.s2, receiver=shop.s1, B=1))
    counting, counted = opened(shop, "A", location=shop.s1), opened(shop, "A", "B", location=shop.s1)
    note(shop, counted, "A", 100)
    submit_count(count=counted, actor="test")
    set_work_times(minutes={"inventory.deliveries": 2 * 24 * 60})  # it is expected today, at whatever hour this runs
    notice = announce_delivery(
        location=shop.s1,
        supplier="Van Dam BV",
        reference="PO-1",
        expected_on=timezone.localdate(),
        lines=[(shop.variants["C"], Decimal(2))],
        actor="test",
    )
    missing, stays, recalled = (
        StoreTask.objects.create(
            location=shop.s1, kind=kind, variant=shop.variants["A"], cause_type="order", cause_id=to_pick.number
        )
        for kind in ("count_missing", "put_back", "take_off")
    )
    contact = Contact(
        source="phone",
        external_id=to_pick.number,
        source_record_id=None,
        channel="phone",
        topic="other",
        occurred_at=timezone.now(),
    )
    moment, _is_new = log_contact(contact=contact, actor="test")
    question = ask_store(contact=moment, text="Is it still there?", of=shop.s1, actor="test")
    return {
        "orders.pick": f"/orders/{to_pick.number}/pick/",
        "orders.ship": f"/orders/{parcel.number}/ship/",
        "orders.collect": f"/orders/{ready.number}/hand-over/",
        "returns.inspect": f"/returns/{rma.number}/take-in/",
        "inventory.agree": f"/stock/transfers/{wanted.number}/",
        "inventory.send": f"/stock/transfers/{goes.number}/send/",
        "inventory.receive": f"/stock/transfers/{comes.number}/receive/",
        "inventory.deliveries": f"/stock/deliveries/{notice.number}/receive/",
        "inventory.tasks": f"/stock/tasks/done/?task={missing.pk}",
        "inventory.put_back": f"/stock/tasks/done/?task={stays.pk}",
        "inventory.take_off": f"/stock/recalls/take-off/?task={recalled.pk}",
        "inventory.counts": f"/stock/counts/{counting.number}/count/",
        "inventory.approve": f"/stock/counts/{counted.number}/",
        "service.answer": question.get_absolute_url(),
    }


def done_at(response) -> list[str]:
    """Where the things on a page are done, from top to bottom."""
    return re.findall(r'<a class="task" href="([^"]+)"', response.content.decode())


def counts(principal) -> dict[str, tuple[int, int]]:
    """{kind: (waiting, late)} over all locations."""
    found: dict[str, tuple[int, int]] = {}
    for each in standing(contributed, principal):
        waiting, late = found.get(each.kind, (0, 0))
        found[each.kind] = (waiting + each.waiting, late + each.late)
    return found


# --- what waits --------------------------------------------------------------------------------------------------------


def test_everything_that_waits_in_a_store_is_on_one_page(shop, manager):
    # given
    where = one_of_each(shop)
    # when
    page = browser(manager).get("/work/")
    # then each leads to where it is done, and is counted once
    assert sorted(done_at(page)) == sorted(where.values())
    assert counts(manager) == dict.fromkeys(where, (1, 0))
    assert set(where) == {kind.name for kind in contributed.work_for(manager)}
    assert f"{len(where)} things to do" in text_of(page)
    assert f'<span class="count now">{len(where)}<span' in text_of(page)


def test_an_associate_is_not_asked_to_approve(shop):
    one_of_each(shop)
    page = browser(person("Bo Jansen", "store_associate", location=shop.s1)).get("/work/")
    assert "Approve count" not in text_of(page)
    assert len(done_at(page)) == 13


def test_what_another_store_does_is_not_here(shop):
    one_of_each(shop)
    other = person("Els Bakker", "store_manager", location=shop.s2)
    goes, _wanted, _comes = Transfer.objects.order_by("pk")
    assert done_at(browser(other).get("/work/")) == []
    send(goes)
    assert done_at(browser(other).get("/work/")) == [f"/stock/transfers/{goes.number}/receive/"]


def test_a_parcel_is_picked_first_and_then_sent(shop, manager):
    parcel = parcel_from(shop, shop.s1)
    assert counts(manager) == {"orders.pick": (1, 0)}
    pick(number=parcel.number, actor="test")
    assert counts(manager) == {"orders.ship": (1, 0)}
    shop.post(f"orders/{parcel.number}/ship/")
    assert counts(manager) == {}


def test_an_order_that_is_not_paid_yet_is_no_work(shop, manager):
    unpaid = shop.order_body(("A", 1), payments=[{"method": "ideal", "status": "pending", "amount": "10.00"}])
    answer = shop.post("orders/", unpaid)
    assert answer.status_code == 201, answer.content
    assert Order.objects.get().status == "awaiting_payment"
    assert counts(manager) == {}


# --- by when -----------------------------------------------------------------------------------------------------------


def place_at(shop: Shop, moment: dt.datetime) -> Order:
    order = in_store(shop, "S1", ("A", 1), ("B", 1))
    placed_then(Order.objects.filter(pk=order.pk), moment)
    return order


def placed_then(orders: QuerySet[Order], moment: dt.datetime) -> None:
    """As if these had been placed at another moment."""
    orders.update(placed_at=moment)
    for order in orders:
        date_anew(order, order.lines.all(), since=moment)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_an_order_is_late_two_opening_hours_after_it_came_in(shop, manager):
    # given an order of half past four in the afternoon, Dutch time
    place_at(shop, utc("2026-11-20 15:30"))
    # then half an hour of the next morning is left for it
    for moment, late in (("2026-11-20 20:00", 0), ("2026-11-21 08:29", 0), ("2026-11-21 08:30", 1)):
        [stands] = standing(contributed, manager, now=utc(moment))
        assert (stands.waiting, stands.late) == (1, late), moment
    [waiting] = first_due(contributed.work_for(manager), manager, limit=5)
    assert waiting.due == utc("2026-11-21 08:30")
    assert waiting.urgency(utc("2026-11-21 07:00")) == ""
    assert waiting.urgency(utc("2026-11-21 08:00")) == "soon"
    assert waiting.urgency(utc("2026-11-21 08:30")) == "late"


def test_what_is_to_be_done_first_stands_on_top_and_late_says_so_in_words(shop, manager):
    # given a transfer that waits longer than the orders but has more time
    goes = ask(shop, sender=shop.s1, receiver=shop.s2, A=1)
    Transfer.objects.update(requested_at=timezone.now() - dt.timedelta(minutes=5))
    newer, older = place_at(shop, timezone.now()), place_at(shop, timezone.now() - LONG_AGO)
    # when
    page = browser(manager).get("/work/")
    # then
    assert done_at(page) == [
        f"/orders/{older.number}/pick/",
        f"/orders/{newer.number}/pick/",
        f"/stock/transfers/{goes.number}/send/",
    ]
    assert re.search(r'<span class="due late">\d+\sd \d+\sh late</span>', text_of(page))
    assert "1 late" in text_of(page)


def test_head_office_sets_how_soon_work_is_to_be_done(shop, manager, head_office):
    # given
    ask(shop, sender=shop.s1, receiver=shop.s2, A=1)
    Transfer.objects.update(requested_at=timezone.now() - dt.timedelta(days=3))
    client = browser(head_office)
    form = client.get("/work/deadlines/").context["form"]
    hours = {name: form.initial[name] for name in form.fields}
    assert hours["inventory.send"] == 9
    assert counts(manager) == {"inventory.send": (1, 1)}
    # when
    answer = client.post("/work/deadlines/", hours | {"inventory.send": "90"})
    # then
    assert answer.status_code == 302
    assert WorkTime.objects.get(kind="inventory.send").minutes == 5400
    assert counts(manager) == {"inventory.send": (1, 0)}
    refused = client.post("/work/deadlines/", hours | {"inventory.send": "0"})
    assert refused.status_code == 422
    assert WorkTime.objects.get(kind="inventory.send").minutes == 5400


def test_a_day_on_which_the_store_is_closed_does_not_count(shop, manager):
    # given an order of Friday afternoon, and a store that is closed on Saturday
    OpeningDay.objects.create(location=shop.s1, day=dt.date(2026, 11, 21))
    directory.forget()
    place_at(shop, utc("2026-11-20 15:30"))
    # then it is to be done on Sunday
    [waiting] = first_due(contributed.work_for(manager), manager, limit=5)
    assert waiting.due == utc("2026-11-22 08:30")
    assert [s.late for s in standing(contributed, manager, now=utc("2026-11-21 23:00"))] == [0]


def test_lateness_goes_by_the_clock_of_each_location(shop, manager):
    # given a store in London, where it is an hour earlier
    shop.s2.time_zone = "Europe/London"
    shop.s2.save()
    both = person("Wil Smit", "franchisee", legal_entity=shop.own)
    for store in ("S1", "S2"):
        in_store(shop, store, ("A", 1))
    directory.forget()
    placed_then(Order.objects.all(), utc("2026-11-20 03:00"))
    # when it is eleven in the Netherlands
    now = utc("2026-11-20 10:00")
    # then
    assert [(s.location_id, s.late) for s in standing(contributed, manager, now=now)] == [(shop.s1.pk, 1)]
    assert [(s.location_id, s.late) for s in standing(contributed, both, now=now)] == [(shop.s2.pk, 0)]
    assert first_due(contributed.work_for(both), both, limit=1)[0].due == utc("2026-11-20 11:00")


# --- narrowing ---------------------------------------------------------------------------------------------------------


def test_work_is_narrowed_by_kind_and_by_store(shop):
    # given somebody with two stores
    where = one_of_each(shop)
    both = person("Wil Smit", "store_manager", location=shop.s1)
    both.assignments.create(role="store_manager", location=shop.s2)
    there = in_store(shop, "S2", ("A", 1))
    client = browser(both)
    there_url = f"/orders/{there.number}/pick/"
    # then
    assert len(done_at(client.get("/work/"))) == len(where) + 1
    assert set(done_at(client.get("/work/?kind=orders.pick"))) == {where["orders.pick"], there_url}
    assert done_at(client.get("/work/?kind=orders.pick&store=S2")) == [there_url]
    assert done_at(client.get("/work/?kind=orders.collect&store=S2")) == []
    assert "Nothing waits" in text_of(client.get("/work/?kind=orders.collect&store=S2"))
    assert "Leiden" in text_of(client.get("/work/?kind=orders.pick"))
    # and what is not one's own, or nothing at all, narrows nothing
    assert len(done_at(client.get("/work/?kind=nonsense&store=DC"))) == len(where) + 1


def test_head_office_sees_the_stores_first_and_the_work_of_one(shop, head_office):
    # given
    one_of_each(shop)
    in_store(shop, "S2", ("A", 1))
    placed_then(Order.objects.filter(location=shop.s2), timezone.now() - LONG_AGO)
    client = browser(head_office)
    # when
    page = client.get("/work/")
    # then the late one stands on top
    rows = re.findall(r'<a href="(/work/\?store=\w+)">([^<]+)</a>', page.content.decode())
    assert rows == [("/work/?store=S2", "Leiden"), ("/work/?store=S1", "Utrecht")]
    stores = page.context["stores"]
    assert [(s.place.code, s.waiting, s.late) for s in stores] == [("S2", 1, 1), ("S1", 14, 0)]
    # and the work itself by store, which leads to pages that head office may open, without customers' names
    work = client.get("/work/?store=S1")
    assert len(done_at(work)) == 14
    assert {client.get(url).status_code for url in done_at(work)} == {200}
    assert "Jan" not in re.findall(r'<span class="meta">([^<]*)', work.content.decode())
    assert "count now" not in work.content.decode()


def test_somebody_with_two_ends_of_a_transfer_does_both(shop):
    both = person("Wil Smit", "store_manager", location=shop.s1)
    both.assignments.create(role="store_manager", location=shop.s2)
    goes = ask(shop, sender=shop.s1, receiver=shop.s2, A=1)
    assert done_at(browser(both).get("/work/")) == [f"/stock/transfers/{goes.number}/send/"]
    send(goes)
    assert done_at(browser(both).get("/work/")) == [f"/stock/transfers/{goes.number}/receive/"]


# --- one truth ---------------------------------------------------------------------------------------------------------


def test_today_and_the_scan_page_read_the_same(shop, manager, head_office):
    where = one_of_each(shop)
    client = browser(manager)
    today, scan, work = (client.get(path) for path in ("/", "/scan/", "/work/"))
    assert done_at(today) == done_at(scan) == done_at(work)[:6]
    assert f'<a class="end muted" href="/work/">All {len(where)}</a>' in text_of(today)
    assert '<a href="/work/?kind=orders.pick">1</a>' in text_of(today)
    assert 'href="/work/?store=S1"' in text_of(browser(head_office).get("/"))


def test_the_number_of_queries_does_not_grow(shop, manager, head_office):
    def queries(user, path: str) -> int:
        client = browser(user)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    one_of_each(shop)
    few = [queries(manager, "/work/"), queries(head_office, "/work/"), queries(head_office, "/work/?store=S1")]
    for _n in range(3):
        one_of_each(shop)
        in_store(shop, "S2", ("A", 1))
    many = [queries(manager, "/work/"), queries(head_office, "/work/"), queries(head_office, "/work/?store=S1")]
    assert many == few
    assert few[1] <= 14


def test_how_it_stands_is_one_statement_however_many_kinds(shop, manager):
    one_of_each(shop)
    standing(contributed, manager)
    with CaptureQueriesContext(connection) as captured:
        assert len(standing(contributed, manager)) == 14
    assert len(captured) == 2


def test_the_day_page_reads_how_it_stands_once_for_all_that_it_shows(shop, manager):
    one_of_each(shop)
    client = browser(manager)
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/").status_code == 200
    assert sum("UNION ALL" in query["sql"] and "_waiting" in query["sql"] for query in captured) == 1


def test_deadlines_are_kept_for_what_has_been_set_only(shop, manager):
    set_work_times(minutes={"orders.pick": 60})
    set_work_times(minutes={"orders.pick": 90, "inventory.send": 30})
    assert dict(WorkTime.objects.values_list("kind", "minutes")) == {"orders.pick": 90, "inventory.send": 30}
    assert Count.objects.count() == 0
