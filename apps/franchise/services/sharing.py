"""Crediting what was handed over, and taking it back when it is returned: to the cent, in a fixed number of statements.

What a line has shared at any moment is its net amount × (handed over − returned) / ordered, rounded half-up. Each event
books the difference with what was booked before. So parts add up exactly to the line, a full return leaves exactly
nothing, and the rules are never applied a second time.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from apps.core.actors import SYSTEM
from apps.core.bulk import insert_rows
from apps.core.errors import Conflict
from apps.core.events.models import Event
from apps.core.ledger.models import CAUSE
from apps.core.money import ZERO, net_of, to_cents
from apps.franchise.models import Attribution, RevenueShare, StoreRevenue
from apps.franchise.services.deciding import attribute_orders
from apps.orders.models import OrderLine

LineKey = tuple[str, int]  # order number, line


class NotCredited(Conflict):
    """More comes back than was credited: the news of the hand-over has not been handled yet."""

    code = "not_credited"


@dataclass(frozen=True)
class Movement:
    """So many pieces of an order line went to the customer (positive) or came back (negative), told by one event."""

    kind: RevenueShare.Kind
    event: Event
    cause_line: int
    order: str
    line: int
    quantity: Decimal
    return_number: str = ""

    @property
    def cause(self) -> tuple[str, int]:
        return str(self.event.pk), self.cause_line


@dataclass(frozen=True)
class LineWorth:
    """What an order line is about."""

    net: Decimal
    quantity: Decimal
    currency: str

    def share_of(self, quantity: Decimal) -> Decimal:
        """What `quantity` pieces are worth, net of VAT; all of them are worth exactly the line."""
        return to_cents(self.net * quantity / self.quantity)


@transaction.atomic
def share_revenue(movements: Sequence[Movement]) -> int:
    """Book movements, in their order, for the orders that are attributed to a store; return how many were new."""
    numbers = sorted({m.order for m in movements})
    attribute_orders(numbers)
    attributions = {a.order_number: a for a in _lock(numbers)}
    fresh = _not_booked([m for m in movements if m.order in attributions])
    if not fresh:
        return 0
    worths = _worths(fresh)
    there = _quantities_shared(fresh)
    rows = []
    for movement in fresh:
        key = (movement.order, movement.line)
        before, after = there[key], there[key] + movement.quantity
        if after < 0:
            raise NotCredited(f"order {movement.order} line {movement.line}: {-after} more came back than was credited")
        there[key] = after
        amount = worths[key].share_of(after) - worths[key].share_of(before)
        rows.append(_row(movement, attributions[movement.order], amount, worths[key].currency))
    written = insert_rows(RevenueShare, _SHARE_FIELDS, rows, returning=_PROJECTED, on_conflict="DO NOTHING")
    _add_to_stores(written)
    return len(written)


def _lock(numbers: Sequence[str]) -> list[Attribution]:
    """Whoever books shares of an order waits for whoever else does."""
    return list(
        Attribution.objects.filter(order_number__in=numbers).order_by("order_number").select_for_update(no_key=True)
    )


def _not_booked(movements: Sequence[Movement]) -> list[Movement]:
    """Without those that an earlier run has booked."""
    if not movements:
        return []
    booked = set(
        RevenueShare.objects.filter(
            cause_type__in={m.event.topic for m in movements}, cause_id__in={m.cause[0] for m in movements}
        ).values_list("cause_id", "cause_line")
    )
    return [m for m in movements if m.cause not in booked]


def _worths(movements: Iterable[Movement]) -> dict[LineKey, LineWorth]:
    lines = OrderLine.objects.filter(order__number__in={m.order for m in movements}).values_list(
        "order__number", "line", "amount", "vat_amount", "quantity", "order__currency"
    )
    return {
        (number, line): LineWorth(net_of(amount, vat), quantity, currency)
        for number, line, amount, vat, quantity, currency in lines
    }


def _quantities_shared(movements: Iterable[Movement]) -> defaultdict[LineKey, Decimal]:
    sums = (
        RevenueShare.objects.filter(order_number__in={m.order for m in movements})
        .values_list("order_number", "order_line")
        .annotate(there=Sum("quantity"))
        .order_by()
    )
    return defaultdict(lambda: ZERO, {(number, line): there for number, line, there in sums})


def _row(movement: Movement, attribution: Attribution, amount: Decimal, currency: str) -> tuple[Any, ...]:
    event = movement.event
    return (
        event.topic,
        str(event.pk),
        movement.cause_line,
        movement.kind.value,
        0,
        event.recorded_at.date(),
        event.occurred_at,
        timezone.now(),
        dt.date.fromisoformat(event.payload["business_date"]),
        SYSTEM,
        movement.order,
        movement.line,
        movement.return_number,
        attribution.pk,
        attribution.location_id,
        attribution.legal_entity_id,
        movement.quantity,
        amount,
        currency,
        attribution.evidence,
        attribution.rule_set_id,
    )


_SHARE_FIELDS = (
    *CAUSE, "order_number", "order_line", "return_number", "attribution", "location", "legal_entity", "quantity",
    "amount", "currency", "evidence", "rule_set",
)  # fmt: skip  # more than one a line
_PROJECTED = ("location", "legal_entity", "business_date", "currency", "kind", "amount")
_ADD = """(location_id, legal_entity_id, business_date, currency) DO UPDATE
       SET credited = franchise_storerevenue.credited + EXCLUDED.credited,
           reversed = franchise_storerevenue.reversed + EXCLUDED.reversed"""


def _add_to_stores(written: Iterable[tuple[Any, ...]]) -> None:
    """Add new shares to the running figures, rows in key order so that two writers never wait in a circle."""
    sums: dict[tuple[Any, ...], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for *key, kind, amount in written:
        credited_reversed = sums[tuple(key)]
        if kind == RevenueShare.Kind.CREDIT:
            credited_reversed[0] += amount
        else:
            credited_reversed[1] -= amount
    rows = [(*key, *sums[key]) for key in sorted(sums, key=lambda k: (k[0] or 0, *k[1:]))]
    fields = ("location", "legal_entity", "business_date", "currency", "credited", "reversed")
    insert_rows(StoreRevenue, fields, rows, on_conflict=_ADD)
