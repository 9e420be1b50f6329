"""An order of which a part is brought at a chosen time, while the rest is collected or taken along."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.models import Event
from apps.core.reconcile import reconcile
from apps.inventory.models import SlotDay
from apps.network.keeping_hours import set_hours
from apps.orders.letters import confirmations
from apps.orders.models import Order
from apps.orders.services.cancelling import cancel
from apps.orders.services.choosing_time import bring_at, keep_chosen_times, times_for
from apps.orders.services.fulfilling import pick
from apps.orders.services.rerouting import reroute
from apps.orders.services.shipping import ship
from apps.orders.services.shortages import refuse, source_waiting
from apps.orders.services.slots import still_has_its_time
from apps.orders.services.types import WrongState
from tests.local_delivery import HOME, brings, slot_id
from tests.orders.test_back_orders import announced
from tests.shop import Shop, nothing_differs, open_shop

MONDAY = dt.date(2026, 11, 23)
TWO, FOUR = (dt.datetime(2026, 11, 23, hour, tzinfo=dt.UTC) for hour in (13, 15))


@pytest.fixture
def morning():
    """Monday, nine o'clock."""
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=False) as clock:
        yield clock


@pytest.fixture
def shop(db: None, morning: Any) -> Shop:
    """S1 brings two orders a day from two till four and has ten of all; collected is in S2, which has ten of A and no B."""
    shop = open_shop()
    shop.receive(shop.s1, A=10, B=10, C=10)
    shop.receive(shop.s2, A=10)
    brings(shop, shop.s1)
    return shop


def asked(shop: Shop, *lines: tuple[str, int, str], store: str = "S2", **fulfilment: Any) -> dict[str, Any]:
    made = shop.order_body(*((sku, n) for sku, n, _way in lines))
    made["fulfilment"] = {
        "method": "delivery",
        "location": store,
        "address": HOME,
        "slot": slot_id(shop.s1, MONDAY),
        **fulfilment,
    }
    for line, (_sku, _n, way) in zip(made["lines"], lines, strict=True):
        line["fulfilment"] = {"method": way}
    return made


def placed(shop: Shop, *lines: tuple[str, int, str], **fulfilment: Any) -> Order:
    answer = shop.post("orders/", asked(shop, *lines, **fulfilment))
    assert answer.status_code == 201, answer.content
    return Order.objects.get(number=answer.json()["number"])


BOTH = (("A", 1, "collect"), ("B", 1, "delivery"))


def lines_of(order: Order) -> list[tuple[str, str, str | None]]:
    lines = order.lines.order_by("line").select_related("location")
    return [(line.method, line.status, line.location.code if line.location else None) for line in lines]


def taken() -> list[int]:
    return list(SlotDay.objects.order_by("starts_at", "location").values_list("taken", flat=True))


def test_what_is_sent_comes_from_the_store_of_the_time_and_the_rest_as_ever(shop: Shop) -> None:
    answer = shop.post("orders/", asked(shop, *BOTH, ("A", 1, "carry_out"))).json()
    order = Order.objects.get(number=answer["number"])
    assert lines_of(order) == [
        ("collect", "sourced", "S2"),
        ("delivery", "sourced", "S1"),
        ("carry_out", "collected", "S2"),
    ]
    assert order.lines.get(line=2).handle_by == TWO
    assert order.promised_at == FOUR
    assert order.collect_promised_at is not None
    assert order.collect_promised_at < FOUR
    assert shop.get(f"orders/{order.number}/").json()["fulfilment"] == answer["fulfilment"]
    [letter] = confirmations(list(Event.objects.filter(topic="order.placed")))
    assert "14:00–16:00" in letter.context["parts"][0]["promised"]
    assert (taken(), nothing_differs()) == ([1], True)


def test_only_what_is_sent_of_one_store_is_to_leave_in_time(shop: Shop) -> None:
    order = placed(shop, *BOTH, store="S1")
    assert {ln.line: ln.handle_by == TWO for ln in order.lines.all()} == {1: False, 2: True}
    bring_at(number=order.number, slot=slot_id(shop.s1, MONDAY + dt.timedelta(days=1)), actor="t")
    tomorrow = TWO + dt.timedelta(days=1)
    assert {ln.line: ln.handle_by == tomorrow for ln in order.lines.all()} == {1: False, 2: True}


def test_what_is_collected_later_does_not_change_the_day_at_the_door(shop: Shop) -> None:
    # given a part that comes to the store from elsewhere, after the parcel is brought
    shop.receive(shop.dc, C=5)
    set_hours(location=shop.dc, week=["9-18"] * 6 + [""], transit_days=2)
    order = placed(shop, ("C", 1, "collect"), ("B", 1, "delivery"), source="any")
    assert lines_of(order)[0] == ("collect", "coming", "DC"), "only what is sent comes from the store of the time"
    assert order.collect_promised_at == order.promised_at
    assert order.promised_at is not None
    assert order.promised_at > FOUR
    assert shop.get(f"orders/{order.number}/").json()["fulfilment"]["delivery_on"] == "2026-11-23"


def test_nothing_is_waited_for_where_a_part_is_brought_in_time(shop: Shop) -> None:
    announced(shop, shop.dc, 20, on=2)
    body = asked(shop, ("B", 1, "collect"), ("A", 12, "delivery"), source="any")
    refused = shop.post("orders/", body | {"back_orders": True})
    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (409, "lines.1.quantity")


