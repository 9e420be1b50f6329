"""The past as a dry run needs it: the orders of a period, and what lay where at the beginning of each of its days."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from apps.core.money import ZERO
from apps.inventory.models import SellThrough
from apps.inventory.services.decisions import Occasion
from apps.orders.addresses import address_of, point_of
from apps.orders.models import Method, Order, OrderLine, OrderStatus, Refusal
from apps.orders.services.dating import order_by
from apps.orders.ways import sent

_LOOKED_BACK = dt.timedelta(days=90)
"""Over how long a location's refusals are counted."""


@dataclass(frozen=True, slots=True)
class PastLine:
    """What was wanted, what it cost with and without VAT, and where it came from in the end (id; None for nowhere)."""

    variant_id: int
    quantity: Decimal
    value: Decimal
    net: Decimal
    location_id: int | None


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An order that was sent, or should have been; what was called off is left out."""

    number: str
    day: dt.date
    occasion: Occasion
    lines: tuple[PastLine, ...]

    @property
    def needed(self) -> dict[int, Decimal]:
        needed: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for line in self.lines:
            needed[line.variant_id] += line.quantity
        return needed


@dataclass(frozen=True, slots=True)
class Period:
    """The orders gone through, how many were placed, and the numbers of the former: all in `currency`, in which most were
    placed. `left_out` is how many were placed in another."""

    since: dt.date
    until: dt.date
    currency: str
    left_out: int
    placed: int
    numbers: tuple[str, ...]
    orders: tuple[PastOrder, ...]

    @property
    def variant_ids(self) -> set[int]:
        return {line.variant_id for order in self.orders for line in order.lines}

    @property
    def days(self) -> list[dt.date]:
        return [self.since + dt.timedelta(days=n) for n in range((self.until - self.since).days + 1)]


def begin_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def read_period(*, since: dt.date, until: dt.date, at_most: int) -> Period:
    """The orders to be sent that were placed from one day to another, both included; of many, evenly picked, at most so many."""
    placed = Order.objects.filter(
        method=Method.DELIVERY,
        slot_booking=None,  # the customer chose who brings it
        placed_at__gte=begin_of(since),
        placed_at__lt=begin_of(until + dt.timedelta(days=1)),
    ).exclude(status__in=[OrderStatus.AWAITING_PAYMENT, OrderStatus.CANCELLED])
    counted = placed.order_by().values_list("currency").annotate(orders=Count("pk"))
    (currency, _most), *others = counted.order_by("-orders", "currency") or [("", 0)]
    placed = placed.filter(currency=currency)
    ids = list(placed.order_by("placed_at", "pk").values_list("pk", flat=True))
    step = -(-len(ids) // at_most) or 1
    chosen = (
        Order.objects.filter(pk__in=ids[::step])
        .select_related("channel", "contact")
        .prefetch_related("lines", "new_addresses")
        .order_by("placed_at", "pk")
    )
    read = [(order.number, past) for order in chosen if (past := _past(order)).lines]
    return Period(
        since=since,
        until=until,
        currency=currency,
        left_out=sum(orders for _currency, orders in others),
        placed=len(ids),
        numbers=tuple(number for number, _past in read),
        orders=tuple(past for _number, past in read),
    )


def _past(order: Order) -> PastOrder:
    address = address_of(order)
    lines_sent = sent(order.lines.all())
    lines = tuple(
        PastLine(
            line.variant_id,
            line.standing,
            line.amount * line.standing / line.quantity,
            line.net_amount * line.standing / line.quantity,
            line.location_id,
        )
        for line in lines_sent
        if line.standing > 0
    )
    occasion = Occasion(
        channel=order.channel.code,
        country=address.country if address else order.channel.country,
        speed=order.speed,
        value=order.total,
        near=point_of(address),
        asked_at=order.placed_at,
        by=order_by(order, lines_sent),
    )
    return PastOrder(order.number, timezone.localdate(order.placed_at), occasion, lines)


Stock = dict[int, dict[int, Decimal]]  # variant id → location id → quantity
Changes = dict[dt.date, list[tuple[int, int, Decimal]]]  # day → (variant id, location id, quantity)

_NOW = """
    SELECT variant_id, location_id, sum(on_hand), max(safety_delivery) FROM inventory_stocklevel
     WHERE condition = 'saleable' AND variant_id = ANY(%(variants)s) AND location_id = ANY(%(places)s)
     GROUP BY variant_id, location_id"""
# Nothing is recorded before it happens, so the index on `recorded_at` narrows what happened since as well.
_MOVED = """
    SELECT (moved.occurred_at AT TIME ZONE %(zone)s)::date, moved.variant_id, side.location_id,
           moved.cause_type = 'order' AND moved.cause_id = ANY(%(orders)s) AS of_the_orders, sum(side.quantity)
      FROM inventory_stockmovement AS moved
     CROSS JOIN LATERAL (VALUES (moved.from_location_id, moved.from_condition, -moved.quantity),
                                (moved.to_location_id, moved.to_condition, moved.quantity))
                        AS side(location_id, condition, quantity)
     WHERE moved.variant_id = ANY(%(variants)s) AND moved.recorded_at >= %(since)s AND moved.occurred_at >= %(since)s
       AND side.condition = 'saleable' AND side.location_id = ANY(%(places)s)
     GROUP BY 1, 2, 3, 4"""


def read_stock(period: Period, location_ids: Collection[int]) -> tuple[Stock, Changes]:
    """What could be sent when the period began, less safety stock as it is today; and what changed on each of its days by
    anything but the orders themselves. Out of the ledger, backwards from now.
    """
    asked: dict[str, Any] = {
        "variants": sorted(period.variant_ids),
        "places": sorted(location_ids),
        "orders": list(period.numbers),
        "since": begin_of(period.since),
        "zone": settings.TIME_ZONE,
    }
    stock: Stock = defaultdict(dict)
    changes: Changes = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_NOW, asked)
        for variant_id, location_id, on_hand, safety in cursor.fetchall():
            stock[variant_id][location_id] = on_hand - safety
        cursor.execute(_MOVED, asked)
        for day, variant_id, location_id, of_the_orders, quantity in cursor.fetchall():
            stock[variant_id][location_id] = stock[variant_id].get(location_id, ZERO) - quantity
            if not of_the_orders and day <= period.until:
                changes[day].append((variant_id, location_id, quantity))
    return stock, changes


def read_sales(variant_ids: Iterable[int]) -> Mapping[tuple[int, int], Decimal]:
    """What is sold a day, as it is known today: {(variant id, location id): quantity}."""
    rows = SellThrough.objects.filter(variant__in=list(variant_ids))
    return {(v, at): per_day for v, at, per_day in rows.values_list("variant_id", "location_id", "per_day")}


def read_refusal_rates() -> dict[int, float]:
    """Of the parcels that a location was asked for lately, the part that it refused: {location id: 0 … 1}."""
    since = timezone.now() - _LOOKED_BACK
    refused = dict(
        Refusal.objects.filter(at__gte=since)
        .order_by()
        .values_list("location_id")
        .annotate(orders=Count("line__order", distinct=True))
    )
    sent = dict(
        OrderLine.objects.filter(
            method=Method.DELIVERY,
            order__placed_at__gte=since,
            location__in=list(refused),
            demand__isnull=False,
        )
        .order_by()
        .values_list("location_id")
        .annotate(orders=Count("order", distinct=True))
    )
    return {id_: orders / (orders + sent.get(id_, 0)) for id_, orders in refused.items()}
