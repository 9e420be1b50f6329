"""Who withdraws from a whole order gets the delivery back too.

Consumer Rights Directive (2011/83/EU), article 13; in the Netherlands article 6:230r of the Civil Code: a consumer who
withdraws from a contract concluded at a distance gets back everything that was paid, the standard delivery costs included.
Who keeps some of the goods withdraws from a part, and delivery is not given back. Goods are withdrawn in time when their
return is announced within fourteen days after the customer got the last of them (article 9); when the goods themselves come
does not count here. What was cancelled before it was handed over counts as withdrawn.

Orders know one charge for delivery, not which part of it was for a dearer way than the standard one; all of it goes back.
A till's own return is a fact with its own amounts and adds nothing.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from django.db.models import Max
from django.utils import translation

from apps.core.days import business_date
from apps.core.languages import known_locale
from apps.core.money import ZERO
from apps.network.models import Channel
from apps.orders.models import ChargeType, Method, Order, OrderCharge, OrderLine
from apps.returns.models import Return, ReturnLine, ReturnStatus

PERIOD = dt.timedelta(days=14)
ON_THE_ROAD = dt.timedelta(days=3)
"""When a parcel left is known, not when it came; this much later it is taken to have come, in the customer's favour."""


def delivery_of(
    order_ids: Collection[int], *, coming: Mapping[int, Decimal] | None = None, announced_at: dt.datetime
) -> list[OrderCharge]:
    """The delivery charges to give back with a return that was announced then.

    They are those of orders of which nothing stays with the customer once the pieces `coming` (by order line) are back as
    well, and in time. Ask under the orders' locks.
    """
    charges = OrderCharge.objects.select_related("order__channel").filter(
        order__in=order_ids, type=ChargeType.DELIVERY, amount__gt=0, order__channel__kind__in=Channel.ONLINE
    )
    found = list(charges.order_by("order", "line"))
    if not found:
        return []
    orders = {charge.order_id: charge.order for charge in found}
    kept = _kept(orders, coming or {})
    announced = _last_announced(orders)
    whole = {
        pk
        for pk, order in orders.items()
        if pk not in kept and _is_in_time(order, max(announced_at, announced.get(pk, announced_at)))
    }
    known = ReturnLine.objects.filter(order__in=whole, charge_type=ChargeType.DELIVERY)
    given = set(known.values_list("order_id", flat=True)) if whole else set()
    return [charge for charge in found if charge.order_id in whole - given]


def _kept(orders: Collection[int], coming: Mapping[int, Decimal]) -> set[int]:
    """The orders of which something is still with the customer or on its way there."""
    lines = OrderLine.objects.filter(order__in=orders)
    return {
        line.order_id
        for line in lines
        if line.quantity > line.quantity_cancelled + line.quantity_returned + coming.get(line.pk, ZERO)
    }


def _last_announced(orders: Collection[int]) -> dict[int, dt.datetime]:
    returns = ReturnLine.objects.filter(order__in=orders).exclude(rma__status=ReturnStatus.WITHDRAWN)
    return dict(returns.order_by().values_list("order").annotate(last=Max("rma__occurred_at")))


def _is_in_time(order: Order, announced_at: dt.datetime) -> bool:
    if order.closed_at is None:
        return True  # the last goods were never handed over, so the period has not begun
    is_sent = order.method == Method.DELIVERY or order.lines.filter(method=Method.DELIVERY).exists()
    got = order.closed_at + (ON_THE_ROAD if is_sent else dt.timedelta())
    zone = order.channel.time_zone
    return business_date(announced_at, zone) <= business_date(got, zone) + PERIOD


def add_delivery(rma: Return, lines: Sequence[ReturnLine]) -> list[ReturnLine]:
    """Write the delivery charges that go back with a locked return whose goods are counted; raises its total."""
    orders = {line.order_id: line.order for line in lines if line.order_id is not None}
    charges = delivery_of(orders, announced_at=rma.occurred_at)
    with translation.override(known_locale(rma.channel.locale)):
        added = [
            ReturnLine(
                rma=rma,
                line=n,
                order=orders[charge.order_id],
                charge_type=charge.type,
                name=charge.description or charge.get_type_display(),
                quantity=Decimal(1),
                unit_price=charge.amount,
                amount=charge.amount,
                vat_rate=charge.vat_rate,
                vat_amount=charge.vat_amount,
            )
            for n, charge in enumerate(charges, start=max((line.line for line in lines), default=0) + 1)
        ]
    ReturnLine.objects.bulk_create(added)
    rma.total += sum((line.amount for line in added), ZERO)
    return added
