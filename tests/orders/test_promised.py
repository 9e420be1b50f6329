"""What a customer is promised when an order is placed, paid, re-sourced or comes another way, and whether it was kept."""

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apps.core.events.subscribers import catch_up
from apps.inventory.models import Criterion
from apps.inventory.services import profiles
from apps.inventory.services.profiles import draft_profile, publish_profile, put_strategy
from apps.inventory.services.purchases.announcing import announce_delivery
from apps.messages.models import Message
from apps.network import directory
from apps.network.keeping_hours import set_hours
from apps.network.models import Location, OpeningDay
from apps.orders.models import Order
from apps.orders.promised import promise_of
from apps.orders.services.paying import pay
from apps.orders.services.rerouting import reroute
from apps.orders.services.shortages import refuse, report_short
from apps.payments.services.types import Tendered
from tests.orders.counter import order_of, text_of
from tests.shop import Shop
from tests.staff import browser, person

SENT = {"method": "delivery", "address": {"postcode": "3511AB", "house_number": "1", "city": "Utrecht"}}
COLLECTED = {"method": "collect", "location": "S1", "address": SENT["address"]}
SATURDAY = "2026-11-21T12:00:00+01:00"


def local(text: str) -> dt.datetime:
    return timezone.make_aware(dt.datetime.fromisoformat(text))


def handled_by(order: Order) -> list[dt.datetime]:
    return list(order.lines.order_by("line").values_list("handle_by", flat=True))


@pytest.fixture
def stock(shop: Shop) -> None:
    shop.receive(shop.dc, A=5, B=5)


def test_what_is_collected_is_promised_from_when_the_store_has_picked_it(shop: Shop) -> None:
    # given a store that closes at two on Saturdays and is closed on Sunday
    set_hours(location=shop.s1, week=["9-18"] * 5 + ["9-14", ""], picking_minutes=180)
    directory.forget()
    # when
    answer = shop.post("orders/", shop.order_body(("A", 1), placed_at=SATURDAY)).json()
    # then an hour of it is done on Monday
    order = Order.objects.get(number=answer["number"])
    assert order.promised_at == local("2026-11-23 10:00")
    assert handled_by(order) == [order.promised_at]
    assert dt.datetime.fromisoformat(answer["fulfilment"]["collect_from"]) == order.promised_at
    assert answer["fulfilment"]["delivery_on"] is None
    assert shop.get(f"orders/{order.number}/").json()["fulfilment"] == answer["fulfilment"]


def test_a_parcel_is_promised_at_the_door_and_leaves_in_time_for_it(shop: Shop, stock: None) -> None:
    set_hours(location=shop.dc, week=["6-22"] * 6 + [""], parcel_cut_off=dt.time(20), transit_days=2)
    directory.forget()
    answer = shop.post("orders/", shop.order_body(("A", 1), placed_at=SATURDAY, fulfilment=SENT)).json()
    order = Order.objects.get(number=answer["number"])
    assert handled_by(order) == [local("2026-11-21 20:00")]
    assert order.promised_at == local("2026-11-24 23:59")
    assert answer["fulfilment"]["delivery_on"] == "2026-11-24"
    assert answer["fulfilment"]["collect_from"] is None


def test_an_order_of_several_parcels_is_promised_for_the_last_of_them(shop: Shop, stock: None) -> None:
    # given B only in a store that is closed until Wednesday
    shop.sends(shop.s2)
    shop.receive(shop.s2, C=1)
    for day in range(21, 25):
        OpeningDay.objects.create(location=shop.s2, day=dt.date(2026, 11, day))
    directory.forget()
    order = order_of(shop, ("A", 1), ("C", 1), placed_at=SATURDAY, fulfilment=SENT)
    assert sorted(handled_by(order)) == [local("2026-11-21 17:00"), local("2026-11-25 17:00")]
    assert order.promised_at == local("2026-11-26 23:59")


