"""An order that a store brings at a time the customer chose: one place each, from that store, at that time, or said plainly."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.core.errors import DomainError, InvalidInput
from apps.customers.services.people import Person
from apps.inventory.models import SlotDay, SourcingRun
from apps.network import directory
from apps.network.keeping_slots import change_slot, deliver_within, drop_slot
from apps.network.models import DeliverySlot
from apps.orders.addresses import PostalAddress
from apps.orders.models import NewAddress, Order, SlotBooking
from apps.orders.services.addressing import change_address
from apps.orders.services.cancelling import cancel, lapse_unpaid
from apps.orders.services.choosing_time import bring_at, keep_chosen_times, times_for
from apps.orders.services.fulfilling import pick
from apps.orders.services.paying import pay
from apps.orders.services.placing import place_order
from apps.orders.services.rerouting import reroute
from apps.orders.services.shipping import ship
from apps.orders.services.shortages import refuse, source_waiting
from apps.orders.services.types import OrderDocument, OrderedLine
from apps.payments.services.types import Tendered
from tests.at_once import all_at_once
from tests.local_delivery import HOME, brings, brought, slot_id
from tests.orders.counter import order_of
from tests.shop import Shop, nothing_differs, open_shop

MONDAY = dt.date(2026, 11, 23)
TUESDAY = MONDAY + dt.timedelta(days=1)
TWO, FOUR = (dt.datetime(2026, 11, 23, hour, tzinfo=dt.UTC) for hour in (13, 15))


@pytest.fixture
def morning():
    """Monday, nine o'clock."""
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=False) as clock:
        yield clock


@pytest.fixture
def shop(db: None, morning: Any) -> Shop:
    """S1 has ten of all and brings two orders a day from two till four; the distribution centre has plenty."""
    shop = open_shop()
    shop.receive(shop.s1, A=10, B=10, C=10)
    shop.receive(shop.dc, A=50, B=50)
    brings(shop, shop.s1)
    return shop


def today(shop: Shop) -> str:
    return slot_id(shop.s1, MONDAY)


def placed(shop: Shop, *lines: tuple[str, int], slot: str = "", **changes: Any) -> Order:
    return order_of(shop, *lines, fulfilment=brought(slot or today(shop)), **changes)


def refused(shop: Shop, slot: str = "", **changes: Any) -> tuple[int, str, str]:
    body = shop.order_body(("A", 1), fulfilment=brought(slot or today(shop), **changes))
    answer = shop.post("orders/", body)
    error = answer.json()["errors"][0]
    return answer.status_code, error["code"], error["attr"]


def taken() -> list[int]:
    return list(SlotDay.objects.order_by("starts_at", "location").values_list("taken", flat=True))


def test_it_comes_from_the_store_of_the_time_and_is_promised_for_it(shop: Shop) -> None:
    body = shop.order_body(("A", 1), ("B", 2), fulfilment=brought(today(shop)))
    answer = shop.post("orders/", body).json()
    order = Order.objects.get(number=answer["number"])
    assert {ln.location.code for ln in order.lines.all()} == {"S1"}
    assert (order.promised_at, order.speed) == (FOUR, "same_day")
    assert {ln.handle_by for ln in order.lines.all()} == {TWO}
    assert answer["fulfilment"]["delivery_on"] == "2026-11-23"
    assert answer["fulfilment"]["slot"] == {
        "location": "S1",
        "starts_at": "2026-11-23T13:00:00+00:00",
        "ends_at": "2026-11-23T15:00:00+00:00",
    }
    assert shop.get(f"orders/{order.number}/").json()["fulfilment"] == answer["fulfilment"]
    assert taken() == [1]


def test_why_this_store_says_that_the_customer_chose_it(shop: Shop) -> None:
    placed(shop)
    run = SourcingRun.objects.get()
    assert (run.strategy, run.profile) == ("time_slot", None)
    assert [(c["location"], c["verdict"]) for c in run.candidates] == [("S1", "chosen"), ("DC", "other_time")]


def test_another_day_is_not_the_same_day(shop: Shop) -> None:
    order = placed(shop, slot=slot_id(shop.s1, TUESDAY))
    assert (order.speed, order.promised_at) == ("standard", FOUR + dt.timedelta(days=1))
    assert refused(shop, slot_id(shop.s1, TUESDAY), speed="same_day") == (400, "invalid", "fulfilment.speed")
    assert refused(shop, delivery_on="2026-11-24") == (400, "invalid", "fulfilment.delivery_on")


