"""When goods that an order waits for come in."""

import datetime as dt
from collections.abc import Iterable

from apps.inventory.models import Demand
from apps.inventory.services.awaiting import arrivals
from apps.orders.models import LineStatus, OrderLine


def arrivals_of(lines: Iterable[OrderLine]) -> dict[int, dt.date]:
    """The day on which suppliers said that the goods come, of lines that wait for announced goods: {line number: day}."""
    waiting = {line.demand_id: line.line for line in lines if line.status == LineStatus.OPEN and line.demand_id}
    if not waiting:
        return {}
    found = arrivals(list(Demand.objects.filter(pk__in=waiting)))
    return {waiting[id_]: arrival.day for id_, arrival in found.items()}
