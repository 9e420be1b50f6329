"""What is not handed over may be called off: promises are released, money goes back."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.money import ZERO, plain, spoken
from apps.core.retry import retried
from apps.inventory.services.promising import release_some
from apps.network.models import Channel
from apps.orders.acts import partly_left, refuse_gone, refuse_gone_to_the_customer
from apps.orders.models import ChargeType, LineStatus, Order, OrderLine, OrderStatus
from apps.orders.services.agreeing import take_back_consents
from apps.orders.services.fulfilling import locked, owed, save_status
from apps.orders.services.leaving import finish_left
from apps.orders.services.paying import go_on_when_covered
from apps.orders.services.putting_back import put_back, take_out
from apps.orders.services.sending_on import call_back
from apps.orders.services.slots import leave_slot
from apps.orders.services.types import WrongState
from apps.orders.ways import sent
from apps.payments.models import PaymentEntry
from apps.payments.services.refunding import refund
from apps.payments.services.types import Refund

_CAUSE = "cancellation"
NOT_COLLECTED = "not_collected"
"""The reason in `order.cancelled` for goods that nobody came for."""
LEFT_OUT = "left_out"
"""The same for what was short, and the customer had said they want left out then."""


@retried
@transaction.atomic
def cancel(
    *,
    number: str,
    actor: str,
    line_numbers: set[int] | None = None,
    pieces: Mapping[int, Decimal] | None = None,
    reason: str = "",
) -> Order:
    """Cancel whole lines (all of them without `line_numbers` and `pieces`), as far as they are still in the building.

    `pieces` says of lines how many of each are cancelled in all then, {line: quantity}; of a line of which a parcel has left
    what is left of it can be, and with the last of that the line has gone. Money goes back to the cent: all pieces of a line
    together are its amount. With the last line the charges go back too, of an order of which the rest was returned the
    delivery: see `_delivery_back`. What was picked is a task to put back. `reason` is a code that the event tells. Repeating
    it changes nothing. Raises WrongState when what is named has gone.
    """
    order, lines = locked(number)
    fresh = _called_off(lines, line_numbers, pieces)
    if not fresh:
        return order
    before = owed(order, lines)
    surplus = {ln.line: max(ln.quantity_picked - ln.standing + quantity, ZERO) for ln, quantity in fresh}
    changed = [ln for ln, _quantity in fresh]
    called_off = {ln.line: quantity for ln, quantity in fresh}
    if all(ln.standing == called_off.get(ln.line, ZERO) for ln in sent(lines)):
        leave_slot(order)
    # Transfers are locked before tasks and stock levels, which what goes back locks.
    call_back(changed, actor=actor, pieces={ln.line: quantity for ln, quantity in fresh})
    put_back(order, changed, surplus, actor=actor)
    take_out([ln for ln in changed if surplus[ln.line]])
    release_some(demand_quantities={ln.demand_id: quantity for ln, quantity in fresh if ln.demand_id is not None})
    for ln, quantity in fresh:
        ln.quantity_cancelled += quantity
        if ln.standing > 0:
            ln.quantity_picked -= surplus[ln.line]
        else:
            ln.status = LineStatus.CANCELLED
    OrderLine.objects.bulk_update(changed, ["quantity_cancelled", "quantity_picked", "status"])
    finish_left(order, changed, timezone.now(), actor)
    refunded = _pay_back(order, changed, less=before - owed(order, lines), lines=lines, actor=actor)
    record(
        Happened(
            topic="order.cancelled",
            object_type="order",
            object_key=order.number,
            occurred_at=timezone.now(),
            payload={
                "order": order.number,
                "lines": [{"line": ln.line, "quantity": plain(quantity)} for ln, quantity in fresh],
                "refunded": f"{refunded:.2f}",
                **({"reason": reason} if reason else {}),
            },
        )
    )
    if order.status == OrderStatus.AWAITING_PAYMENT and any(ln.status != LineStatus.CANCELLED for ln in lines):
        return go_on_when_covered(order, lines)
    order = save_status(order, lines)
    take_back_consents(order)
    return order


def _called_off(
    lines: Sequence[OrderLine], line_numbers: set[int] | None, pieces: Mapping[int, Decimal] | None
) -> list[tuple[OrderLine, Decimal]]:
    """The lines of which anything is cancelled now, and how many more of each."""
    by_number = {ln.line: ln for ln in lines}
    named = set(by_number) if line_numbers is None and pieces is None else line_numbers or set()
    if not (named | set(pieces or ())) <= set(by_number):
        raise InvalidInput(_("This order has no such line."), code="does_not_exist")
    whole = [by_number[n] for n in sorted(named)]
    refuse_gone(whole)
    in_part = {by_number[n]: quantity for n, quantity in sorted((pieces or {}).items()) if n not in named}
    gone = partly_left(in_part)
    called_off = [(ln, ln.standing) for ln in whole]
    for ln, in_all in in_part.items():
        _check_pieces(ln, in_all, gone.get(ln.line, ZERO))
        called_off.append((ln, in_all - ln.quantity_cancelled))
    return [(ln, quantity) for ln, quantity in called_off if quantity > 0]


def _check_pieces(line: OrderLine, in_all: Decimal, gone: Decimal) -> None:
    """Raise unless so many of a line can be cancelled in all, of which `gone` have left."""
    about = f"pieces.{line.line}"
    if not in_all.is_finite() or not ZERO <= in_all <= line.quantity:
        detail = _("Cancel at most %(count)s of this line.") % {"count": spoken(plain(line.quantity))}
        raise InvalidInput(detail, faults=[Fault("invalid", detail, about)])
    if in_all % 1 and not line.variant.allows_fractions:
        detail = _("This is sold by the piece.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, about)])
    if in_all < line.quantity_cancelled:
        raise WrongState(_("More of line %(line)s is cancelled already.") % {"line": line.line})
    if in_all == line.quantity_cancelled:
        return
    refuse_gone_to_the_customer([line])
    if in_all > line.quantity - gone:
        told = {"line": line.line, "count": spoken(plain(gone))}
        raise WrongState(_("%(count)s of line %(line)s have left already.") % told)


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
    times = cancelled.order_by().values("cause_id").distinct().count()
    refund(
        refunds=[
            Refund(
                account_id=account.pk,
                amount=amount,
                cause_type=_CAUSE,
                # A line may be cancelled in parts: each time money goes back is a cause of its own.
                cause_id=f"{order.number}/{times + 1}" if times else order.number,
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
    stale = _waited_too_long(Order.objects.filter(status=OrderStatus.AWAITING_PAYMENT))
    return sum(_lapse(number) for number in list(stale.values_list("number", flat=True).distinct()[:200]))


@retried
@transaction.atomic
def _lapse(number: str) -> bool:
    """Cancel it unless it was paid, or given more time, since it was found; say whether."""
    order, _lines = locked(number)
    if order.status != OrderStatus.AWAITING_PAYMENT or not _waited_too_long(Order.objects.filter(pk=order.pk)).exists():
        return False
    cancel(number=number, actor="system")
    return True


def _waited_too_long(orders: "QuerySet[Order]") -> "QuerySet[Order]":
    return orders.filter(lines__demand__reservation__expires_at__lte=timezone.now())
