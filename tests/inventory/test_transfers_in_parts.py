"""A transfer that leaves in several goes and comes in several goes: each is booked once, what is left stays expected."""

from decimal import Decimal

import pytest
from django.utils import timezone

from apps.core.errors import InvalidInput
from apps.core.events.models import Event
from apps.inventory.models import Demand, StockMovement, StoreTask, Transfer
from apps.inventory.services.places.noting import put_on_shelves
from apps.inventory.services.transfers.rules import BookedMeanwhile, WrongTransferState
from apps.inventory.services.transfers.sending import cancel_transfer
from apps.inventory.services.transfers.types import MOST_GOES
from tests.inventory.transfers import ask, levels, receive, send
from tests.shop import nothing_differs


def test_what_follows_later_stays_promised_and_is_sent_in_another_go(shop):
    # given
    transfer = ask(shop, A=5, B=2)
    # when: a line that is not named stays as it is
    transfer = send(transfer, (1, 3, "later"))
    # then
    assert (transfer.status, transfer.is_on_the_way, transfer.sendings) == ("partly", True, 1)
    assert levels(shop) == {("S1", "saleable", "F01"): (7, 2), ("S2", "in_transit", "F01"): (3, 0)}
    assert levels(shop, "B") == {("S1", "saleable", "F01"): (10, 2)}
    assert nothing_differs()
    # when
    transfer = send(transfer, go=2)
    # then
    assert (transfer.status, transfer.sendings) == ("in_transit", 2)
    assert levels(shop) == {("S1", "saleable", "F01"): (5, 0), ("S2", "in_transit", "F01"): (5, 0)}
    assert not any(demand.quantity - demand.consumed for demand in Demand.objects.all())
    rows = StockMovement.objects.filter(kind="send").order_by("pk")
    assert list(rows.values_list("cause_line", "part", "quantity")) == [(1, 0, 3), (1, 1, 2), (2, 1, 2)]
    assert nothing_differs()


def test_goods_come_in_goes_and_what_did_not_come_yet_is_still_on_its_way(shop):
    # given
    transfer = send(ask(shop, A=5))
    # when
    transfer = receive(transfer, (1, 2, "later"))
    # then
    assert (transfer.status, transfer.is_on_the_way, transfer.receipts) == ("in_transit", True, 1)
    assert levels(shop)[("S2", "saleable", "OWN")] == (2, 0)
    assert levels(shop)[("S2", "in_transit", "F01")] == (3, 0)
    assert not StoreTask.objects.exists()
    # when: of the rest one is missing
    transfer = receive(transfer, (1, 2, "missing"), go=2)
    # then
    assert (transfer.status, transfer.is_on_the_way) == ("received", False)
    assert levels(shop) == {("S1", "saleable", "F01"): (5, 0), ("S2", "saleable", "OWN"): (4, 0)}
    line = transfer.lines.get()
    assert (line.received, line.differs, line.differs_because) == (4, -1, "missing")
    task = StoreTask.objects.open().get()
    assert (task.location, task.kind, task.quantity) == (shop.s1, "count_transfer", 1)
    assert nothing_differs()


def test_more_than_came_in_one_box_is_not_taken_off_the_next(shop):
    # given: six lie in a box of five, before the next five leave
    transfer = receive(send(ask(shop, A=10), (1, 5, "later")), (1, 6, "miscounted"))
    assert (transfer.status, transfer.is_on_the_way) == ("partly", False)
    with pytest.raises(WrongTransferState):
        receive(transfer, go=2)
    # when
    send(transfer, go=2)
    # then
    assert levels(shop)[("S2", "in_transit", "F01")] == (5, 0)
    assert receive(transfer, go=2).status == "received"
    assert levels(shop)[("S2", "saleable", "OWN")] == (11, 0)
    assert nothing_differs()


def test_each_go_may_be_repeated_and_one_with_other_goods_is_refused(shop):
    # given
    transfer = ask(shop, A=6)
    goes = [
        lambda: send(transfer, (1, 2, "later")),
        lambda: receive(transfer, (1, 1, "later")),
        lambda: send(transfer, (1, 3, "needed_here"), go=2),
        lambda: receive(transfer, (1, 4), go=2),
    ]
    # when: each is said again after all that followed
    for act in [*goes, *goes]:
        act()
    # then
    assert levels(shop) == {("S1", "saleable", "F01"): (5, 0), ("S2", "saleable", "OWN"): (5, 0)}
    assert StockMovement.objects.filter(cause_type="transfer").count() == 4
    assert Event.objects.filter(object_type="transfer").count() == 5
    for act in (
        lambda: send(transfer, (1, 3, "later")),
        lambda: send(transfer, go=4),
        lambda: receive(transfer, (1, 3, "later"), go=1),
        lambda: receive(transfer, go=0),
    ):
        with pytest.raises(BookedMeanwhile):
            act()
    assert nothing_differs()


