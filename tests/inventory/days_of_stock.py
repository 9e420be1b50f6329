"""What happens to goods: they come in, are counted, corrected, sold at a till, brought back, sent to another location."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, multiple, rule

from apps.inventory.models import Condition, StockLevel, StoreTask, Transfer
from apps.inventory.services.correcting import BECOMES
from apps.inventory.services.finishing import finish_task
from apps.inventory.services.transfers.receiving import receive_transfer
from apps.inventory.services.transfers.sending import cancel_transfer, send_transfer
from apps.inventory.services.transfers.types import Counted
from apps.orders.models import OrderLine
from tests.inventory.acting import WHY_GONE
from tests.inventory.invariants import ZERO
from tests.inventory.modelled import BASKETS, FEW, PLACES, SHELVES, SKUS, STORES, ModelledDays

LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


class DaysOfStock(ModelledDays):
    orders, documents = ModelledDays.orders, ModelledDays.documents
    counts = Bundle("counts")
    transfers = Bundle("transfers")

    # --- goods come in, are counted and corrected

    @rule(target=documents, place=PLACES, sku=SKUS, pieces=FEW, shelf=SHELVES)
    def receive(self, place: str, sku: str, pieces: int, shelf: str) -> Any:
        reference = self._reference()

        def act() -> Any:
            return self.trade.receive(place, sku, pieces, reference, shelf)

        self._try(act)
        self._moves(self._spot(sku, place), pieces)
        return act

    @rule(
        target=documents,
        place=PLACES,
        sku=SKUS,
        pieces=FEW,
        source=SHELVES,
        to=SHELVES,
        condition=st.sampled_from(["saleable", "saleable", "damaged"]),
    )
    def carry(self, place: str, sku: str, pieces: int, source: str, to: str, condition: str) -> Any:
        """From one place to another: no level changes."""
        reference = self._reference()

        def act() -> Any:
            return self.trade.carry(place, sku, pieces, source, to, condition, reference)

        return multiple() if self._try(act) is None else act

    @rule(target=counts, place=PLACES, sku=SKUS, off=st.integers(-2, 2))
    def begin_count(self, place: str, sku: str, off: int) -> Any:
        """Somebody looks at the shelf now; it is booked later. What they see is what is there, or so many more or fewer."""
        now = timezone.now()
        seen = max(self._was_there(self._spot(sku, place), now) + off, ZERO)
        return (place, sku, now, seen)

    @rule(target=documents, count=consumes(counts), shelf=SHELVES)
    def book_count(self, count: tuple[str, str, dt.datetime, Decimal], shelf: str) -> Any:
        place, sku, at, seen = count
        reference = self._reference()

        def act() -> Any:
            return self.trade.count(place, {sku: seen}, at, reference, shelf)

        spot = self._spot(sku, place)
        difference = seen - self._was_there(spot, at)
        act()
        # What it differs by was so all along: a count only tells.
        self.moved.append((LONG_AGO, spot, difference))
        self.facts.add(spot)
        return act

    @rule(
        target=documents,
        place=PLACES,
        sku=SKUS,
        pieces=FEW,
        reason=st.sampled_from(["found", *WHY_GONE]),
        condition=st.sampled_from(["saleable", "saleable", "damaged", "display", "quality"]),
    )
    def correct(self, place: str, sku: str, pieces: int, reason: str, condition: str) -> Any:
        reference = self._reference()

        def act() -> Any:
            return self.trade.correct(place, sku, pieces, reason, condition, reference)

        if self._try(act) is None:
            assert condition != "saleable"  # a loss of saleable goods is a fact
            return multiple()
        self._moves(self._spot(sku, place, condition), pieces if reason == "found" else -pieces, fact=True)
        return act

    @rule(
        target=documents,
        place=PLACES,
        sku=SKUS,
        pieces=FEW,
        reason=st.sampled_from(sorted(str(reason) for reason in BECOMES)),
        source=st.sampled_from(["saleable", "damaged", "display", "quality"]),
    )
    def set_apart(self, place: str, sku: str, pieces: int, reason: str, source: str) -> Any:
        reference = self._reference()

        def act() -> Any:
            return self.trade.set_apart(place, sku, pieces, reason, source, reference)

        if self._try(act) is None:
            return multiple()
        becomes = next(str(condition) for why, condition in BECOMES.items() if str(why) == reason)
        self._moves(self._spot(sku, place, source), -pieces, fact=becomes != Condition.DISPLAY)
        self._moves(self._spot(sku, place, becomes), pieces)
        return act

    @rule(place=PLACES, sku=SKUS, collect=st.integers(0, 3), delivery=st.integers(0, 3))
    def keep_safety_stock(self, place: str, sku: str, collect: int, delivery: int) -> None:
        here = StockLevel.objects.filter(variant__sku=sku, location__code=place, condition="saleable")
        here.update(safety_collect=collect, safety_delivery=delivery)

    @rule(which=st.integers(0, 50))
    def finish_task(self, which: int) -> None:
        tasks = StoreTask.objects.open().order_by("pk")
        if count := tasks.count():
            task = tasks[which % count]
            self._try_twice(lambda: finish_task(task=task, actor="test"))

    # --- over the counter

    @rule(target=documents, store=STORES, basket=BASKETS)
    def sell(self, store: str, basket: list[tuple[str, int]]) -> Any:
        external_id = self._reference()

        def act() -> Any:
            return self.trade.sell(store, basket, external_id)

        act()
        for sku, pieces in basket:
            self._moves(self._spot(sku, store), -pieces, fact=True)
        return act

    @rule(
        target=documents,
        number=orders,
        store=STORES,
        line=st.integers(1, 3),
        pieces=FEW,
        grade=st.sampled_from(["saleable", "damaged"]),
    )
    def take_back(self, number: str, store: str, line: int, pieces: int, grade: str) -> Any:
        reference = self._reference()

        def act() -> Any:
            return self.trade.take_back(store, number, line, pieces, grade, reference)

        if self._try(act) is None:
            return multiple()
        sku = OrderLine.objects.get(order__number=number, line=line).sku
        self._moves(self._spot(sku, store, grade), pieces)
        return act

    # --- between locations

    @rule(target=transfers, sender=PLACES, receiver=PLACES, basket=BASKETS)
    def ask(self, sender: str, receiver: str, basket: list[tuple[str, int]]) -> Any:
        reference = self._reference()
        transfer = self._try_twice(lambda: self.trade.ask(sender, receiver, basket, reference))
        return multiple() if transfer is None else transfer.number

    @rule(
        number=transfers,
        fewer=st.none() | st.integers(0, 2),
        reason=st.sampled_from(["not_found", "damaged", "needed_here", "later"]),
        is_next=st.booleans(),
    )
    def send(self, number: str, fewer: int | None, reason: str, is_next: bool) -> None:
        self._send(number, fewer, reason, is_next)

    @rule(
        which=st.integers(0, 50),
        fewer=st.sampled_from([None, None, 3]),
        reason=st.sampled_from(["not_found", "damaged", "needed_here", "later"]),
    )
    def send_for_an_order(self, which: int, fewer: int | None, reason: str) -> None:
        if number := self._of_an_order(which, status__in=["to_send", "partly"]):
            self._send(number, fewer, reason, True)

    @rule(which=st.integers(0, 50), off=st.sampled_from([None, None, -1, 1]))
    def unpack_for_an_order(self, which: int, off: int | None) -> None:
        if number := self._of_an_order(which, is_on_the_way=True):
            self._unpack(number, off, "missing", True)

    def _of_an_order(self, which: int, **state: Any) -> str | None:
        numbers = sorted(Transfer.objects.filter(**state).exclude(cause_id="").values_list("number", flat=True))
        return numbers[which % len(numbers)] if numbers else None

    def _send(self, number: str, fewer: int | None, reason: str, is_next: bool) -> None:
        transfer = Transfer.objects.get(number=number)
        lines = list(transfer.lines.select_related("variant"))
        sent = None
        if fewer is not None:
            sent = [Counted(ln.line, max(ln.to_send - fewer, ZERO), reason) for ln in lines]
        go = transfer.sendings + is_next
        was_sent = {ln.line: ln.sent for ln in lines}
        self._try_twice(lambda: send_transfer(number=number, sent=sent, go=go, actor="test"))
        sender, receiver = transfer.sender.code, transfer.receiver.code
        for ln in transfer.lines.select_related("variant"):
            here = self._spot(ln.variant.sku, sender)
            more = ln.sent - was_sent[ln.line]
            self._moves(here, -more)
            self._moves(self._spot(ln.variant.sku, receiver, "in_transit", here[3]), more)

    @rule(
        number=transfers,
        off=st.none() | st.integers(-2, 1),
        reason=st.sampled_from(["missing", "later"]),
        is_next=st.booleans(),
    )
    def unpack(self, number: str, off: int | None, reason: str, is_next: bool) -> None:
        self._unpack(number, off, reason, is_next)

    def _unpack(self, number: str, off: int | None, reason: str, is_next: bool) -> None:
        transfer = Transfer.objects.get(number=number)
        lines = list(transfer.lines.select_related("variant"))
        came = None
        if off is not None:
            came = [Counted(ln.line, max(ln.on_the_way + off, ZERO), reason) for ln in lines]
        before = {ln.line: ln for ln in lines}
        go = transfer.receipts + is_next
        self._try_twice(lambda: receive_transfer(number=number, received=came, go=go, actor="test"))
        owner = self.trade.owners[transfer.sender.code].code
        for ln in transfer.lines.select_related("variant"):
            gone = ln.on_the_way - before[ln.line].on_the_way
            self._moves(self._spot(ln.variant.sku, transfer.receiver.code, "in_transit", owner), gone)
            more = ln.received - before[ln.line].received
            self._moves(self._spot(ln.variant.sku, transfer.receiver.code), more, fact=True)

    @rule(number=transfers)
    def cancel_transfer(self, number: str) -> None:
        self._try_twice(lambda: cancel_transfer(number=number, actor="test"))