def test_a_full_time_is_refused_and_the_rest_of_the_order_with_it(shop: Shop) -> None:
    placed(shop), placed(shop)
    assert refused(shop) == (409, "slot_full", "fulfilment.slot")
    assert taken() == [2]
    assert Order.objects.count() == 2
    assert shop.stock("A").reserved == 2
    assert shop.get("delivery-slots/?postcode=3512JC&days=1").json()["results"] == []


def test_a_time_that_cannot_be_chosen_any_more_is_gone(shop: Shop, morning: Any) -> None:
    gone = (409, "slot_gone", "fulfilment.slot")
    assert refused(shop, slot_id(shop.s1, MONDAY, 10, 12)) == gone
    assert refused(shop, slot_id(shop.s1, MONDAY + dt.timedelta(days=7))) == gone
    assert refused(shop, slot_id(shop.s2, MONDAY)) == gone
    assert refused(shop, address=HOME | {"postcode": "2312AB"}) == gone
    morning.move_to("2026-11-23T13:00:01+01:00")
    assert refused(shop) == gone
    # and what names no time, or has none, is wrong
    assert refused(shop, "yesterday") == (400, "invalid", "fulfilment.slot")
    assert refused(shop, method="collect", location="S1") == (400, "invalid", "fulfilment.slot")
    assert refused(shop, address=None) == (400, "required", "fulfilment.address")


def test_what_the_directory_does_not_know_yet_counts_all_the_same(shop: Shop) -> None:
    # given a slot that somebody else lowers, and then takes out, while this process remembers it
    slot = DeliverySlot.objects.get(location=shop.s1, weekday=0)
    placed(shop)
    change_slot(slot=slot, capacity=1, cut_off_minutes=0)
    assert refused(shop)[1] == "slot_full"
    drop_slot(slot=slot)
    assert refused(shop)[1] == "slot_gone"


def test_capacity_below_what_is_taken_costs_nobody_their_place(shop: Shop) -> None:
    first, _second = placed(shop), placed(shop)
    slot = DeliverySlot.objects.get(location=shop.s1, weekday=0)
    change_slot(slot=slot, capacity=1, cut_off_minutes=60)
    directory.forget()
    cancel(number=first.number, actor="t")
    assert (taken(), refused(shop)[1]) == ([1], "slot_full")
    change_slot(slot=slot, capacity=3, cut_off_minutes=60)
    directory.forget()
    placed(shop), placed(shop)
    assert (taken(), refused(shop)[1]) == ([3], "slot_full")


def test_goods_that_only_lie_elsewhere_are_no_goods(shop: Shop) -> None:
    body = shop.order_body(("A", 11), fulfilment=brought(today(shop)), back_orders=True)
    answer = shop.post("orders/", body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "insufficient_stock")
    assert answer.json()["errors"][0]["available"] == "10"
    assert taken() == []


def test_a_basket_held_elsewhere_is_held_at_the_store_instead(shop: Shop) -> None:
    basket = shop.post("reservations/", {"reference": "b", "lines": [{"sku": "A", "quantity": "2"}]}).json()
    assert shop.stock("A", shop.dc).reserved == 2
    order = placed(shop, ("A", 2), reservation=basket["id"])
    assert (shop.stock("A", shop.dc).reserved, shop.stock("A").reserved) == (0, 2)
    assert order.lines.get().location == shop.s1
    assert nothing_differs()


def test_what_an_order_holds_is_no_basket_for_another(shop: Shop) -> None:
    basket = shop.post("reservations/", {"reference": "b", "lines": [{"sku": "A", "quantity": "1"}]}).json()["id"]
    first = order_of(shop, fulfilment={"method": "delivery", "address": HOME}, reservation=basket)
    again = shop.order_body(("A", 1), fulfilment=brought(today(shop)), reservation=basket)
    assert shop.post("orders/", again).json()["errors"][0]["code"] == "reservation_mismatch"
    assert first.lines.get().demand.released == 0


def test_the_same_order_again_takes_no_second_place(shop: Shop, morning: Any) -> None:
    body = shop.order_body(("A", 1), fulfilment=brought(today(shop)))
    first = shop.post("orders/", body, key="k")
    placed(shop)
    morning.move_to("2026-11-23T15:00:00+01:00")  # long after the cut-off, and the time is full
    again = [shop.post("orders/", body, key="k"), shop.post("orders/", body, key="other")]
    assert [answer.status_code for answer in (first, *again)] == [201, 201, 200]
    assert again[1].json()["number"] == first.json()["number"]
    assert taken() == [2]


