"""What is not handed over may be called off: promises are released, money goes back."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import InvalidInput
from apps.core.events.log import Happened, record
from apps.core.money import ZERO, plain
from apps.core.retry import retried
from apps.inventory.services.promising import release
from apps.orders.models import LineStatus, Order, OrderLine, OrderStatus
from apps.orders.services.fulfilling import WrongState, locked, owed, save_status
from apps.payments.models import PaymentAccount
from apps.payments.services.refunding import refund
from apps.payments.services.types import Refund

_GONE = frozenset({LineStatus.SHIPPED, LineStatus.COLLECTED, LineStatus.DELIVERED, LineStatus.RETURNED})


@retried
@transaction.atomic
def cancel(*, number: str, actor: str, line_numbers: set[int] | None = None) -> Order:
    """Cancel whole lines (all of them without `line_numbers`), as far as they are still in the building.

    With the last line the charges go back too. Repeating it changes nothing. Raises WrongState when a line has gone.
    """
    order, lines = locked(number)
    chosen = [ln for ln in lines if line_numbers is None or ln.line in line_numbers]
    if line_numbers is not None and len(chosen) < len(line_numbers):
        raise InvalidInput(_("This order has no such line."), code="does_not_exist")
    if any(ln.status in _GONE for ln in chosen):
        raise WrongState(_("What the customer has cannot be cancelled; take it back instead."))
    fresh = [ln for ln in chosen if ln.status != LineStatus.CANCELLED]
    if not fresh:
        return order
    before = owed(order, lines)
    release(demand_quantities=_held(fresh))
    for ln in fresh:
        ln.quantity_cancelled, ln.status = ln.quantity, LineStatus.CANCELLED
    OrderLine.objects.bulk_update(fresh, ["quantity_cancelled", "status"])
    _pay_back(order, fresh, before, owed(order, lines), actor)
    record(
        Happened(
            topic="order.cancelled",
            object_type="order",
            object_key=order.number,
            occurred_at=timezone.now(),
            payload={
                "order": order.number,
                "lines": [{"line": ln.line, "quantity": plain(ln.quantity)} for ln in fresh],
            },
        )
    )
    return save_status(order, lines)


def _held(lines: list[OrderLine]) -> dict[int, Decimal]:
    held = {}
    for ln in lines:
        demand = ln.demand
        if demand is not None and demand.level_id is not None:
            quantity = demand.quantity - demand.consumed - demand.released
            if quantity > 0:
                held[demand.pk] = quantity
    return held


def _pay_back(order: Order, fresh: list[OrderLine], before: Decimal, after: Decimal, actor: str) -> None:
    account = PaymentAccount.objects.get(pk=order.payment_account_id)
    amount = min(before - after, max(account.captured - account.refunded - after, ZERO))
    if amount <= 0:
        return
    now = timezone.now()
    refund(
        refunds=[
            Refund(
                account_id=account.pk,
                amount=amount,
                cause_type="cancellation",
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


def lapse_unpaid() -> int:
    """Cancel prepaid orders whose reservation lapsed before the money came; return how many."""
    stale = Order.objects.filter(
        status=OrderStatus.AWAITING_PAYMENT, lines__demand__reservation__expires_at__lte=timezone.now()
    )
    numbers = list(stale.values_list("number", flat=True).distinct()[:200])
    for number in numbers:
        cancel(number=number, actor="system")
    return len(numbers)
