"""Random days in the shop: whatever people, tills and the clock do in whatever order, the invariants of stock hold."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.inventory.acting import open_trade
from tests.inventory.days_of_orders import DaysOfOrders
from tests.inventory.days_of_stock import DaysOfStock
from tests.shop import open_shop


class RandomDays(DaysOfStock, DaysOfOrders):
    pass


@pytest.fixture
def random_days(db: None) -> Iterator[type[RandomDays]]:
    RandomDays.trade = open_trade(open_shop())
    yield RandomDays
    del RandomDays.trade


def run(machine: type[RandomDays], *, days: int, acts: int, **others: Any) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=days,
            stateful_step_count=acts,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **others,
        ),
    )


@pytest.mark.long
def test_whatever_happens_stock_adds_up_and_promises_hold(random_days):
    # The same days each time: this run tells of the code, and not of luck. New ones are for `make soak`.
    # What fails is told as it came; `make soak` finds a short case of it.
    run(random_days, days=30, acts=25, derandomize=True, database=None, phases=[Phase.generate])


@pytest.mark.soak
def test_whatever_happens_for_long_stock_adds_up_and_promises_hold(random_days):
    run(random_days, days=600, acts=80, print_blob=True)
