"""Counts: facts per scan, the book at that moment, and whose word it takes to book a difference."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.core.errors import Conflict, InvalidInput
from apps.core.events.models import Event
from apps.inventory.models import Count, CountedLine, CountResult, PlaceLevel, StockDocument, StoreTask
from apps.inventory.services.counts.closing import approve_count, submit_count
from apps.inventory.services.counts.differing import differences_of, left_of, tallies_of
from apps.inventory.services.counts.noting import NotInThisRound
from apps.inventory.services.counts.recounting import ask_recount, withdraw_count
from apps.inventory.services.places.noting import put_on_shelves
from tests.inventory.counting import ANNA, BO, note, opened, sell
from tests.shop import Shop, nothing_differs


def scan(shop: Shop, count: Count, sku: str, **more: Any) -> CountedLine:
    return note(shop, count, sku, 1, adds=True, **more)


def found(shop: Shop, count: Count) -> dict[str, int]:
    """The differences by SKU, as whoever approves sees them."""
    skus = {variant.pk: sku for sku, variant in shop.variants.items()}
    return {skus[v]: int(d.quantity) for v, d in differences_of(count, tallies_of(count)).items()}


def stands(count: Count) -> str:
    return str(Count.objects.values_list("status", flat=True).get(pk=count.pk))


# --- counting ---------------------------------------------------------------------------------------------------------


def test_a_scan_adds_one_and_a_typed_quantity_replaces(shop):
    # given
    count = opened(shop, "A", "B")
    # when
    for _ in range(3):
        scan(shop, count, "A", shelf="A-1")
    assert stands(count) == "counting"
    note(shop, count, "A", 9, shelf="A-1")
    scan(shop, count, "A", shelf="A-1")
    # then each is a row, and the last one stands
    lines = CountedLine.objects.filter(count=count).order_by("pk")
    assert [int(line.quantity) for line in lines] == [1, 2, 3, 9, 10]
    assert found(shop, count) == {"A": 0}
    assert {line.book for line in lines} == {10}


def test_the_same_scan_sent_twice_counts_once(shop):
    count, token = opened(shop, "A"), uuid.uuid4()
    assert scan(shop, count, "A", token=token) == scan(shop, count, "A", token=token)
    assert tallies_of(count)[shop.variants["A"].pk].quantity == 1


def test_what_was_counted_is_never_changed_or_removed(shop):
    line = note(shop, opened(shop, "A"), "A", 3)
    for harm in (lambda: CountedLine.objects.update(quantity=4), lambda: line.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            harm()
    assert CountedLine.objects.get().quantity == 3


def test_two_people_on_two_shelves_add_up(shop):
    # given
    count = opened(shop, "A")
    # when
    note(shop, count, "A", 4, shelf="A-1", actor=ANNA)
    note(shop, count, "A", 6, shelf="M-1", actor=BO)
    # then
    submit_count(count=count, actor=ANNA)
    assert stands(count) == "closed"
    assert shop.stock("A").on_hand == 10
    assert dict(PlaceLevel.objects.values_list("place__code", "quantity")) == {"A-1": 4, "M-1": 6}


@pytest.mark.parametrize("quantity", ["-1", "1.5", "100000", "NaN"])
def test_what_cannot_be_counted_is_refused(shop, quantity):
    with pytest.raises(InvalidInput):
        note(shop, opened(shop, "A"), "A", quantity)


def test_a_product_that_nobody_asked_for_may_be_counted_too(shop):
    count = opened(shop, "A")
    note(shop, count, "A", 10)
    note(shop, count, "C", 9)
    submit_count(count=count, actor=ANNA)
    assert (shop.stock("A").on_hand, shop.stock("C").on_hand, shop.stock("B").on_hand) == (10, 9, 10)


# --- what moved meanwhile -----------------------------------------------------------------------------------------------


def test_a_sale_after_the_scan_is_no_difference(shop):
    # given
    count = opened(shop, "A")
    note(shop, count, "A", 10)
    # when
    sell(shop, "A", 2)
    # then
    difference = differences_of(count, tallies_of(count))[shop.variants["A"].pk]
    assert (difference.quantity, difference.moved_since) == (0, -2)
    submit_count(count=count, actor=ANNA)
    assert shop.stock("A").on_hand == 8
    assert CountResult.objects.get().difference == 0
    assert nothing_differs()


def test_a_sale_before_the_scan_that_came_in_later_is_taken_into_account(shop):
    # given a till that reports late: it sold two, then somebody counted eight
    count, sold_at = opened(shop, "A"), timezone.now()
    line = note(shop, count, "A", 8)
    sell(shop, "A", 2, at=sold_at)
    # then
    difference = differences_of(count, tallies_of(count))[shop.variants["A"].pk]
    assert (line.book, difference.expected, difference.learnt_since, difference.quantity) == (10, 8, -2, 0)


def test_what_sold_between_two_shelves_makes_the_difference_doubtful(shop, settings):
    # given
    settings.COUNT_PIECES = 2
    count = opened(shop, "A")
    note(shop, count, "A", 6, shelf="A-1")
    sell(shop, "A", 3)
    note(shop, count, "A", 4, shelf="M-1")
    # then: were they taken off the second shelf, there are three too many; off the first, nothing differs
    difference = differences_of(count, tallies_of(count))[shop.variants["A"].pk]
    assert (difference.quantity, difference.moved_between, difference.at_worst) == (3, -3, 3)
    submit_count(count=count, actor=ANNA)
    assert stands(count) == "submitted"


def test_what_may_be_off_by_more_than_it_seems_needs_approval(shop, settings):
    # given a difference that is none if all three were taken off the shelf that was counted last
    settings.COUNT_PIECES = 2
    count = opened(shop, "A")
    note(shop, count, "A", 4, shelf="A-1")
    sell(shop, "A", 3)
    note(shop, count, "A", 3, shelf="M-1")
    assert found(shop, count) == {"A": 0}
    # then
    submit_count(count=count, actor=ANNA)
    assert stands(count) == "submitted"


def test_two_counts_at_the_same_time_book_a_difference_once(shop):
    # given one counted before the other, and closed after it
    first, second = opened(shop, "A"), opened(shop, "A")
    note(shop, first, "A", 9)
    note(shop, second, "A", 9)
    # when
    submit_count(count=second, actor=ANNA)
    submit_count(count=first, actor=ANNA)
    # then
    assert shop.stock("A").on_hand == 9
    assert sorted(CountResult.objects.values_list("difference", flat=True)) == [-1, 0]
    assert nothing_differs()


# --- submitting and approving ---------------------------------------------------------------------------------------------


def test_a_small_difference_closes_at_once_with_a_document(shop):
    # given
    task = StoreTask.objects.create(
        location=shop.s1, kind="count_missing", variant=shop.variants["A"], cause_type="x", cause_id="1"
    )
    count = opened(shop, "A")
    note(shop, count, "A", 9)
    # when
    closed = submit_count(count=count, actor=ANNA)
    # then
    assert (closed.status, closed.approved_by) == ("closed", "")
    assert shop.stock("A").on_hand == 9
    assert closed.document.reference == count.number
    result = CountResult.objects.get()
    assert (result.quantity, result.expected, result.difference, result.value) == (9, 10, -1, Decimal("-10.00"))
    task.refresh_from_db()
    assert task.done_by == ANNA
    topics = Event.objects.filter(object_type="count").order_by("pk").values_list("topic", flat=True)
    assert list(topics) == ["count.opened", "count.submitted", "count.closed"]
    assert nothing_differs()


def test_a_task_raised_after_the_scan_stays(shop):
    count = opened(shop, "A")
    note(shop, count, "A", 10)
    StoreTask.objects.create(
        location=shop.s1, kind="count_missing", variant=shop.variants["A"], cause_type="x", cause_id="1"
    )
    submit_count(count=count, actor=ANNA)
    assert stands(count) == "closed"
    assert StoreTask.objects.open().count() == 1


@pytest.mark.parametrize(
    ("counted", "status"), [({"A": 5}, "closed"), ({"A": 4}, "submitted"), ({"A": 7, "B": 7}, "submitted")]
)
def test_many_pieces_or_much_money_needs_somebodys_word(shop, counted, status):
    # given a limit of five pieces of one product and 50 euros in all, at 10 euros each
    count = opened(shop, *counted)
    for sku, quantity in counted.items():
        note(shop, count, sku, quantity)
    # when
    submit_count(count=count, actor=ANNA)
    # then
    assert stands(count) == status
    booked = {sku: int(shop.stock(sku).on_hand) for sku in counted}
    assert booked == (counted if status == "closed" else dict.fromkeys(counted, 10))


def test_a_shelf_that_nobody_went_past_needs_somebodys_word(shop):
    # given ten on two shelves, of which one was counted
    put_on_shelves(
        location=shop.s1, lines=[("A-1", shop.variants["A"].pk, Decimal(8)), ("M-1", shop.variants["A"].pk, Decimal(2))]
    )
    count = opened(shop, "A")
    note(shop, count, "A", 8, shelf="A-1")
    # then
    submit_count(count=count, actor=ANNA)
    assert stands(count) == "submitted"
    assert tallies_of(count)[shop.variants["A"].pk].missed == ("M-1",)


def test_approval_books_and_says_whose_it_was(shop):
    count = opened(shop, "A")
    note(shop, count, "A", 2)
    submit_count(count=count, actor=ANNA)
    approve_count(count=count, actor=BO)
    approve_count(count=count, actor=ANNA)  # again: as it was
    count.refresh_from_db()
    assert (count.status, count.submitted_by, count.approved_by) == ("closed", ANNA, BO)
    assert shop.stock("A").on_hand == 2
    assert StockDocument.objects.filter(kind="count").count() == 1


def test_of_what_was_not_counted_nothing_is_assumed(shop):
    # given
    count = opened(shop, "A", "B", "C")
    note(shop, count, "A", 10)
    submit_count(count=count, actor=ANNA)
    # then
    assert [int(shop.stock(sku).on_hand) for sku in "ABC"] == [10, 10, 10]
    assert set(left_of(count, tallies_of(count)).all) == {shop.variants["B"].pk, shop.variants["C"].pk}


def test_who_may_can_say_that_there_are_none_of_what_was_not_counted(shop):
    # given
    count = opened(shop, "A", "B", "C")
    note(shop, count, "A", 1)
    submit_count(count=count, actor=ANNA)
    shop.receive(shop.s1, B=4)
    # when something that was counted is named, nothing happens
    with pytest.raises(InvalidInput):
        approve_count(count=count, actor=BO, zeroed=[shop.variants["A"].pk])
    # when
    approve_count(count=count, actor=BO, zeroed=[shop.variants["B"].pk])
    # then: what came in since it was submitted is there
    assert [int(shop.stock(sku).on_hand) for sku in "ABC"] == [1, 4, 10]
    assert CountResult.objects.get(variant=shop.variants["B"]).is_assumed
    assert nothing_differs()


def test_submitted_twice_is_once(shop):
    count = opened(shop, "A")
    note(shop, count, "A", 9)
    assert submit_count(count=count, actor=ANNA) == submit_count(count=count, actor=BO)
    assert StockDocument.objects.filter(kind="count").count() == 1
    assert Count.objects.get().submitted_by == ANNA


# --- again, or not at all -----------------------------------------------------------------------------------------------


def test_a_recount_replaces_only_what_was_counted_again(shop):
    # given
    count = opened(shop, "A", "B", "C")
    for sku, quantity in (("A", 2), ("B", 9)):
        note(shop, count, sku, quantity)
    submit_count(count=count, actor=ANNA)
    # when
    ask_recount(count=count, variant_ids=[shop.variants["A"].pk], seen_round=1, actor=BO)
    ask_recount(count=count, variant_ids=[shop.variants["A"].pk], seen_round=1, actor=BO)  # sent twice
    with pytest.raises(NotInThisRound):
        note(shop, count, "B", 1)
    note(shop, count, "A", 10)
    # then
    assert found(shop, count) == {"A": 0, "B": -1}
    submit_count(count=count, actor=ANNA)
    count.refresh_from_db()
    assert (count.status, count.round) == ("closed", 2)
    assert [int(shop.stock(sku).on_hand) for sku in "ABC"] == [10, 9, 10]
    assert left_of(count, tallies_of(count)).never == (shop.variants["C"].pk,)
    # and the first figures stay
    first = CountedLine.objects.filter(variant=shop.variants["A"], round=1)
    assert [int(line.quantity) for line in first] == [2]


def test_what_was_to_be_counted_again_and_was_not_needs_approval(shop):
    count = opened(shop, "A", "B")
    note(shop, count, "A", 2)
    note(shop, count, "B", 10)
    submit_count(count=count, actor=ANNA)
    ask_recount(count=count, variant_ids=[v.pk for s, v in shop.variants.items() if s in "AB"], seen_round=1, actor=BO)
    note(shop, count, "A", 10)
    submit_count(count=count, actor=ANNA)
    assert stands(count) == "submitted"


def test_a_recount_is_of_what_is_in_the_count(shop):
    count = opened(shop, "A")
    note(shop, count, "A", 2)
    submit_count(count=count, actor=ANNA)
    for wrong in ([], [shop.variants["C"].pk]):
        with pytest.raises(InvalidInput):
            ask_recount(count=count, variant_ids=wrong, seen_round=1, actor=BO)


def test_a_withdrawn_count_books_nothing(shop):
    count = opened(shop, "A")
    note(shop, count, "A", 2)
    withdraw_count(count=count, actor=BO)
    withdraw_count(count=count, actor=BO)
    assert stands(count) == "withdrawn"
    assert shop.stock("A").on_hand == 10
    for act in (
        lambda: submit_count(count=count, actor=ANNA),
        lambda: approve_count(count=count, actor=ANNA),
        lambda: note(shop, count, "A", 1),
        lambda: ask_recount(count=count, variant_ids=[shop.variants["A"].pk], seen_round=1, actor=BO),
    ):
        with pytest.raises(Conflict):
            act()


def test_acts_in_the_wrong_state_are_refused(shop):
    # given one nobody counted in, and one that is closed
    draft, closed = opened(shop, "A"), opened(shop, "B")
    note(shop, closed, "B", 10)
    submit_count(count=closed, actor=ANNA)
    for act in (
        lambda: submit_count(count=draft, actor=ANNA),
        lambda: approve_count(count=draft, actor=ANNA),
        lambda: note(shop, closed, "B", 1),
        lambda: withdraw_count(count=closed, actor=BO),
        lambda: ask_recount(count=closed, variant_ids=[shop.variants["B"].pk], seen_round=1, actor=BO),
    ):
        with pytest.raises(Conflict):
            act()
    assert (stands(draft), stands(closed)) == ("draft", "closed")