def test_the_rest_is_called_off_while_the_first_part_is_on_its_way(shop):
    # given
    transfer = send(ask(shop, A=5, B=2), (1, 3, "later"))
    # when
    transfer = cancel_transfer(number=transfer.number, actor="test")
    # then
    assert transfer.status == "in_transit"
    assert levels(shop) == {("S1", "saleable", "F01"): (7, 0), ("S2", "in_transit", "F01"): (3, 0)}
    assert levels(shop, "B") == {("S1", "saleable", "F01"): (10, 0)}
    with pytest.raises(WrongTransferState):
        send(transfer, go=2)
    with pytest.raises(WrongTransferState):
        cancel_transfer(number=transfer.number, actor="test")
    assert receive(transfer).status == "received"
    assert nothing_differs()


def test_what_is_not_found_of_the_rest_is_held_back_and_no_more(shop):
    transfer = send(ask(shop, A=5), (1, 2, "later"))
    send(transfer, (1, 1, "not_found"), go=2)
    assert levels(shop)[("S1", "saleable", "F01")] == (7, 2)
    assert StoreTask.objects.open().get().quantity == 2
    assert nothing_differs()


@pytest.mark.parametrize("counted", [[(1, 0, "later")], [(1, 6, "later")], [(1, 3, "later"), (2, 1)]])
def test_a_go_without_goods_or_with_too_many_is_no_go(shop, counted):
    transfer = ask(shop, A=5)
    with pytest.raises(InvalidInput):
        send(transfer, *counted)
    with pytest.raises(InvalidInput):
        receive(send(transfer), (1, 6, "later"))
    assert levels(shop)[("S2", "in_transit", "F01")] == (5, 0)


def test_all_of_it_is_no_answer_to_a_go_that_somebody_booked_with_less(shop):
    # given: two of four left, and one of these came
    transfer = receive(send(ask(shop, A=4), (1, 2, "later")), (1, 1, "later"))
    for act in (send, receive):
        with pytest.raises(BookedMeanwhile):
            act(transfer)
    # when: the rest leaves and comes, and each is said again
    for act in (send, receive, send, receive):
        act(transfer, go=2)
    # then
    assert levels(shop)[("S2", "saleable", "OWN")] == (4, 0)
    for act in (send, receive):
        with pytest.raises(BookedMeanwhile):
            act(transfer)


def test_a_receipt_of_all_that_was_sent_by_then_stands_when_more_leaves_later(shop):
    transfer = receive(send(ask(shop, A=4), (1, 2, "later")))
    send(transfer, go=2)
    assert receive(transfer).receipts == 1
    assert levels(shop)[("S2", "in_transit", "F01")] == (2, 0)


def test_what_differs_again_is_to_be_counted_again(shop):
    # given: one of the first two is missing
    transfer = receive(send(ask(shop, A=6), (1, 2, "later")), (1, 1, "missing"))
    # when: and another one of the next two
    receive(send(transfer, (1, 2, "later"), go=2), (1, 1, "missing"), go=2)
    # then
    assert StoreTask.objects.open().get().quantity == 2
    # when: they were counted, and one too many comes
    StoreTask.objects.update(done_at=timezone.now(), done_by="test")
    receive(send(transfer, go=3), (1, 3, "miscounted"), go=3)
    # then
    assert StoreTask.objects.open().get().quantity == 1
    assert nothing_differs()


def test_there_is_room_in_the_ledger_for_every_go(shop):
    # given: goods that lie on a shelf, so that each go has rows of the rule beside it
    put_on_shelves(location=shop.s1, lines=[("A-1", shop.variants["A"].pk, Decimal(10))])
    transfer = ask(shop, A=4)
    Transfer.objects.update(sendings=MOST_GOES - 1)
    # when
    send(transfer, (1, 1, "later"), go=MOST_GOES)
    # then
    assert StockMovement.objects.filter(kind="by_rule").count() == 1
    with pytest.raises(WrongTransferState):
        send(transfer, go=MOST_GOES + 1)
