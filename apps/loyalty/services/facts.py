"""What happened to orders, as far as points are concerned: what was handed over when, and what came back."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F

from apps.core.events.models import Event, Origin
from apps.core.money import ZERO
from apps.loyalty.services.arithmetic import BoughtLine
from apps.orders.models import Order, OrderLine
from apps.returns.models import ReturnLine, ReturnStatus


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One hand-over: it took the order's handed-over goods amount from `before` to `after`."""

    event_id: int
    recorded_at: dt.datetime
    occurred_at: dt.datetime
    business_date: dt.date
    before: Decimal
    after: Decimal


@dataclass(slots=True)
class CameBack:
    """One return of goods of this order; `line` is the first of the return's lines that belongs to it."""

    number: str
    line: int
    recorded_on: dt.date
    occurred_at: dt.datetime
    business_date: dt.date
    amount: Decimal = ZERO


@dataclass(slots=True)
class OrderFacts:
    number: str
    currency: str
    source_record_id: int
    customer_id: int
    handed_over: list[HandedOver] = field(default_factory=list)
    came_back: list[CameBack] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """The goods amount handed over in all."""
        return self.handed_over[-1].after if self.handed_over else ZERO


def facts_of(numbers: Collection[str]) -> dict[str, OrderFacts]:
    """The facts of orders whose customer is known, in four statements."""
    orders = {
        number: OrderFacts(number, currency, record_id, customer_id)
        for number, currency, record_id, customer_id in Order.objects.filter(
            number__in=numbers, source_record__isnull=False
        ).values_list("number", "currency", "source_record_id", "source_record__customer_id")
    }
    if orders:
        _read_handed_over(orders)
        _read_came_back(orders)
    return orders


def _read_handed_over(orders: dict[str, OrderFacts]) -> None:
    bought: dict[str, dict[int, BoughtLine]] = defaultdict(dict)
    rows = OrderLine.objects.filter(order__number__in=orders)
    for number, line, quantity, amount in rows.values_list("order__number", "line", "quantity", "amount"):
        bought[number][line] = BoughtLine(quantity, amount)
    gone: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    events = Event.objects.filter(
        object_type="order", object_key__in=list(orders), topic="order.fulfilled", origin=Origin.LIVE
    )
    # Events of one object are recorded under its lock, so their ids follow what happened.
    for event in events.order_by("id"):
        order = orders[event.object_key]
        for told in event.payload["lines"]:
            gone[order.number][told["line"]] += Decimal(told["quantity"])
        after = _worth(bought[order.number], gone[order.number].items())
        order.handed_over.append(
            HandedOver(
                event_id=event.pk,
                recorded_at=event.recorded_at,
                occurred_at=event.occurred_at,
                business_date=dt.date.fromisoformat(event.payload["business_date"]),
                before=order.amount,
                after=after,
            )
        )


def _worth(bought: dict[int, BoughtLine], gone: Iterable[tuple[int, Decimal]]) -> Decimal:
    return sum((bought[line].worth_of_first(pieces) for line, pieces in gone), ZERO)


def _read_came_back(orders: dict[str, OrderFacts]) -> None:
    lines = (
        ReturnLine.objects.filter(
            order__number__in=orders,
            order_line__isnull=False,
            rma__status=ReturnStatus.SETTLED,
            rma__origin=Origin.LIVE,
        )
        .annotate(order_number=F("order__number"))
        .select_related("rma")
        .order_by("rma__settled_at", "rma_id", "line")
    )
    for line in lines:
        came_back = orders[line.order_number].came_back
        rma = line.rma
        assert rma.settled_at is not None
        if not came_back or came_back[-1].number != rma.number:
            came_back.append(CameBack(rma.number, line.line, rma.recorded_at.date(), rma.settled_at, rma.business_date))
        came_back[-1].amount += line.amount