def test_the_day_that_the_shop_told_is_kept_as_the_promise(shop: Shop, stock: None) -> None:
    told = SENT | {"delivery_on": "2026-11-27"}
    order = order_of(shop, ("A", 1), placed_at=SATURDAY, fulfilment=told)
    assert order.promised_at == local("2026-11-27 23:59")
    assert handled_by(order) == [local("2026-11-21 17:00")]
    refused = shop.post("orders/", shop.order_body(placed_at=SATURDAY, fulfilment=SENT | {"delivery_on": "2026-11-20"}))
    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "fulfilment.delivery_on")


def test_the_time_begins_when_the_order_is_paid(shop: Shop) -> None:
    order = order_of(shop, ("A", 1), placed_at=SATURDAY, payments=[])
    before = order.promised_at
    pay(number=order.number, payments=[Tendered("ideal", order.total, "captured", "", "")], actor="t")
    order.refresh_from_db()
    assert order.promised_at > before
    assert order.promised_at >= timezone.now()
    assert handled_by(order) == [order.promised_at]


def test_a_later_payment_keeps_the_day_that_the_shop_told(shop: Shop, stock: None) -> None:
    # given one day that can be kept, and one that is over
    told = [timezone.localdate() + dt.timedelta(days=30), dt.date(2026, 11, 21)]
    later, over = (
        order_of(shop, placed_at=SATURDAY, payments=[], fulfilment=SENT | {"delivery_on": day.isoformat()})
        for day in told
    )
    # when
    for order in (later, over):
        pay(number=order.number, payments=[Tendered("ideal", order.total, "captured", "", "")], actor="t")
        order.refresh_from_db()
    # then
    assert later.promised_at == local(f"{told[0]} 23:59")
    assert over.promised_at > timezone.now()


def test_a_later_payment_counts_what_is_waited_for(shop: Shop, stock: None) -> None:
    # given an order of six of which five are there
    coming = timezone.localdate() + dt.timedelta(days=20)
    announce_delivery(
        location=shop.dc,
        supplier="Kaap",
        reference="K-1",
        expected_on=coming,
        lines=[(shop.variants["A"], Decimal(1))],
        actor="t",
    )
    body = shop.order_body(("A", 6), placed_at=timezone.now().isoformat(), payments=[], fulfilment=SENT)
    order = Order.objects.get(number=shop.post("orders/", body | {"back_orders": True}).json()["number"])
    # when it was written down for tomorrow
    Order.objects.filter(pk=order.pk).update(promised_at=timezone.now() + dt.timedelta(days=1))
    pay(number=order.number, payments=[Tendered("ideal", order.total, "captured", "", "")], actor="t")
    # then
    order.refresh_from_db()
    assert timezone.localdate(order.promised_at) > coming


def test_a_parcel_from_another_time_zone_is_promised_for_the_day_at_the_customers_door(shop: Shop, stock: None) -> None:
    Location.objects.filter(pk=shop.dc.pk).update(time_zone="Europe/London")
    directory.forget()
    answer = shop.post("orders/", shop.order_body(("A", 1), placed_at=SATURDAY, fulfilment=SENT)).json()
    assert answer["fulfilment"]["delivery_on"] == "2026-11-23"
    assert Order.objects.get().promised_at == local("2026-11-23 23:59")


def test_an_order_from_where_nothing_ever_leaves_is_promised_for_no_day(shop: Shop, stock: None) -> None:
    set_hours(location=shop.dc, week=[*[""] * 6, "12-17"])
    directory.forget()
    assert shop.get("availability/?sku=A&channel=web").json()["results"][0]["delivery"]["promise"] is None
    order = order_of(shop, ("A", 1), placed_at=SATURDAY, fulfilment=SENT)
    assert (order.promised_at, handled_by(order)) == (None, [None])
    assert browser(person("Mirjam Vos", "head_office")).get(f"/orders/{order.number}/").status_code == 200


def test_who_is_asked_next_has_time_but_the_customer_keeps_their_day(shop: Shop, stock: None) -> None:
    # given
    order = order_of(shop, ("A", 1), placed_at=SATURDAY, fulfilment=SENT)
    promised, before = order.promised_at, handled_by(order)
    shop.sends(shop.s2)
    shop.receive(shop.s2, A=1)
    # when
    report_short(number=order.number, line=1, actor="t")
    # then
    order.refresh_from_db()
    assert order.lines.get().location == shop.s2
    assert order.promised_at == promised
    assert handled_by(order) > before


