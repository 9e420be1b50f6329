"""Consigning while others are at the same goods: real threads, one that waits for the other's transaction to end."""

import pytest

from apps.inventory.services.consigning import change_hands
from tests.at_once import all_at_once
from tests.inventory.acting import Trade, open_trade
from tests.inventory.consigning import a_supplier, consigned, whose
from tests.shop import nothing_differs, open_shop
from tests.waiting import while_another_waits


@pytest.fixture
def trade(transactional_db: None) -> Trade:
    """Four of each in S1, S2 and DC."""
    return open_trade(open_shop())


def test_a_till_that_did_not_know_of_it_yet(trade):
    # given a sale that looked whose goods they are, and waits for the goods
    shop = trade.shop
    while_another_waits(lambda: consigned(shop, "A"), lambda: trade.sell("S1", [("A", 1)], "till"))
    assert whose("A", shop.s1) == {"F01": -1, "L01": 4}
    # when
    change_hands()
    # then
    assert whose("A", shop.s1) == {"L01": 3}
    assert nothing_differs()


def test_consigning_waits_for_who_has_the_goods(trade):
    shop = trade.shop
    while_another_waits(lambda: trade.sell("S1", [("A", 1)], "till"), lambda: consigned(shop, "A"))
    assert whose("A", shop.s1) == {"L01": 3}
    assert nothing_differs()


def test_everybody_at_once(trade):
    # given
    shop = trade.shop
    trade.place([("A", 2)], "S1", "promised", terms="paid")
    # when
    all_at_once(
        [
            lambda: consigned(shop, "A", "B"),
            lambda: consigned(shop, "B", "A", supplier=a_supplier("L02")),
            lambda: trade.sell("S1", [("B", 1), ("A", 1)], "till-1"),
            lambda: trade.sell("S1", [("A", 1)], "till-2"),
            lambda: trade.place([("A", 1), ("B", 1)], "S1", "web", terms="paid"),
            lambda: change_hands(),
        ]
    )
    change_hands()
    # then one supplier has it all
    (owner,) = whose("A", shop.s1)
    assert whose("A", shop.s1) == {owner: 2}
    assert whose("B", shop.s1) == {owner: 3}
    assert nothing_differs()
