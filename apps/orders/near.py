"""What orders say about looks at customers: who had business with the chain, and in which stores somebody bought."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from apps.orders.models import Order, OrderStatus

_OVER = (OrderStatus.COLLECTED, OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.RETURNED)


def orders_near(source_record_ids: Sequence[int], since: dt.datetime, until: dt.datetime) -> set[int]:
    """Of these records, those that an order was placed for in that time, or that still wait for one."""
    placed = Q(placed_at__gte=since, placed_at__lt=until)
    orders = Order.objects.filter(source_record__in=source_record_ids).filter(placed | ~Q(status__in=_OVER))
    return set(orders.order_by().values_list("source_record", flat=True).distinct())


def bought_in_stores(location_ids: Sequence[int]) -> QuerySet[Any]:
    """The records of who bought or collected in these stores."""
    return Order.objects.filter(location__in=location_ids, source_record__isnull=False).values("source_record")
