"""Random acts of several people at the same moment, on connections of their own: afterwards the same invariants hold."""

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.core.errors import DomainError
from apps.core.reconcile import reconcile
from apps.core.retry import in_transaction
from apps.inventory.models import StoreTask, Transfer
from apps.inventory.services.expiring import sweep_expired
from apps.inventory.services.finishing import finish_task
from apps.inventory.services.transfers.receiving import receive_transfer
from apps.inventory.services.transfers.sending import cancel_transfer, send_transfer
from apps.orders.models import Order, Refusal
from apps.orders.services.cancelling import cancel, lapse_unpaid
from apps.orders.services.shortages import refuse, source_waiting
from tests.inventory.acting import WHY_GONE, Trade, open_trade, reservations_of
from tests.inventory.invariants import check_stock, pieces_by_the_books, read_levels
from tests.shop import open_shop

PEOPLE = 5


class Somebody:
    """Does one thing after another, drawn from a seed, to whatever order, transfer or task there is by then."""

    def __init__(self, trade: Trade, seed: int) -> None:
        self.trade = trade
        self.draw = random.Random(seed)
        self.references = (f"{seed}-{n}" for n in itertools.count(1))

    def acts(self) -> list[tuple[int, Callable[[], Any]]]:
        """Each with how often it is done."""
        return [
            (3, self._receive),
            (3, self._hold),
            (8, self._place),
            (2, self._sell),
            (2, self._count),
            (1, self._correct),
            (2, self._ask),
            (2, self._take_back),
            (3, lambda: cancel(number=self._order(), actor="test")),
            (8, self._take_and_give),
            (3, lambda: self.trade.pay(self._order())),
            (3, lambda: self.trade.let_lapse(reservations_of(self._order()))),
            (3, lambda: refuse(number=self._order(), reason=self.draw.choice(Refusal.Reason.values), actor="test")),
            (2, source_waiting),
            (2, lambda: in_transaction(sweep_expired)),
            (2, lapse_unpaid),
            (2, lambda: finish_task(task=self._any(StoreTask.objects.open()), actor="test")),
            (3, lambda: send_transfer(number=self._transfer(), actor="test")),
            (3, lambda: receive_transfer(number=self._transfer(), actor="test")),
            (1, lambda: cancel_transfer(number=self._transfer(), actor="test")),
        ]

    def work(self, how_often: int) -> Counter[str]:
        """Do so many acts; count what became of them."""
        outcomes: Counter[str] = Counter()
        often, acts = zip(*self.acts(), strict=True)
        for _ in range(how_often):
            try:
                self.draw.choices(acts, often)[0]()
                outcomes["done"] += 1
            except DomainError as refusal:
                outcomes[refusal.code] += 1
            except Nothing:
                outcomes["nothing to do"] += 1
        return outcomes

    def _receive(self) -> Any:
        return self.trade.receive(self._place_code(), self._sku(), self.draw.randint(1, 4), next(self.references))

    def _hold(self) -> None:
        basket = self._basket()
        held = self.trade.hold(basket, None)
        if self.draw.random() < 0.3:
            self.trade.let_lapse([held.pk])
        if self.draw.random() < 0.5:
            self.trade.place(basket, None, next(self.references), terms="paid", reservation=held)
        else:
            self.trade.let_go(held)

    def _place(self) -> Any:
        store = self.draw.choice(["S1", "S2", None])
        terms = self.draw.choice(["paid", "paid", "unpaid", "later"])
        return self.trade.place(self._basket(), store, next(self.references), terms=terms)

    def _sell(self) -> Any:
        return self.trade.sell(self._store(), self._basket(), next(self.references))

    def _count(self) -> Any:
        counted = {sku: Decimal(self.draw.randint(0, 6)) for sku in "ABC" if self.draw.random() < 0.7}
        return self.trade.count(self._place_code(), counted, timezone.now(), next(self.references))

    def _correct(self) -> Any:
        reason = self.draw.choice(["found", *WHY_GONE])
        reference = next(self.references)
        return self.trade.correct(self._place_code(), self._sku(), 1, reason, "saleable", reference)

    def _ask(self) -> Any:
        sender, receiver = self.draw.sample(["S1", "S2", "DC"], 2)
        basket = [(sku, 1) for sku in self.draw.sample("ABC", 2)]
        return self.trade.ask(sender, receiver, basket, next(self.references))

    def _take_back(self) -> Any:
        return self.trade.take_back(self._store(), self._order(), 1, 1, "saleable", next(self.references))

    def _take_and_give(self) -> Any:
        number = self._order()
        self.trade.take_from_shelf(number)
        return self.trade.give(number)

    def _sku(self) -> str:
        return self.draw.choice("ABC")

    def _store(self) -> str:
        return self.draw.choice(["S1", "S2"])

    def _place_code(self) -> str:
        return self.draw.choice(["S1", "S2", "DC"])

    def _basket(self) -> list[tuple[str, int]]:
        return [(self._sku(), self.draw.randint(1, 2)) for _ in range(self.draw.randint(1, 3))]

    def _order(self) -> str:
        """One of the newest, so that several are at the same one."""
        return self._any(Order.objects.exclude(method="carry_out").order_by("-pk")[:8]).number

    def _transfer(self) -> str:
        return self._any(Transfer.objects.order_by("-pk")[:4]).number

    def _any(self, rows: Any) -> Any:
        found = list(rows)
        if not found:
            raise Nothing
        return self.draw.choice(found)


class Nothing(Exception):
    """There is nothing to do it to."""


def at_once(trade: Trade, *, seed: int, acts: int) -> Counter[str]:
    start = Barrier(PEOPLE)

    def work(somebody: Somebody) -> Counter[str]:
        try:
            start.wait(timeout=20)
            return somebody.work(acts)
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        people = [Somebody(trade, seed * PEOPLE + n) for n in range(PEOPLE)]
        return sum(pool.map(work, people), Counter[str]())


def check_all() -> None:
    check_stock()
    assert [outcome for outcome in reconcile() if outcome.differences] == []
    pieces: dict[str, Decimal] = defaultdict(Decimal)
    for (sku, *_), level in read_levels().items():
        pieces[sku] += level.on_hand
    assert {sku: n for sku, n in pieces.items() if n} == pieces_by_the_books()


@pytest.fixture
def trade(transactional_db: None) -> Trade:
    return open_trade(open_shop())


def test_people_who_do_anything_at_once_leave_the_stock_right(trade):
    outcomes = at_once(trade, seed=1, acts=60)
    check_all()
    assert outcomes["done"] > PEOPLE * 20, outcomes


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 22))
def test_people_who_do_anything_at_once_for_long_leave_the_stock_right(trade, seed):
    at_once(trade, seed=seed, acts=400)
    check_all()
