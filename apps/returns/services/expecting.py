"""Pieces of a return under way that come back at a till instead: the till has paid for them, so the return no longer may.

Whoever brings goods for which a return is announced brings the announced ones. So a till return uses up what is announced
first, or arrived at the same place: there before elsewhere, older before newer. Then come pieces that nobody announced, and
last those that arrived elsewhere: they lie there, but no more can be paid back than was bought.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection, transaction

from apps.core.events.log import record_many
from apps.core.money import ZERO, spread
from apps.orders.models import OrderLine
from apps.returns.models import Return, ReturnLine, ReturnStatus, Withdrawal
from apps.returns.services.purchases import lock_lines
from apps.returns.services.withdrawing import CLOSED, close, withdrawn


@dataclass(slots=True)
class Expected:
    """Locked returns under way, and how many pieces of each of their lines came back at a till."""

    returns: dict[int, Return] = field(default_factory=dict)
    lines: dict[int, list[ReturnLine]] = field(default_factory=lambda: defaultdict(list))
    taken: dict[int, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    def take(
        self, order_line_id: int, quantity: Decimal, *, location_id: int | None, elsewhere: bool = False
    ) -> Decimal:
        """Use up expected pieces of an order line, at most `quantity`; how many that was.

        With `elsewhere` those that arrived somewhere else, otherwise all others.
        """
        rest = quantity
        for line in sorted(self.lines.get(order_line_id, ()), key=lambda ln: self._turn(ln, location_id)):
            rma = self.returns[line.rma_id]
            arrived_elsewhere = rma.status != ReturnStatus.ANNOUNCED and rma.location_id != location_id
            if arrived_elsewhere is not elsewhere:
                continue
            part = min(rest, line.quantity - self.taken[line.pk])
            self.taken[line.pk] += part
            rest -= part
        return quantity - rest

    def _turn(self, line: ReturnLine, location_id: int | None) -> tuple[bool, dt.datetime, int]:
        rma = self.returns[line.rma_id]
        return rma.location_id != location_id, rma.occurred_at, line.pk

    def write(self, occurred_at: dt.datetime) -> None:
        """Take what was used up off the returns; one of which nothing is left is withdrawn."""
        touched: dict[int, list[ReturnLine]] = defaultdict(list)
        for part in self.lines.values():
            for line in part:
                touched[line.rma_id].append(line)
        changed = [pk for pk, lines in touched.items() if any(self.taken[line.pk] for line in lines)]
        less: list[ReturnLine] = []
        gone: list[int] = []
        events = []
        for pk in sorted(changed):
            rma, lines = self.returns[pk], touched[pk]
            pieces = [(line, self.taken[line.pk]) for line in lines if self.taken[line.pk]]
            kept = [line for line in lines if line.quantity > self.taken[line.pk]]
            if kept:
                gone += [line.pk for line in lines if line.quantity == self.taken[line.pk]]
                less += [self._less(line) for line in kept if self.taken[line.pk]]
                rma.total = sum((line.amount for line in kept), ZERO)
            else:
                close(rma, Withdrawal.TILL, occurred_at)
            events.append(withdrawn(rma, pieces, Withdrawal.TILL, occurred_at))
        if not changed:
            return
        ReturnLine.objects.filter(pk__in=gone).delete()
        ReturnLine.objects.bulk_update(less, ["quantity", "amount", "vat_amount"])
        Return.objects.bulk_update([self.returns[pk] for pk in changed], CLOSED)
        record_many(events)

    def _less(self, line: ReturnLine) -> ReturnLine:
        """The line without what came back at the till; its amounts divide to the cent."""
        shares = [line.quantity - self.taken[line.pk], self.taken[line.pk]]
        line.amount = spread(line.amount, shares)[0]
        line.vat_amount = None if line.vat_amount is None else spread(line.vat_amount, shares)[0]
        line.quantity = shares[0]
        return line


def lock_expected(order_line_ids: Iterable[int]) -> tuple[dict[int, OrderLine], Expected]:
    """Lock order lines with the returns of them under way: the returns first, as whoever takes one in does.

    One that is announced between the two locks is found by looking again under the second; then both are let go and
    locked once more.
    """
    ids = sorted(set(order_line_ids))
    if not ids:
        return {}, Expected()
    while True:
        before = transaction.savepoint()
        expected = _lock(_under_way(ids))
        lines = lock_lines(ids)
        if not any(line.quantity_returning for line in lines.values()) or set(_under_way(ids)) <= set(expected.returns):
            transaction.savepoint_commit(before)
            return lines, expected
        transaction.savepoint_rollback(before)


_UNDER_WAY = """
SELECT DISTINCT rma.id
  FROM unnest(%s::bigint[]) AS asked(id)
  JOIN orders_orderline AS line ON line.id = asked.id AND line.quantity_returning > 0
  JOIN returns_returnline AS back ON back.order_line_id = line.id
  JOIN returns_return AS rma ON rma.id = back.rma_id AND rma.status NOT IN ('settled', 'withdrawn')
"""


def _under_way(order_line_ids: list[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_UNDER_WAY, [order_line_ids])
        return [pk for (pk,) in cursor.fetchall()]


def _lock(return_ids: Sequence[int]) -> Expected:
    """The returns that are still under way once we hold them, with all their lines."""
    expected = Expected()
    if not return_ids:
        return expected
    locked = Return.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=return_ids).order_by("pk")
    expected.returns = {rma.pk: rma for rma in locked}
    over = {ReturnStatus.SETTLED, ReturnStatus.WITHDRAWN}
    waiting = [rma.pk for rma in expected.returns.values() if rma.status not in over]
    lines = ReturnLine.objects.select_related("order", "order_line").filter(rma__in=waiting, order_line__isnull=False)
    for line in lines.order_by("pk"):
        if line.order_line_id is not None:
            expected.lines[line.order_line_id].append(line)
    return expected
