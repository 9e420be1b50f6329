"""Counts while others work: real threads on real PostgreSQL."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from apps.inventory.models import Count, CountedLine, CountResult, StockDocument, StockMovement
from apps.inventory.services.counts.closing import approve_count, submit_count
from tests.inventory.counting import ANNA, BO, note, opened, sell
from tests.shop import Shop, nothing_differs, open_shop


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=50, B=50)
    return shop


def at_once(*acts: Callable[[], Any]) -> None:
    """Run all of it at the same moment, each on a connection of its own."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=20)
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(run, act) for act in acts]:
            done.result(timeout=60)


def test_scans_of_several_people_on_one_shelf_all_count(shop):
    # given
    count = opened(shop, "A")
    # when four people scan it five times each
    at_once(*[lambda: [note(shop, count, "A", 1, shelf="A-1", adds=True) for _ in range(5)]] * 4)
    # then
    assert sorted(int(q) for q in CountedLine.objects.values_list("quantity", flat=True)) == list(range(1, 21))


def test_a_sale_while_a_count_is_submitted_is_neither_lost_nor_a_difference(shop):
    for _ in range(8):
        # given
        count = opened(shop, "A", "B")
        before = shop.stock("A").on_hand
        note(shop, count, "A", before)
        note(shop, count, "B", shop.stock("B").on_hand - 1)
        # when
        at_once(
            lambda count=count: submit_count(count=count, actor=ANNA),
            lambda: sell(shop, "A", 2),
            lambda: sell(shop, "B", 1),
        )
        # then
        assert Count.objects.get(pk=count.pk).status == "closed"
        assert shop.stock("A").on_hand == before - 2
        differences = CountResult.objects.filter(count=count).order_by("variant__sku")
        assert list(differences.values_list("difference", flat=True)) == [0, -1]
    assert nothing_differs()


def test_a_sale_between_reading_the_books_and_booking_waits(shop):
    # given a count that pauses where it has read what is there, and reads what moved
    count = opened(shop, "A")
    note(shop, count, "A", 50)
    reached, sold, asked = threading.Event(), threading.Event(), []

    def pause(execute: Any, sql: str, *rest: Any) -> Any:
        if "AS moved USING (variant_id)" in sql:
            asked.append(sql)
            if len(asked) == 3:  # the first two are to judge whether it needs approval
                reached.set()
                sold.wait(timeout=1)
        return execute(sql, *rest)

    def submit() -> None:
        with connection.execute_wrapper(pause):
            submit_count(count=count, actor=ANNA)

    def sell_then() -> None:
        assert reached.wait(timeout=20)
        sell(shop, "A", 2)
        sold.set()

    # when
    at_once(submit, sell_then)
    # then
    assert CountResult.objects.get().difference == 0
    assert shop.stock("A").on_hand == 48
    assert nothing_differs()


def test_submitted_or_approved_by_several_at_once_is_booked_once(shop):
    # given one that is small, and one that wants a word
    small, large = opened(shop, "A"), opened(shop, "B")
    note(shop, small, "A", 49)
    note(shop, large, "B", 20)
    # when
    at_once(*[lambda: submit_count(count=small, actor=ANNA), lambda: submit_count(count=large, actor=BO)] * 3)
    assert Count.objects.get(pk=large.pk).status == "submitted"
    at_once(*[lambda: approve_count(count=large, actor=BO)] * 4)
    # then
    assert (shop.stock("A").on_hand, shop.stock("B").on_hand) == (49, 20)
    assert StockDocument.objects.filter(kind="count").count() == 2
    assert StockMovement.objects.filter(kind="count").count() == 2
    assert nothing_differs()