def test_who_cancels_all_gives_the_place_back_once(shop: Shop) -> None:
    order, other = placed(shop, ("A", 1), ("B", 2)), placed(shop)
    cancel(number=order.number, actor="t", line_numbers={1})
    cancel(number=order.number, actor="t", pieces={2: Decimal(1)})
    assert taken() == [2]
    cancel(number=order.number, actor="t")
    cancel(number=order.number, actor="t")
    assert taken() == [1]
    assert list(SlotBooking.objects.values_list("order__number", flat=True)) == [other.number]


def test_what_has_left_keeps_its_place_when_the_rest_is_cancelled(shop: Shop) -> None:
    order = placed(shop, ("A", 2))
    pick(number=order.number, actor="t")
    ship(number=order.number, actor="t")
    with pytest.raises(DomainError):
        cancel(number=order.number, actor="t")
    assert taken() == [1]


def test_who_does_not_pay_gives_the_place_back(shop: Shop, morning: Any) -> None:
    order = placed(shop, payments=[])
    assert (order.status, taken()) == ("awaiting_payment", [1])
    morning.shift(dt.timedelta(minutes=31))
    assert lapse_unpaid() == 1
    assert taken() == [0]


def test_who_pays_later_still_gets_it_at_that_time(shop: Shop, morning: Any) -> None:
    order = placed(shop, payments=[])
    morning.shift(dt.timedelta(minutes=20))
    pay(number=order.number, payments=[Tendered("ideal", order.total, "captured", "", "")], actor="t")
    order.refresh_from_db()
    assert (order.status, order.promised_at, order.lines.get().handle_by) == ("sourced", FOUR, TWO)


def test_who_collects_after_all_gives_the_place_back(shop: Shop) -> None:
    order = placed(shop)
    reroute(number=order.number, to=shop.s1, actor="t")
    assert taken() == [0]
    order = Order.objects.get(pk=order.pk)
    assert (order.method, order.slot) == ("collect", None)
    assert order.promised_at != FOUR


def test_another_time_of_the_same_store_moves_the_place_and_nothing_else(shop: Shop) -> None:
    order = placed(shop, ("A", 2))
    pick(number=order.number, actor="t")
    bring_at(number=order.number, slot=slot_id(shop.s1, TUESDAY), actor="t")
    bring_at(number=order.number, slot=slot_id(shop.s1, TUESDAY), actor="t")
    order.refresh_from_db()
    assert (order.promised_at, taken()) == (FOUR + dt.timedelta(days=1), [0, 1])
    line = order.lines.get()
    assert (line.status, line.quantity_picked, line.handle_by) == ("picking", 2, TWO + dt.timedelta(days=1))
    assert shop.stock("A").reserved == 2


def test_the_address_stays_within_what_the_store_brings_to(shop: Shop) -> None:
    # given
    order = placed(shop, ("A", 1), slot=today(shop))
    near, far = (PostalAddress("Weg", "1", postcode, "X", "NL") for postcode in ("3512AB", "9711AB"))
    # then
    with pytest.raises(InvalidInput) as said_no:
        change_address(number=order.number, address=far, actor="t")
    assert said_no.value.faults[0].attr == "postcode"
    assert not NewAddress.objects.exists()
    # and within it the time is kept
    change_address(number=order.number, address=near, actor="t")
    assert taken() == [1]


def test_another_store_takes_the_goods_over(shop: Shop) -> None:
    brings(shop, shop.s2, km=90)
    shop.receive(shop.s2, A=2)
    order = placed(shop, ("A", 2))
    bring_at(number=order.number, slot=slot_id(shop.s2, MONDAY), actor="t")
    assert order.lines.get().location == shop.s2
    assert (shop.stock("A").reserved, shop.stock("A", shop.s2).reserved) == (0, 2)
    assert sorted(taken()) == [0, 1]
    assert nothing_differs()


def test_a_new_time_that_cannot_be_kept_changes_nothing(shop: Shop) -> None:
    brings(shop, shop.s2, km=90)
    order = placed(shop, ("A", 2))
    with pytest.raises(DomainError) as error:
        bring_at(number=order.number, slot=slot_id(shop.s2, MONDAY), actor="t")
    assert error.value.code == "insufficient_stock"
    assert (taken(), shop.stock("A").reserved) == ([1], 2)
    assert Order.objects.get(pk=order.pk).slot.location == shop.s1


