"""What orders tell the guidance for conversations: since when somebody buys, and whether something is on its way to them."""

import datetime as dt
from collections.abc import Collection, Mapping

from django.db.models import Max, Min

from apps.orders.models import Order, OrderStatus

_OVER = (OrderStatus.COLLECTED, OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.RETURNED)


def first_and_last_bought(source_record_ids: Collection[int]) -> Mapping[int, tuple[dt.date, dt.date]]:
    """The first and the last day on which each of these records bought something, in any channel, that was not called off."""
    bought = Order.objects.filter(source_record__in=source_record_ids).exclude(status=OrderStatus.CANCELLED)
    days = bought.order_by().values("source_record").annotate(first=Min("business_date"), last=Max("business_date"))
    return {row["source_record"]: (row["first"], row["last"]) for row in days}


def waiting_for_order(source_record_ids: Collection[int]) -> set[int]:
    """Of these records, those that wait for an order."""
    orders = Order.objects.filter(source_record__in=source_record_ids).exclude(status__in=_OVER)
    return set(orders.order_by().values_list("source_record", flat=True).distinct())
