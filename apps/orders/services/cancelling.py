"""What is not handed over may be called off: promises are released, money goes back."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import InvalidInput
from apps.core.events.log import Happened, record
from apps.core.money import ZERO, plain
from apps.core.retry import retried
from apps.inventory.services.promising import release_rest
from apps.network.models import Channel
from apps.orders.acts import refuse_gone
from apps.orders.models import ChargeType, LineStatus, Order, OrderLine, OrderStatus
from apps.orders.services.fulfilling import locked, owed, save_status
from apps.orders.services.paying import go_on_when_covered
from apps.orders.services.putting_back import put_back, take_out
from apps.payments.models import PaymentEntry
from apps.payments.services.refunding import refund
from apps.payments.services.types import Refund

_CAUSE = "cancellation"
NOT_COLLECTED = "not_collected"
"""The reason in `order.cancelled` for goods that nobody came for."""


@retried
@transaction.atomic
def cancel(*, number: str, actor: str, line_numbers: set[int] | None = None, reason: str = "") -> Order:
    """Cancel whole lines (all of them without `line_numbers`), as far as they are still in the building.

    With the last line the charges go back too, of an order of which the rest was returned the delivery: see
    `_delivery_back`. What was picked is a task to put back. `reason` is a code that the event tells. Repeating it changes
    nothing. Raises WrongState when a line has gone.
    """
    order, lines = locked(number)
    chosen = [ln for ln in lines if line_numbers is None or ln.line in line_numbers]
    if line_numbers is not None and len(chosen) < len(line_numbers):
        raise InvalidInput(_("This order has no such line."), code="does_not_exist")
    refuse_gone(chosen)
    fresh = [ln for ln in chosen if ln.status != LineStatus.CANCELLED]
    if not fresh:
        return order
    before = owed(order, lines)
    put_back(order, fresh)
    take_out(fresh)
    release_rest(demand_ids=[ln.demand_id for ln in fresh if ln.demand_id is not None])
    for ln in fresh:
        ln.quantity_cancelled, ln.status = ln.quantity, LineStatus.CANCELLED
    OrderLine.objects.bulk_update(fresh, ["quantity_cancelled", "status"])
    refunded = _pay_back(order, fresh, less=before - owed(order, lines), lines=lines, actor=actor)
    record(
        Happened(
            topic="order.cancelled",
            object_type="order",
            object_key=order.number,
            occurred_at=timezone.now(),
            payload={
                "order": order.number,
                "lines": [{"line": ln.line, "quantity": plain(ln.quantity)} for ln in fresh],
                "refunded": f"{refunded:.2f}",
                **({"reason": reason} if reason else {}),
            },
        )
    )
    if order.status == OrderStatus.AWAITING_PAYMENT and any(ln.status != LineStatus.CANCELLED for ln in lines):
        return go_on_when_covered(order, lines)
    return save_status(order, lines)


def _delivery_back(order: Order, lines: Sequence[OrderLine]) -> Decimal:
    """What is paid back for delivery because nothing of the order stays with the customer.

    Consumer Rights Directive (2011/83/EU), article 13: who withdraws from the whole contract gets the standard delivery
    costs back too. Until the last piece is handed over the fourteen days have not begun (article 9), so they are not over.
    """
    statuses = {ln.status for ln in lines}
    if statuses != {LineStatus.CANCELLED, LineStatus.RETURNED} or order.channel.kind not in Channel.ONLINE:
        return ZERO
    return sum((charge.amount for charge in order.charges.filter(type=ChargeType.DELIVERY)), ZERO)


def _pay_back(
    order: Order, fresh: Sequence[OrderLine], *, less: Decimal, lines: Sequence[OrderLine], actor: str
) -> Decimal:
    """Pay back what is owed less now, as far as it was paid; return how much that is."""
    account = order.payment_account
    cancelled = PaymentEntry.objects.filter(account=account, kind=PaymentEntry.Kind.REFUNDED, cause_type=_CAUSE)
    # What went back for returned goods was the price of those goods; the cancelled ones have theirs still to come.
    paid = account.captured - (cancelled.aggregate(sum=Sum("amount"))["sum"] or ZERO)
    amount = min(less, max(paid - owed(order, lines), ZERO)) + _delivery_back(order, lines)
    amount = min(amount, account.paid)
    if amount <= 0:
        return ZERO
    now = timezone.now()
    refund(
        refunds=[
            Refund(
                account_id=account.pk,
                amount=amount,
                cause_type=_CAUSE,
                cause_id=order.number,
                cause_line=min(ln.line for ln in fresh),
                legal_entity_id=order.seller_id,
                occurred_at=now,
                business_date=business_date(now, order.channel.time_zone),
                recorded_on=order.business_date,
                actor=actor,
            )
        ]
    )
    return amount


def lapse_unpaid() -> int:
    """Cancel prepaid orders whose reservation lapsed before the money came; return how many."""
    stale = Order.objects.filter(
        status=OrderStatus.AWAITING_PAYMENT, lines__demand__reservation__expires_at__lte=timezone.now()
    )
    numbers = list(stale.values_list("number", flat=True).distinct()[:200])
    for number in numbers:
        cancel(number=number, actor="system")
    return len(numbers)
