"""A plain model of where how many pieces lie, kept beside the services, and what is compared after each step."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from apps.core.errors import DomainError
from apps.core.reconcile import reconcile
from tests.inventory.acting import Trade
from tests.inventory.invariants import ZERO, Level, Spot, check_stock, fingerprint, pieces_by_the_books, read_levels

STORES = st.sampled_from(["S1", "S2"])
PLACES = st.sampled_from(["S1", "S2", "DC"])
SHELVES = st.sampled_from(["", "A-1", "M-1", "Q-1"])  # furnished in each location
SKUS = st.sampled_from("ABC")
FEW = st.integers(1, 3)
BASKETS = st.lists(st.tuples(SKUS, FEW), min_size=1, max_size=3)


class ModelledDays(RuleBasedStateMachine):
    """Each run starts from the shop as it was opened, and leaves it so. Its rules are in the classes that build on it."""

    trade: Trade  # set by `run`

    orders = Bundle("orders")
    documents = Bundle("documents")  # acts with a reference: told again, they change nothing

    def __init__(self) -> None:
        super().__init__()
        self.run_of_its_own = transaction.atomic()
        self.run_of_its_own.__enter__()
        self.references = 0
        self.moved: list[tuple[dt.datetime, Spot, Decimal]] = []
        self.facts: set[Spot] = set()
        self.before = read_levels()
        opened = timezone.now()
        for spot, level in self.before.items():
            self.moved.append((opened, spot, level.on_hand))

    def teardown(self) -> None:
        try:
            assert [outcome for outcome in reconcile() if outcome.differences] == []
            books = pieces_by_the_books()
            total: dict[str, Decimal] = defaultdict(Decimal)
            for (sku, *_), level in read_levels().items():
                total[sku] += level.on_hand
            assert {sku: n for sku, n in total.items() if n} == books
        finally:
            transaction.set_rollback(True)
            self.run_of_its_own.__exit__(None, None, None)

    # --- what must be true after each step

    @invariant()
    def holds(self) -> None:
        now = check_stock()
        self._check_pieces(now)
        self._check_promises(now)
        self.before, self.facts = now, set()

    def _check_pieces(self, now: dict[Spot, Level]) -> None:
        """As many pieces lie there as were said to have come and gone."""
        known: dict[Spot, Decimal] = defaultdict(Decimal)
        for _at, spot, change in self.moved:
            known[spot] += change
        assert {s: n for s, n in known.items() if n} == {s: lv.on_hand for s, lv in now.items() if lv.on_hand}

    def _check_promises(self, now: dict[Spot, Level]) -> None:
        """Only a fact takes away what was promised, and what is promised anew was free."""
        for spot, level in now.items():
            was = self.before.get(spot, Level(ZERO, ZERO, ZERO, ZERO, ZERO))
            assert level.short <= was.short or spot in self.facts, ("oversold without a fact", spot, was, level)
            was_free = level.free >= 0 or spot in self.facts  # what comes for an order is for that order
            assert level.reserved <= was.reserved or was_free, ("promised what was not free", spot, was, level)

    # --- the model

    def _spot(self, sku: str, place: str, condition: str = "saleable", owner: str = "") -> Spot:
        return (sku, place, condition, owner or self.trade.owners[place].code)

    def _moves(self, spot: Spot, change: Decimal | int, *, fact: bool = False) -> None:
        if change:
            self.moved.append((timezone.now(), spot, Decimal(change)))
        if fact:
            self.facts.add(spot)

    def _was_there(self, spot: Spot, at: dt.datetime) -> Decimal:
        return sum((change for when, its, change in self.moved if its == spot and when <= at), ZERO)

    # --- how acts are done

    def _reference(self) -> str:
        self.references += 1
        return f"ref-{self.references}"

    def _try(self, act: Callable[[], Any]) -> Any:
        """What the act gives, or None when it was refused; a refused act changes nothing."""
        try:
            with transaction.atomic():
                return act()
        except DomainError:
            return None

    def _try_twice(self, act: Callable[[], Any]) -> Any:
        """As `_try`, and at once again: somebody pressed the button twice."""
        result = self._try(act)
        if result is not None:
            self._again(act)
        return result

    def _again(self, act: Callable[[], Any]) -> None:
        before = fingerprint()
        self._try(act)
        assert fingerprint() == before, "the same once more changed something"

    @rule(act=documents)
    def tell_again(self, act: Callable[[], Any]) -> None:
        self._again(act)
