"""Recalls while others are at the same goods: real threads, one that waits for the other's transaction to end."""

from decimal import Decimal

import pytest

from apps.inventory.models import StockLevel, StockMovement, StoreTask
from apps.inventory.services.recalls.starting import hold_what_slipped_through, lift_recall, start_recall
from apps.inventory.services.recalls.taking_off import take_off
from tests.inventory.counting import sell
from tests.shop import Shop, nothing_differs, open_shop
from tests.waiting import while_another_waits


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=10)
    shop.receive(shop.s2, A=6)
    return shop


def recall(shop: Shop):
    return start_recall(variants=[shop.variants["A"]], why="It breaks", advice="Bring it back", actor="test")


def on_hand(shop: Shop, condition: str) -> dict[str, Decimal]:
    levels = StockLevel.objects.filter(variant__sku="A", condition=condition)
    return {code: pieces for code, pieces in levels.values_list("location__code", "on_hand") if pieces}


def test_what_is_being_lifted_is_not_held_back_again_by_the_clock(shop):
    found = recall(shop)
    held = while_another_waits(lambda: lift_recall(recall=found, actor="test"), hold_what_slipped_through)
    assert held == 0
    assert on_hand(shop, "saleable") == {"S1": 10, "S2": 6}
    assert nothing_differs()


def test_two_stores_that_say_so_at_the_same_moment_are_both_booked(shop):
    # given a till in each that sold one of it after the recall
    found = recall(shop)
    for store in (shop.s1, shop.s2):
        sell(shop, "A", 1, location=store)
    first, second = StoreTask.objects.filter(kind="take_off").order_by("location__code")
    # when
    while_another_waits(
        lambda: take_off(task=first, quantity=Decimal(9), actor="test"),
        lambda: take_off(task=second, quantity=Decimal(5), actor="test"),
    )
    # then
    assert on_hand(shop, "saleable") == {}
    assert on_hand(shop, "quality") == {"S1": 9, "S2": 5}
    assert StockMovement.objects.filter(cause_type="recall", cause_id=found.number).count() == 4
    assert nothing_differs()
