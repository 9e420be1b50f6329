"""Promises on goods that a till sold: other stock is looked for, for whoever was promised them last."""

from dataclasses import replace

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from apps.core.events.log import Happened, record
from apps.core.money import plain
from apps.core.retry import retried
from apps.inventory.models import RecalledVariant, StockLevel
from apps.orders.models import LineStatus, Method, OrderLine, OrderStatus
from apps.orders.services.fulfilling import locked
from apps.orders.services.shortages import demand_of, occasion_of, promise_anew

_AT_ONCE = 200


def relieve_oversold() -> int:
    """Move promises away from stock that is oversold, as far as there is some elsewhere; return how many lines moved.

    Parcels only, and only what nobody began to pick: who collects chose the store, and what is in hand is there. The line that
    was promised last goes first, so that who came first keeps what is left.
    """
    # There is none of what is recalled anywhere: its orders are for somebody to decide about.
    recalled = RecalledVariant.objects.filter(lifted_at=None).values("variant")
    movable = _movable().filter(demand__level=OuterRef("pk"))
    oversold = StockLevel.objects.saleable().filter(Exists(movable), oversold__gt=0).exclude(variant__in=recalled)
    oversold = oversold.order_by("-oversold", "pk")
    return sum(_relieve(level) for level in oversold.values_list("pk", flat=True)[:_AT_ONCE])


def _movable() -> QuerySet[OrderLine]:
    """Lines of parcels that nobody began to pick."""
    lines: QuerySet[OrderLine] = OrderLine.objects.filter(status=LineStatus.SOURCED, method=Method.DELIVERY)
    return lines.exclude(order__status=OrderStatus.AWAITING_PAYMENT)


def _relieve(level_id: int) -> int:
    moved = 0
    for number, line in (
        _movable().filter(demand__level=level_id).order_by("-demand").values_list("order__number", "line")
    ):
        if not StockLevel.objects.filter(pk=level_id, oversold__gt=0).exists():
            break
        moved += _move(number, line, level_id)
    return moved


@retried
@transaction.atomic
def _move(number: str, line: int, level_id: int) -> int:
    """Promise a line from elsewhere, if it still hangs on this level and there is any; 1 when it moved."""
    order, lines = locked(number)
    here = [
        ln
        for ln in lines
        if ln.line == line and ln.status == LineStatus.SOURCED and ln.demand and ln.demand.level_id == level_id
    ]
    if not here:
        return 0
    (gone,) = here
    level = demand_of(gone).level
    assert level is not None  # it is the level asked about
    quantity = gone.standing  # of all its parts, should it be divided
    # It was promised before: it takes its turn before whoever comes now. Where it hangs nothing is free, for that is oversold.
    if not promise_anew(order, [gone], replace(occasion_of(order), has_waited=True)):
        return 0
    record(
        Happened(
            topic="order.moved",
            object_type="order",
            object_key=order.number,
            occurred_at=timezone.now(),
            payload={
                "order": order.number,
                "line": gone.line,
                "quantity": plain(quantity),
                "from": level.location.code,
            },
        )
    )
    return 1
