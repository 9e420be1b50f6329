"""When goods that an order waits for come in."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.inventory.models import Demand, NoticeLine
from apps.inventory.services.awaiting import arrivals
from apps.orders.models import LineStatus, OrderLine, OrderStatus


def arrivals_of(lines: Iterable[OrderLine]) -> dict[int, dt.date]:
    """The day on which suppliers said that the goods come, of lines that wait for announced goods: {line number: day}."""
    waiting = {line.demand_id: line.line for line in lines if line.status == LineStatus.OPEN and line.demand_id}
    if not waiting:
        return {}
    found = arrivals(list(Demand.objects.filter(pk__in=waiting)))
    return {waiting[id_]: arrival.day for id_, arrival in found.items()}


def short_orders() -> Q:
    """Orders that somebody has to look after: a line lost what it was promised, or waits for goods that nobody announces any
    more. What waits for a delivery, as was agreed, needs nobody."""
    comes = NoticeLine.objects.filter(
        variant=OuterRef("variant"), is_open=True, notice__expected_on__gte=timezone.localdate()
    )
    lost = OrderLine.objects.filter(Q(demand__is_back_order=False) | ~Exists(comes), status=LineStatus.OPEN)
    return Q(Exists(lost.filter(order=OuterRef("pk"))), status=OrderStatus.OPEN)