def test_without_a_time_it_is_any_parcel(shop: Shop) -> None:
    order = placed(shop)
    bring_at(number=order.number, slot="", actor="t")
    order = Order.objects.get(pk=order.pk)
    assert (order.slot, taken(), order.lines.get().location) == (None, [0], shop.s1)
    assert order.promised_at > FOUR


def test_who_cannot_give_it_leaves_the_time_to_a_store_that_can(shop: Shop) -> None:
    # given a second store in reach at the same time, which has all of the order
    order = placed(shop, ("A", 1), ("B", 1))
    brings(shop, shop.s2, km=90)
    shop.receive(shop.s2, A=1, B=1)
    # when one line is not on the shelf
    refuse(number=order.number, reason="not_found", actor="t", line_numbers=[1])
    assert keep_chosen_times() == 1
    # then all of it comes from there, at the same time
    order = Order.objects.get(pk=order.pk)
    assert {ln.location for ln in order.lines.all()} == {shop.s2}
    assert (order.slot.location, order.promised_at, order.status) == (shop.s2, FOUR, "sourced")
    assert {ln.handle_by for ln in order.lines.all()} == {TWO}
    assert sorted(taken()) == [0, 1]
    assert keep_chosen_times() == 0


def test_a_time_that_nobody_can_keep_waits_for_somebody_to_decide(shop: Shop) -> None:
    order = placed(shop)
    refuse(number=order.number, reason="not_found", actor="t")
    # the distribution centre has plenty, but nobody said that the customer is content with a parcel
    assert (keep_chosen_times(), source_waiting()) == (0, 0)
    order = Order.objects.get(pk=order.pk)
    assert (order.status, order.slot.location, order.promised_at) == ("open", shop.s1, FOUR)
    assert [offer.place.code for offer in times_for(order)] == []
    # when the agent decides
    bring_at(number=order.number, slot="", actor="t")
    assert order.lines.get().location == shop.dc


def test_without_slots_the_same_day_is_what_it_was(shop: Shop) -> None:
    order = order_of(shop, fulfilment={"method": "delivery", "address": HOME, "speed": "same_day"})
    assert (order.speed, order.slot, order.lines.get().location) == ("same_day", None, shop.dc)
    assert taken() == []


@pytest.mark.django_db(transaction=True)
def test_the_last_places_are_given_once() -> None:
    # given five places and twelve customers, of whom four leave again at the same moment
    shop = open_shop()
    shop.receive(shop.s1, A=50)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    brings(shop, shop.s1, capacity=9)

    def order(n: int) -> OrderDocument:
        return OrderDocument(
            external_id=f"R-{n}",
            placed_at=dt.datetime.now(dt.UTC),
            currency="EUR",
            method="delivery",
            slot=slot_id(shop.s1, tomorrow),
            payment_terms="invoice",
            person=Person(source="web", postcode="3512JC", house_number="1", country="NL"),
            lines=[OrderedLine("A", Decimal(1), Decimal(10))],
            fingerprint=str(n),
        )

    def place(n: int) -> str:
        return place_order(channel=shop.web, document=order(n), actor="t").number

    standing = [place(n) for n in range(4)]
    for slot in DeliverySlot.objects.all():
        change_slot(slot=slot, capacity=5, cut_off_minutes=60)
    deliver_within(location=shop.s1, km=10)
    assert all_at_once([lambda n=n: place(n) for n in range(10, 22)]) == {"done": 1, "slot_full": 11}
    assert taken() == [5]
    # when they leave while others come
    became = all_at_once(
        [*(lambda n=n: cancel(number=n, actor="t") for n in standing), *(lambda n=n: place(n) for n in range(30, 40))]
    )
    placed_now = became["done"] - len(standing)
    assert 0 <= placed_now <= 4
    assert became == {"done": 4 + placed_now, "slot_full": 10 - placed_now}
    assert taken() == [SlotBooking.objects.count()] == [1 + placed_now]
    assert shop.stock("A").reserved == 1 + placed_now
    # and the same order twelve times is one place
    assert all_at_once([lambda: place(99)] * 12).keys() <= {"done", "slot_full"}
    assert taken() == [SlotBooking.objects.count()]
    assert nothing_differs()
