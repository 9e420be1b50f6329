"""Goods move between locations: promised when asked for, in transit when sent, the receiver's when received."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.core.errors import Conflict, InvalidInput
from apps.core.events.models import Event
from apps.core.numbers import TRANSFER, is_number
from apps.inventory.models import (
    Demand,
    Reservation,
    StockLevel,
    StockMovement,
    StoreTask,
    Transfer,
    TransferLine,
    status_of,
)
from apps.inventory.services.availability import Question, availability
from apps.inventory.services.finishing import finish_task
from apps.inventory.services.transfers.counting import AllCounted, Counting, count_lines, count_one_more
from apps.inventory.services.transfers.rules import WrongTransferState
from apps.inventory.services.transfers.sending import cancel_transfer
from apps.inventory.services.types import InsufficientStock
from tests.inventory.transfers import ask, levels, receive, send
from tests.shop import nothing_differs

PACKING, UNPACKING = Counting.PACKING, Counting.UNPACKING


def moves(transfer: Transfer) -> list[tuple[str, int, str, str]]:
    """(kind, quantity, from owner, to owner) of what a transfer moved, in order."""
    rows = StockMovement.objects.filter(cause_type="transfer", cause_id=transfer.number).order_by("pk")
    return [
        (m.kind, int(m.quantity), m.from_owner.code if m.from_owner else "", m.to_owner.code if m.to_owner else "")
        for m in rows.select_related("from_owner", "to_owner")
    ]


def topics() -> list[str]:
    return list(Event.objects.filter(object_type="transfer").order_by("pk").values_list("topic", flat=True))


# --- the whole way ----------------------------------------------------------------------------------------------------


def test_goods_are_promised_then_on_their_way_then_the_receivers(shop):
    # when
    transfer = ask(shop, A=3)
    # then: promised at the sender, by the transfer's own number
    assert is_number(transfer.number, TRANSFER)
    assert transfer.status == "to_send"
    assert levels(shop) == {("S1", "saleable", "F01"): (10, 3)}
    assert (Reservation.objects.get().reference, Reservation.objects.get().channel) == (transfer.number, None)
    assert nothing_differs()

    # when
    transfer = send(transfer)
    # then: on their way they stand at the receiver, and are still the sender's; nobody can be promised them
    assert transfer.status == "in_transit"
    assert levels(shop) == {("S1", "saleable", "F01"): (7, 0), ("S2", "in_transit", "F01"): (3, 0)}
    free = {here.location.code: here.free for here in availability(Question(["A"], limit=5))["A"].here}
    assert free == {"S1": 7000}
    assert nothing_differs()

    # when
    transfer = receive(transfer)
    # then: the goods changed hands with the building
    assert transfer.status == "received"
    assert levels(shop) == {("S1", "saleable", "F01"): (7, 0), ("S2", "saleable", "OWN"): (3, 0)}
    assert moves(transfer) == [("send", 3, "F01", "F01"), ("arrive", 3, "F01", "OWN")]
    assert topics() == ["transfer.requested", "transfer.sent", "transfer.received"]
    assert nothing_differs()


def test_between_stores_of_one_company_nothing_changes_hands(shop):
    shop.receive(shop.dc, A=5)
    transfer = receive(send(ask(shop, sender=shop.dc, A=5)))
    assert levels(shop)[("S2", "saleable", "OWN")] == (5, 0)
    assert moves(transfer) == [("send", 5, "OWN", "OWN"), ("arrive", 5, "OWN", "OWN")]


def test_every_act_may_be_repeated_and_changes_nothing_then(shop):
    # when
    transfer = ask(shop, "form-1", A=3, B=1)
    assert ask(shop, "form-1", A=3, B=1) == transfer
    assert ask(shop, "form-1", A=9) == transfer  # the form was filled in anew and sent with the same token
    for _time in range(2):
        send(transfer, (1, 2, "not_found"), (2, 1))
    for _time in range(2):
        receive(transfer, (1, 3, "miscounted"), (2, 1))
    # then
    assert Transfer.objects.count() == 1
    assert levels(shop) == {("S1", "saleable", "F01"): (8, 1), ("S2", "saleable", "OWN"): (3, 0)}
    assert levels(shop, "B") == {("S1", "saleable", "F01"): (9, 0), ("S2", "saleable", "OWN"): (1, 0)}
    assert len(topics()) == 3
    assert nothing_differs()
    # and what says something else is refused
    with pytest.raises(WrongTransferState):
        send(transfer, (1, 1, "not_found"), (2, 1))
    with pytest.raises(WrongTransferState):
        receive(transfer, (1, 2), (2, 1))


# --- asking -----------------------------------------------------------------------------------------------------------


def test_all_or_nothing_is_promised_and_what_there_is_is_said(shop):
    with pytest.raises(InsufficientStock) as refused:
        ask(shop, A=3, B=11)
    assert [(fault.attr, fault.extra) for fault in refused.value.faults] == [("lines.1.quantity", {"available": "10"})]
    assert not Transfer.objects.exists()
    assert not Demand.objects.exists()
    assert levels(shop)[("S1", "saleable", "F01")] == (10, 0)
    assert topics() == []


def test_what_is_kept_for_people_in_the_store_is_not_sent_away(shop):
    StockLevel.objects.filter(variant__sku="A").update(safety_collect=4, safety_delivery=4)
    with pytest.raises(InsufficientStock):
        ask(shop, A=7)
    ask(shop, A=6)


@pytest.mark.parametrize(
    "act",
    [
        lambda shop: ask(shop),
        lambda shop: ask(shop, receiver=shop.s1, A=1),
        lambda shop: ask(shop, A=0),
        lambda shop: ask(shop, A="0.5"),
        lambda shop: ask(shop, A="NaN"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(shop, act):
    with pytest.raises(InvalidInput):
        act(shop)
    assert not Transfer.objects.exists()


# --- sending ----------------------------------------------------------------------------------------------------------


def test_what_is_not_found_is_held_back_until_the_sender_has_counted(shop):
    # given
    transfer = ask(shop, A=5, B=2)
    # when
    send(transfer, (1, 3, "not_found"), (2, 2))
    # then
    assert levels(shop) == {("S1", "saleable", "F01"): (7, 2), ("S2", "in_transit", "F01"): (3, 0)}
    assert TransferLine.objects.get(line=1).unsent_because == "not_found"
    task = StoreTask.objects.open().get()
    assert (task.location, task.kind, task.quantity) == (shop.s1, "count_missing", 2)
    assert nothing_differs()
    # when
    finish_task(task=task, actor="test")
    # then
    assert levels(shop)[("S1", "saleable", "F01")] == (7, 0)
    assert nothing_differs()


def test_what_is_needed_in_the_store_is_free_there_and_no_reason_to_count(shop):
    send(ask(shop, A=5), (1, 3, "needed_here"))
    assert levels(shop)[("S1", "saleable", "F01")] == (7, 0)
    assert TransferLine.objects.get().unsent_because == "needed_here"
    assert not StoreTask.objects.exists()
    assert nothing_differs()


def test_nothing_sent_at_all_is_a_transfer_called_off(shop):
    transfer = send(ask(shop, A=5), (1, 0, "needed_here"))
    assert transfer.status == "cancelled"
    assert levels(shop) == {("S1", "saleable", "F01"): (10, 0)}
    assert topics() == ["transfer.requested", "transfer.cancelled"]
    with pytest.raises(WrongTransferState):
        receive(transfer)
    assert nothing_differs()


@pytest.mark.parametrize(
    ("counted", "about"),
    [((1, 6), "quantity-1"), ((1, 3), "reason-1"), ((1, 3, "missing"), "reason-1"), ((1, -1), "quantity-1")],
)
def test_more_than_asked_for_or_less_without_a_reason_is_not_sent(shop, counted: Any, about):
    transfer = ask(shop, A=5)
    with pytest.raises(InvalidInput) as refused:
        send(transfer, counted)
    assert refused.value.faults[0].attr == about
    assert levels(shop) == {("S1", "saleable", "F01"): (10, 5)}


def test_a_line_that_is_not_there_is_refused(shop):
    transfer = ask(shop, A=5)
    with pytest.raises(InvalidInput):
        send(transfer, (1, 5), (2, 1))


def test_what_a_till_sold_meanwhile_is_sent_all_the_same_for_it_lies_in_the_box(shop):
    # given: the till knows nothing of the promise
    transfer = ask(shop, A=10)
    StockLevel.objects.filter(variant__sku="A").update(on_hand=8, oversold=2)
    # when
    send(transfer)
    # then
    assert levels(shop)[("S1", "saleable", "F01")] == (-2, 0)
    assert levels(shop)[("S2", "in_transit", "F01")] == (10, 0)


# --- cancelling -------------------------------------------------------------------------------------------------------


def test_before_it_is_sent_a_transfer_is_called_off(shop):
    transfer = ask(shop, A=5)
    for _time in range(2):
        assert cancel_transfer(number=transfer.number, actor="test").status == "cancelled"
    assert levels(shop) == {("S1", "saleable", "F01"): (10, 0)}
    assert topics() == ["transfer.requested", "transfer.cancelled"]
    with pytest.raises(WrongTransferState):
        send(transfer)
    assert nothing_differs()


def test_what_is_on_its_way_is_not_called_off(shop):
    transfer = send(ask(shop, A=5))
    with pytest.raises(WrongTransferState):
        cancel_transfer(number=transfer.number, actor="test")
    receive(transfer)
    with pytest.raises(WrongTransferState):
        cancel_transfer(number=transfer.number, actor="test")


# --- receiving --------------------------------------------------------------------------------------------------------


def test_what_is_missing_is_lost_on_the_way_and_the_sender_counts(shop):
    # given
    transfer = send(ask(shop, A=5))
    # when
    receive(transfer, (1, 3, "missing"))
    # then
    assert levels(shop) == {("S1", "saleable", "F01"): (5, 0), ("S2", "saleable", "OWN"): (3, 0)}
    assert moves(transfer)[1:] == [("arrive", 3, "F01", "OWN"), ("loss", 2, "F01", "")]
    task = StoreTask.objects.open().get()
    assert (task.location, task.kind, task.quantity) == (shop.s1, "count_transfer", 2)
    assert nothing_differs()


def test_what_came_beyond_that_is_found(shop):
    transfer = send(ask(shop, A=5))
    receive(transfer, (1, 6, "miscounted"))
    assert levels(shop)[("S2", "saleable", "OWN")] == (6, 0)
    assert moves(transfer)[1:] == [("arrive", 5, "F01", "OWN"), ("found", 1, "", "OWN")]
    assert nothing_differs()


def test_nothing_came_at_all(shop):
    transfer = send(ask(shop, A=5))
    receive(transfer, (1, 0, "missing"))
    assert levels(shop) == {("S1", "saleable", "F01"): (5, 0)}
    assert moves(transfer)[1:] == [("loss", 5, "F01", "")]
    assert nothing_differs()


@pytest.mark.parametrize("counted", [(1, 4), (1, 6), (1, 6, "needed_here"), (1, -1)])
def test_a_difference_without_a_reason_is_not_received(shop, counted):
    transfer = send(ask(shop, A=5))
    with pytest.raises(InvalidInput):
        receive(transfer, counted)
    assert levels(shop)[("S2", "in_transit", "F01")] == (5, 0)


def test_what_was_not_sent_is_not_received(shop):
    with pytest.raises(WrongTransferState):
        receive(ask(shop, A=5))


def test_a_line_of_which_nothing_was_sent_is_not_waited_for(shop):
    transfer = receive(send(ask(shop, A=2, B=2), (1, 2), (2, 0, "damaged")))
    assert transfer.status == "received"
    assert moves(transfer) == [("send", 2, "F01", "F01"), ("arrive", 2, "F01", "OWN")]


def test_the_goods_go_to_whom_the_store_belongs_on_the_day_they_come(shop):
    # given: S2 is taken over while the goods are on their way
    transfer = send(ask(shop, A=5))
    shop.s2.ownerships.update(legal_entity=shop.franchisee)
    # when
    receive(transfer)
    # then
    assert moves(transfer)[1:] == [("arrive", 5, "F01", "F01")]
    assert levels(shop)[("S2", "saleable", "F01")] == (5, 0)


# --- counting ---------------------------------------------------------------------------------------------------------


def test_counting_moves_nothing_and_starts_again_where_the_goods_come_in(shop):
    # given
    transfer = ask(shop, A=2, B=1)
    # when packed, piece by piece
    for _piece in range(2):
        count_one_more(number=transfer.number, end=PACKING, variant_id=shop.variants["A"].pk)
    with pytest.raises(AllCounted):
        count_one_more(number=transfer.number, end=PACKING, variant_id=shop.variants["A"].pk)
    with pytest.raises(Conflict):
        count_one_more(number=transfer.number, end=PACKING, variant_id=shop.variants["C"].pk)
    # then
    assert list(transfer.lines.values_list("packed", flat=True)) == [2, 0]
    assert levels(shop) == {("S1", "saleable", "F01"): (10, 2)}
    # when
    count_lines(number=transfer.number, end=PACKING)
    assert list(transfer.lines.values_list("packed", flat=True)) == [2, 1]
    send(transfer)
    # then it is counted anew, and more than was sent may have come
    assert list(transfer.lines.values_list("packed", "unpacked")) == [(0, 0), (0, 0)]
    count_lines(number=transfer.number, end=UNPACKING, counted={1: Decimal(4)})
    receive(transfer, (1, 4, "miscounted"), (2, 1))
    with pytest.raises(WrongTransferState):
        count_one_more(number=transfer.number, end=UNPACKING, variant_id=shop.variants["A"].pk)
    with pytest.raises(InvalidInput):
        count_lines(number=ask(shop, A=1).number, end=PACKING, counted={2: Decimal(1)})


# --- what the database holds to ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"sent": 6}, "transfer_sends_what_was_asked"),
        ({"sent": 3, "unsent": 3}, "transfer_sends_what_was_asked"),
        ({"received": 1}, "transfer_receives_what_was_sent"),
        ({"requested": 0}, "transfer_asks_for_some"),
    ],
)
def test_the_database_refuses_counters_that_cannot_be(shop, change, constraint):
    ask(shop, A=5)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        TransferLine.objects.update(**change)


def test_a_promise_without_a_channel_does_not_lapse(shop):
    ask(shop, A=1)
    with pytest.raises(IntegrityError, match="lapses_only_in_a_channel"), transaction.atomic():
        Reservation.objects.update(expires_at="2030-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("counters", "status"),
    [
        ([(0, 0, 0, 0)], "to_send"),
        ([(0, 2, 0, 0), (0, 2, 0, 0)], "cancelled"),
        ([(0, 2, 0, 0), (0, 0, 0, 0)], "to_send"),
        ([(0, 2, 0, 0), (1, 0, 1, 0)], "partly"),
        ([(0, 2, 0, 0), (2, 0, 0, 0)], "in_transit"),
        ([(0, 2, 0, 0), (2, 0, 1, 0)], "in_transit"),
        ([(0, 2, 0, 0), (2, 0, 1, -1)], "received"),
        ([(2, 0, 3, 1)], "received"),
    ],
)
def test_the_status_follows_from_the_counters(counters, status):
    lines = [
        TransferLine(requested=2, demand_id=1, sent=sent, unsent=unsent, received=received, differs=differs)
        for sent, unsent, received, differs in counters
    ]
    assert status_of(lines) == status
    for line in lines:
        line.demand_id = None
    assert status_of(lines) == ("asked" if any(line.to_send for line in lines) else status)