def test_another_way_is_another_promise(shop: Shop) -> None:
    shop.receive(shop.s2, A=1)
    order = order_of(shop, ("A", 1), placed_at=SATURDAY)
    before = order.promised_at
    reroute(number=order.number, to=shop.s2, actor="t")
    order.refresh_from_db()
    assert order.promised_at > before
    assert handled_by(order) == [order.promised_at]


def test_the_letter_and_the_page_say_what_was_promised_and_the_list_what_is_late(shop: Shop) -> None:
    # given one order that is late and one that is not
    late = order_of(shop, ("A", 1), placed_at=SATURDAY)
    fine = order_of(shop, ("A", 1), placed_at=timezone.now().isoformat())
    Order.objects.filter(pk=late.pk).update(promised_at=timezone.now() - dt.timedelta(hours=3))
    client = browser(person("Mirjam Vos", "head_office"))
    # then
    listed = client.get("/orders/?late=true").content.decode()
    assert late.number in listed
    assert fine.number not in listed
    late.refresh_from_db()
    facts = client.get(f"/orders/{late.number}/").context["facts"]
    [promised] = [fact for fact in facts if f"{timezone.localtime(late.promised_at):%H:%M}" in str(fact.value)]
    assert "3" in promised.note
    catch_up(names={"orders.confirm"})
    body = Message.objects.get(template="order_confirmed", body__contains=fine.number).body
    assert f"{timezone.localtime(fine.promised_at):%H:%M}" in body


def test_an_order_whose_day_is_over_can_still_be_sent(shop: Shop) -> None:
    # given an order to collect, promised for long ago, and a profile that keeps promised days
    order = order_of(shop, ("A", 1), placed_at=SATURDAY, customer={"email": "a@b.nl"}, fulfilment=COLLECTED)
    shop.receive(shop.dc, A=1)
    draft = draft_profile(version="1", name="In time", takes_from_anywhere=False)
    put_strategy(profile=draft, position=None, name="Now", in_time=True, criteria=[Criterion.WAREHOUSE_FIRST])
    publish_profile(profile=draft, principal=None)
    profiles.forget()
    # when
    reroute(number=order.number, to=None, actor="t")
    # then
    assert order.lines.get().location == shop.dc


def test_what_waited_beyond_its_day_says_that_it_is_sent_late_rather_than_never(shop: Shop, time_machine: Any) -> None:
    time_machine.move_to(dt.datetime.fromisoformat(SATURDAY))
    # given: the centre makes the promised day, and has not got it after all; the store that has it sends nothing before Monday
    shop.sends(shop.s1)
    set_hours(location=shop.s1, week=["9-18", *[""] * 6], transit_days=1)
    set_hours(location=shop.dc, week=["0-24"] * 7, transit_days=1)
    directory.forget()
    draft = draft_profile(version="1", name="In time", takes_from_anywhere=False)
    put_strategy(profile=draft, position=None, name="On its day", in_time=True, criteria=[Criterion.NEAREST])
    publish_profile(profile=draft, principal=None)
    profiles.forget()
    shop.receive(shop.dc, A=1)
    order = order_of(shop, ("A", 1), placed_at=SATURDAY, fulfilment=SENT | {"delivery_on": "2026-11-23"})
    assert order.lines.get().location == shop.dc
    # when
    refuse(number=order.number, reason="not_found", actor="t")
    # then
    assert order.lines.get().location == shop.s1
    last = shop.get(f"orders/{order.number}/explain/").json()["choices"][-1]
    assert (last["without_day"], last["in_vain"]) == (True, ["On its day: kan niet alles verzenden"])
    page = browser(person("Mirjam Vos", "head_office")).get(f"/orders/{order.number}/sources/")
    assert "late rather than never" in text_of(page)


def test_from_when_it_can_be_collected_is_by_the_clock_of_the_store(shop: Shop) -> None:
    Location.objects.filter(pk=shop.s1.pk).update(time_zone="Asia/Tokyo")
    directory.forget()
    order = order_of(shop, ("A", 1))
    assert f"{order.promised_at.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}" in promise_of(order)
