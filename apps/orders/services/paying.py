"""Money for an order that was placed before it was paid."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.money import spoken
from apps.core.retry import retried
from apps.inventory.models import Reservation
from apps.inventory.services.promising import keep
from apps.orders.models import Order, OrderLine, OrderStatus
from apps.orders.services.dating import date_anew
from apps.orders.services.fulfilling import locked, still_to_pay
from apps.orders.services.sending_on import ask_senders
from apps.orders.services.shortages import source_what_lapsed
from apps.orders.services.statuses import order_status
from apps.orders.services.types import WrongState
from apps.payments.services.booking import add_payments
from apps.payments.services.types import Opening, Tendered


@retried
@transaction.atomic
def pay(*, number: str, payments: Sequence[Tendered], actor: str) -> Order:
    """Book payments on an order; when a waiting order is covered it goes to the store, and its stock is held for good.

    Raises WrongState for a cancelled order, InvalidInput when more is paid than is due; what was cancelled is not due.
    """
    order, lines = locked(number)
    if order.status == OrderStatus.CANCELLED:
        raise WrongState(_("This order was cancelled."))
    due = still_to_pay(order, lines)
    if sum((p.amount for p in payments), Decimal(0)) > due:
        detail = _("Only %(due)s is still to be paid.") % {"due": spoken(due)}
        raise InvalidInput(detail, code="overpaid", faults=[Fault("overpaid", detail, "payments")])
    now = timezone.now()
    day = business_date(now, order.channel.time_zone)
    order.payment_account = add_payments(
        account_id=order.payment_account_id,
        opening=Opening(order.number, order.currency, order.seller_id, now, day, order.business_date, actor, payments),
    )
    record(
        Happened(
            topic="order.paid",
            object_type="order",
            object_key=order.number,
            occurred_at=now,
            payload={"order": order.number, "paid": f"{order.payment_account.paid:.2f}"},
        )
    )
    return go_on_when_covered(order, lines)


def go_on_when_covered(order: Order, lines: Sequence[OrderLine]) -> Order:
    """A locked order that waits for its payment goes to the store once nothing is to be paid; else it goes on waiting.

    What it waited too long for is looked for anew, and a line that finds nothing waits for stock.
    """
    if order.status == OrderStatus.AWAITING_PAYMENT and still_to_pay(order, lines) == 0:
        for reservation in Reservation.objects.filter(demands__order_line__order=order).distinct():
            keep(reservation=reservation)
        source_what_lapsed(order, lines)
        order.status = order_status(ln.status for ln in lines)
        ask_senders(order, lines)
        order.save(update_fields=["status"])
        date_anew(order, lines, since=timezone.now(), not_before=order.promised_at)
    return order