def test_a_time_needs_something_that_is_sent(shop: Shop) -> None:
    answer = shop.post("orders/", asked(shop, ("A", 1, "collect"), ("A", 1, "carry_out")))
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "fulfilment.slot")
    assert taken() == []


def test_the_place_is_taken_before_any_stock(shop: Shop) -> None:
    with CaptureQueriesContext(connection) as asked_for:
        placed(shop, ("B", 1, "delivery"), ("A", 1, "carry_out"))
    told = [query["sql"] for query in asked_for]
    place = next(n for n, sql in enumerate(told) if "INSERT INTO inventory_slotday" in sql)
    stock = next(n for n, sql in enumerate(told) if "FOR NO KEY UPDATE OF level" in sql)
    assert place < stock


def test_the_place_goes_back_with_the_last_that_is_sent(shop: Shop) -> None:
    order = placed(shop, *BOTH, ("C", 1, "delivery"))
    cancel(number=order.number, actor="t", line_numbers={2})
    assert taken() == [1]
    cancel(number=order.number, actor="t", line_numbers={3})
    assert taken() == [0]
    order.refresh_from_db()
    assert (order.slot, order.status) == (None, "sourced")
    assert nothing_differs()


def test_what_is_collected_can_be_called_off_and_the_time_stays(shop: Shop) -> None:
    order = placed(shop, *BOTH)
    cancel(number=order.number, actor="t", line_numbers={1})
    assert taken() == [1]


def test_who_collects_a_part_of_it_after_all_keeps_the_time_for_the_rest(shop: Shop) -> None:
    shop.receive(shop.s2, B=5, C=5)
    order = placed(shop, *BOTH, ("C", 1, "delivery"))
    reroute(number=order.number, to=shop.s2, line_numbers=[2], actor="t")
    assert (taken(), lines_of(order)[1]) == ([1], ("collect", "sourced", "S2"))
    reroute(number=order.number, to=shop.s2, line_numbers=[3], actor="t")
    assert (taken(), nothing_differs()) == ([0], True)


def test_what_was_to_be_collected_is_brought_with_the_rest(shop: Shop) -> None:
    order = placed(shop, *BOTH)
    reroute(number=order.number, to=None, line_numbers=[1], actor="t")
    assert lines_of(order) == [("delivery", "sourced", "S1"), ("delivery", "sourced", "S1")]
    assert {ln.handle_by for ln in order.lines.all()} == {TWO}
    assert taken() == [1]


def test_nothing_comes_with_what_has_left_at_its_time(shop: Shop) -> None:
    order = placed(shop, *BOTH)
    pick(number=order.number, actor="t")
    ship(number=order.number, actor="t")
    with pytest.raises(WrongState):
        reroute(number=order.number, to=None, line_numbers=[1], actor="t")
    assert lines_of(order) == [("collect", "picking", "S2"), ("delivery", "shipped", "S1")]


def test_another_time_moves_only_what_is_sent(shop: Shop) -> None:
    brings(shop, shop.dc, (10, 12), km=200)
    shop.receive(shop.dc, B=5)
    order = placed(shop, *BOTH)
    late = [one.times.id for one in times_for(order)]
    assert slot_id(shop.dc, MONDAY + dt.timedelta(days=1), 10, 12) in late, "of what is sent DC has all"
    bring_at(number=order.number, slot=slot_id(shop.dc, MONDAY + dt.timedelta(days=1), 10, 12), actor="t")
    assert lines_of(order) == [("collect", "sourced", "S2"), ("delivery", "sourced", "DC")]
    bring_at(number=order.number, slot="", actor="t")
    order.refresh_from_db()
    assert (order.slot, sum(taken())) == (None, 0)
    assert nothing_differs()


def test_a_time_is_chosen_for_the_part_that_is_sent(shop: Shop) -> None:
    order = placed(shop, *BOTH, slot="", address=HOME)
    bring_at(number=order.number, slot=slot_id(shop.s1, MONDAY), actor="t")
    order = Order.objects.get(pk=order.pk)
    assert (order.promised_at, taken()) == (FOUR, [1])
    assert lines_of(order) == [("collect", "sourced", "S2"), ("delivery", "sourced", "S1")]


def test_what_has_left_has_no_other_time(shop: Shop) -> None:
    order = placed(shop, *BOTH, ("C", 1, "delivery"))
    cancel(number=order.number, actor="t", line_numbers={3})
    pick(number=order.number, actor="t", quantities={2: Decimal(1)})
    ship(number=order.number, actor="t")
    with pytest.raises(WrongState):
        bring_at(number=order.number, slot="", actor="t")


def test_a_store_that_misses_what_is_collected_loses_no_time(shop: Shop) -> None:
    brings(shop, shop.dc, km=200)
    shop.receive(shop.dc, B=5)
    order = placed(shop, *BOTH)
    refuse(number=order.number, reason="not_found", actor="t", line_numbers=[1])
    assert keep_chosen_times() == 0
    source_waiting()
    order = Order.objects.get(pk=order.pk)
    assert lines_of(order)[1] == ("delivery", "sourced", "S1")
    assert still_has_its_time(order, order.lines.all())


def test_places_that_nobody_has_are_found(shop: Shop) -> None:
    placed(shop, *BOTH)
    SlotDay.objects.update(taken=2)
    [wrong] = [each for outcome in reconcile() for each in outcome.differences]
    assert (wrong.what, wrong.stored, wrong.ledger) == ("S1 · 2026-11-23 13:00 UTC", 2, 1)
