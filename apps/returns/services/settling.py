"""The money of a return goes back, and the purchase is undone in the books."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.events.log import Happened, record
from apps.core.events.models import Origin
from apps.core.money import ZERO, plain
from apps.core.retry import retried
from apps.payments.models import PaymentAccount
from apps.payments.services.refunding import refund
from apps.payments.services.types import Refund
from apps.returns.models import Return, ReturnLine, ReturnStatus
from apps.returns.services.counting import Counted, count, derive_statuses
from apps.returns.services.happening import came_back
from apps.returns.services.paying import ON_ORDER
from apps.returns.services.purchases import lock_lines
from apps.returns.services.receiving import WrongState, lock_return
from apps.returns.services.whole_orders import add_delivery


@retried
@transaction.atomic
def settle_return(*, rma: Return, occurred_at: dt.datetime, actor: str) -> Return:
    """Pay back an inspected return. Doing it again changes nothing."""
    rma = lock_return(rma)
    if rma.status == ReturnStatus.SETTLED:
        return rma
    if rma.status != ReturnStatus.INSPECTED:
        raise WrongState(_("Return %(number)s is paid back after it was inspected.") % {"number": rma.number})
    settle(rma, occurred_at=occurred_at, actor=actor)
    return rma


def settle(rma: Return, *, occurred_at: dt.datetime, actor: str) -> None:
    """Pay back a locked, inspected return; the business date becomes the day on which the money went back.

    With the last goods of an order its delivery goes back too (`whole_orders`).
    """
    lines = list(rma.lines.select_related("order", "order_line").order_by("line"))
    lock_lines(line.order_line_id for line in lines if line.order_line_id is not None)
    rma.business_date = business_date(occurred_at, rma.location.time_zone if rma.location else rma.channel.time_zone)
    count(
        Counted(line.order_line_id, returning=-line.quantity, returned=line.quantity)
        for line in lines
        if line.order_line_id is not None
    )
    derive_statuses(line.order_line_id for line in lines if line.order_line_id is not None)
    lines += add_delivery(rma, lines)
    rma.status, rma.settled_at = ReturnStatus.SETTLED, occurred_at
    rma.save(update_fields=["status", "settled_at", "business_date", "total"])
    said = settled(rma, lines, channel=rma.channel.code, location=rma.location.code if rma.location else None)
    record(said, *came_back(rma, lines))
    _pay_back(rma, lines, occurred_at, actor)


def _pay_back(rma: Return, lines: Sequence[ReturnLine], occurred_at: dt.datetime, actor: str) -> None:
    """Each order's part from that order's own payments, by the company that sold it, and never more than was paid."""
    by_order: dict[int, list[ReturnLine]] = defaultdict(list)
    for line in lines:
        if line.order_id is not None:
            by_order[line.order_id].append(line)
    parts = [(group[0].order, group) for group in by_order.values()]
    paid = lock_accounts(order.payment_account_id for order, _group in parts if order is not None)
    refund(
        refunds=[
            Refund(
                account_id=order.payment_account_id,
                amount=min(sum((line.amount for line in group), ZERO), paid[order.payment_account_id]),
                cause_type=ON_ORDER,
                cause_id=rma.number,
                cause_line=group[0].line,
                legal_entity_id=order.seller_id,
                occurred_at=occurred_at,
                business_date=rma.business_date,
                recorded_on=rma.recorded_at.date(),
                actor=actor,
            )
            for order, group in parts
            if order is not None
        ]
    )


def lock_accounts(account_ids: Iterable[int]) -> dict[int, Decimal]:
    """Lock payment accounts in key order; what each has received and not paid back.

    An order on invoice may not have been paid yet, and a till may have rounded: the rest of the amount is then owed less,
    not paid out.
    """
    accounts = PaymentAccount.objects.select_for_update(no_key=True).filter(pk__in=set(account_ids)).order_by("pk")
    return {account.pk: max(account.paid, ZERO) for account in accounts}


def settled(rma: Return, lines: Iterable[ReturnLine], *, channel: str, location: str | None) -> Happened:
    """The event that money went back. `order_line` is the line's number on its order."""
    assert rma.settled_at is not None
    return Happened(
        topic="return.settled",
        object_type="return",
        object_key=rma.number,
        occurred_at=rma.settled_at,
        origin=Origin(rma.origin),
        payload={
            "return": rma.number,
            "channel": channel,
            "location": location,
            "currency": rma.currency,
            "business_date": rma.business_date.isoformat(),
            "lines": [
                {
                    "line": line.line,
                    "order": line.order.number if line.order else None,
                    "order_line": line.order_line.line if line.order_line else None,
                    "quantity": plain(line.quantity),
                    "amount": str(line.amount),
                }
                for line in lines
            ],
        },
    )
