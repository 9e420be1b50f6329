"""What a count is of: shelves, tasks that wait, what sold most since it was counted."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.core.errors import InvalidInput
from apps.inventory.models import Count, StockLevel, StoreTask
from apps.inventory.services.counting import book_count
from apps.inventory.services.counts.closing import submit_count
from apps.inventory.services.counts.opening import open_count
from apps.inventory.services.places.noting import put_on_shelves
from tests.inventory.counting import ANNA, note, opened, sell
from tests.shop import Shop


def chosen(shop: Shop, **how: Any) -> list[str]:
    count = open_count(location=shop.s1, actor=ANNA, token=uuid.uuid4(), **how)
    return list(count.items.order_by("pk").values_list("variant__sku", flat=True))


def test_the_same_form_opens_one_count(shop):
    token = uuid.uuid4()
    assert opened(shop, "A", token=token) == opened(shop, "A", token=token)
    assert Count.objects.get().items.count() == 1


def test_nothing_to_count_opens_nothing(shop):
    for basis in ("given", "shelves", "tasks", "fastest", "suggested"):
        with pytest.raises(InvalidInput):
            chosen(shop, basis=basis)
    assert not Count.objects.exists()


def test_shelves_that_begin_so(shop):
    ids = {sku: variant.pk for sku, variant in shop.variants.items()}
    placed = [("A-1", ids["A"], Decimal(1)), ("A-2", ids["B"], Decimal(1)), ("B-1", ids["C"], Decimal(1))]
    put_on_shelves(location=shop.s1, lines=placed)
    assert sorted(chosen(shop, basis="shelves", shelf="a-")) == ["A", "B"]


def test_open_tasks_come_first_then_what_sold_most_since_it_was_counted(shop):
    # given C is asked for; of B more was sold than of A
    for sku, quantity in (("A", 1), ("B", 3), ("C", 5)):
        sell(shop, sku, quantity)
    StoreTask.objects.create(
        location=shop.s1, kind="count_missing", variant=shop.variants["C"], cause_type="x", cause_id="1"
    )
    assert chosen(shop, basis="tasks") == ["C"]
    assert chosen(shop, basis="suggested") == ["C", "B", "A"]
    assert chosen(shop, basis="suggested", limit=2) == ["C", "B"]
    assert chosen(shop, basis="fastest") == ["C", "B", "A"]

    # when B was counted, right to the piece, and sold one since
    count = opened(shop, "B")
    note(shop, count, "B", 7)
    submit_count(count=count, actor=ANNA)
    sell(shop, "B", 1)
    # then what it sold before no longer counts
    assert chosen(shop, basis="fastest")[0] == "C"
    assert set(chosen(shop, basis="fastest")) == {"A", "B", "C"}
    assert chosen(shop, basis="fastest", uncounted_days=7) == ["C", "A"]

    # and a count from a file counts as well
    book_count(
        location=shop.s1,
        counted={shop.variants["C"].pk: Decimal(4)},
        reference="x",
        counted_at=timezone.now(),
        actor="test",
    )
    assert "C" not in chosen(shop, basis="fastest")


def test_another_stores_sales_do_not_count(shop):
    shop.receive(shop.s2, A=5)
    StockLevel.objects.filter(location=shop.s2).update(safety_collect=0, safety_delivery=0)
    sell(shop, "A", 1)
    with pytest.raises(InvalidInput):
        open_count(location=shop.s2, basis="fastest", actor=ANNA, token=uuid.uuid4())
