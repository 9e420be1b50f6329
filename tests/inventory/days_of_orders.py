"""What happens to promises: baskets and orders, paid in time or not, cancelled, refused, picked and given."""

from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, multiple, rule

from apps.core.errors import DomainError
from apps.inventory.models import Reservation, StoreTask
from apps.inventory.services.expiring import sweep_expired
from apps.inventory.services.finishing import finish_task
from apps.inventory.services.types import InsufficientStock
from apps.orders.models import OrderLine
from apps.orders.services.cancelling import cancel, lapse_unpaid
from apps.orders.services.shortages import refuse, source_waiting
from tests.inventory.acting import reservations_of
from tests.inventory.invariants import waiting
from tests.inventory.modelled import BASKETS, PLACES, STORES, ModelledDays

OF_AN_ORDER = [
    "payment_is_late",
    "payment_is_too_late",
    "unpaid_is_cancelled",
    "is_paid",
    "is_cancelled",
    "loses_a_line",
    "is_picked",
    "is_given",
    "is_not_found",
    "lost_a_damaged_line",
    "comes_at_a_bad_time",
    "is_looked_for",
]
HAPPENS = st.lists(st.sampled_from(OF_AN_ORDER), max_size=6)


class DaysOfOrders(ModelledDays):
    baskets = Bundle("baskets")
    orders = ModelledDays.orders

    # --- baskets

    @rule(target=baskets, basket=BASKETS, place=st.none() | PLACES)
    def hold(self, basket: list[tuple[str, int]], place: str | None) -> Any:
        reservation = self._try_promise(lambda: self.trade.hold(basket, place), basket, place)
        return multiple() if reservation is None else (reservation, basket, place)

    @rule(basket=consumes(baskets))
    def let_go(self, basket: tuple[Reservation, Any, Any]) -> None:
        self._try_twice(lambda: self.trade.let_go(basket[0]))

    @rule(basket=baskets)
    def basket_lapses(self, basket: tuple[Reservation, Any, Any]) -> None:
        self.trade.let_lapse([basket[0].pk])

    @rule()
    def sweep(self) -> None:
        self._try_twice(sweep_expired)

    def _try_promise(self, act: Callable[[], Any], basket: list[tuple[str, int]], place: str | None) -> Any:
        """Refused only where there is not enough at the place it names."""
        free: dict[str, Decimal] = defaultdict(Decimal)
        for (sku, where, condition, _owner), level in self.before.items():
            if where == place and condition == "saleable":
                free[sku] += level.on_hand - level.reserved - level.safety_collect
        for (sku, where), quantity in waiting().items():
            if where == place:
                free[sku] -= quantity
        try:
            with transaction.atomic():
                return act()
        except InsufficientStock:
            wanted = Counter[str]()
            for sku, pieces in basket:
                wanted[sku] += pieces
            assert place is None or any(free[sku] < pieces for sku, pieces in wanted.items())
        except DomainError:
            pass
        return None

    # --- orders

    @rule(
        target=orders,
        basket=BASKETS,
        store=st.none() | STORES,
        terms=st.sampled_from(["paid", "unpaid", "later"]),
        anywhere=st.booleans(),
        acts=HAPPENS,
    )
    def place(
        self, basket: list[tuple[str, int]], store: str | None, terms: str, anywhere: bool, acts: list[str]
    ) -> Any:
        external_id = self._reference()

        def act() -> Any:
            return self.trade.place(basket, store, external_id, terms=terms, anywhere=anywhere)

        order = self._try_promise(act, basket, store)
        if order is None:
            return multiple()
        self._again(act)
        self.holds()
        self._happens(order.number, acts)
        return order.number

    @rule(
        target=orders,
        basket=BASKETS,
        store=STORES,
        ways=st.lists(st.sampled_from(["collect", "delivery", "carry_out"]), min_size=3, max_size=3),
        terms=st.sampled_from(["paid", "unpaid", "later"]),
        anywhere=st.booleans(),
        acts=HAPPENS,
    )
    def place_several_ways(
        self, basket: list[tuple[str, int]], store: str, ways: list[str], terms: str, anywhere: bool, acts: list[str]
    ) -> Any:
        """What is taken along is gone at once, whatever was promised to others."""
        external_id, ways = self._reference(), ways[: len(basket)]

        def act() -> Any:
            return self.trade.place(basket, store, external_id, terms=terms, anywhere=anywhere, ways=ways)

        order = self._try(act)
        if order is None:
            return multiple()
        for (sku, pieces), way in zip(basket, ways, strict=True):
            if way == "carry_out":
                self._moves(self._spot(sku, store), -pieces, fact=True)
        self._again(act)
        self.holds()
        self._happens(order.number, acts)
        return order.number

    @rule(number=orders)
    def a_line_comes_another_way(self, number: str) -> None:
        self._try(lambda: self.trade.reroute_line(number, 1))

    @rule(target=orders, held=baskets, terms=st.sampled_from(["paid", "unpaid", "later"]))
    def place_what_is_held(self, held: tuple[Reservation, Any, str | None], terms: str) -> Any:
        reservation, basket, place = held
        external_id = self._reference()
        store = place if place != "DC" else None

        def act() -> Any:
            return self.trade.place(basket, store, external_id, terms=terms, reservation=reservation)

        order = self._try_twice(act)
        return multiple() if order is None else order.number

    @rule(number=orders, acts=HAPPENS)
    def something_happens_to(self, number: str, acts: list[str]) -> None:
        self._happens(number, acts)

    def _happens(self, number: str, acts: list[str]) -> None:
        """One thing after another: what goes wrong with an order takes several in a row."""
        for act in acts:
            getattr(self, act)(number)
            self.holds()

    def payment_is_late(self, number: str) -> None:
        self.trade.let_lapse(reservations_of(number))

    def payment_is_too_late(self, number: str) -> None:
        self.payment_is_late(number)
        self._try_twice(sweep_expired)

    def unpaid_is_cancelled(self, _number: str) -> None:
        self._try_twice(lapse_unpaid)

    def is_paid(self, number: str) -> None:
        self._try(lambda: self.trade.pay(number))

    def is_cancelled(self, number: str) -> None:
        self._try_twice(lambda: cancel(number=number, actor="test"))

    def loses_a_line(self, number: str) -> None:
        self._try_twice(lambda: cancel(number=number, actor="test", line_numbers={1}))

    def is_picked(self, number: str) -> None:
        self._try_twice(lambda: self.trade.take_from_shelf(number))

    def is_given(self, number: str) -> None:
        before = self._given(number)
        self._try_twice(lambda: self.trade.give(number))
        for line, (sku, place, gone) in self._given(number).items():
            if more := gone - before[line][2]:
                self._moves(self._spot(sku, place), -more)

    def _given(self, number: str) -> dict[int, tuple[str, str, Decimal]]:
        lines = OrderLine.objects.filter(order__number=number)
        found = lines.values_list("line", "sku", "location__code", "quantity_fulfilled")
        return {line: (sku, place, gone) for line, sku, place, gone in found}

    def is_not_found(self, number: str) -> None:
        self._try(lambda: refuse(number=number, reason="not_found", actor="test"))

    def lost_a_damaged_line(self, number: str) -> None:
        self._try(lambda: refuse(number=number, reason="damaged", actor="test", line_numbers=[1]))

    def comes_at_a_bad_time(self, number: str) -> None:
        self._try(lambda: refuse(number=number, reason="too_busy", actor="test"))

    def is_looked_for(self, number: str) -> None:
        """What was asked about the order is answered, and what waits for stock is given what there is."""
        for task in StoreTask.objects.open().filter(cause_id=number):
            finish_task(task=task, actor="test")
        source_waiting()
