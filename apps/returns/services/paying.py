"""How the money of a recorded return divides over the payments it came from."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum

from apps.core.money import ZERO
from apps.payments.models import PaymentEntry
from apps.payments.services.types import Opening, Refund, Tendered
from apps.returns.models import Return, ReturnLine
from apps.returns.services.types import ReturnSale

UNKNOWN_METHOD = "unknown"
ON_ORDER, ON_OWN = "return", "return_own"
CAUSES = (ON_ORDER, ON_OWN)
"""Why money of a return went back: from an order's payments, where the cause's line is a line of the return, or out of the
return's own account, where it is a tender."""


@dataclass(frozen=True, slots=True)
class Part:
    """So much from one order's payments, caused by the return's line `line`."""

    account_id: int
    line: int
    amount: Decimal


@dataclass(slots=True)
class Payout:
    """A return's money: parts from orders' payments, and `own` for what no known payment gives."""

    parts: list[Part] = field(default_factory=list)
    own: Decimal = ZERO


def divide_payout(lines: Iterable[ReturnLine], left: dict[int, Decimal]) -> Payout:
    """Take each order's part from what is `left` on its account (which this lowers), the rest from the return's own."""
    payout = Payout()
    by_account: dict[int, list[ReturnLine]] = defaultdict(list)
    for line in lines:
        if line.order is None:
            payout.own += line.amount
        else:
            by_account[line.order.payment_account_id].append(line)
    for account_id, group in sorted(by_account.items()):
        wanted = sum((line.amount for line in group), ZERO)
        part = min(wanted, left[account_id])
        left[account_id] -= part
        payout.own += wanted - part
        if part > 0:
            payout.parts.append(Part(account_id, min(line.line for line in group), part))
    return payout


def refunds_of(rma: Return, sale: ReturnSale, payout: Payout, actor: str) -> list[Refund]:
    """The refunds on orders' accounts, by the means that the source names first."""
    return [
        Refund(
            account_id=part.account_id,
            amount=part.amount,
            cause_type=ON_ORDER,
            cause_id=rma.number,
            cause_line=part.line,
            legal_entity_id=sale.legal_entity_id,
            occurred_at=sale.occurred_at,
            business_date=sale.business_date,
            recorded_on=rma.recorded_at.date(),
            actor=actor,
            method=sale.tenders[0].method if sale.tenders else None,
        )
        for part in payout.parts
    ]


def opening_of(rma: Return, sale: ReturnSale, payout: Payout, actor: str) -> Opening:
    """The return's own account, which only pays out."""
    return Opening(
        cause_id=rma.number,
        currency=sale.currency,
        legal_entity_id=sale.legal_entity_id,
        occurred_at=sale.occurred_at,
        business_date=sale.business_date,
        recorded_on=rma.recorded_at.date(),
        actor=actor,
        tenders=_own_tenders(sale, payout),
        cause_type=ON_OWN,
        unreferenced=True,
    )


def _own_tenders(sale: ReturnSale, payout: Payout) -> list[Tendered]:
    """What remains of the source's tenders once the orders' parts are taken off, up to `own`."""
    skip = sum((part.amount for part in payout.parts), ZERO)
    due = payout.own
    tenders: list[Tendered] = []
    for told in sale.tenders:
        amount = max(told.amount - skip, ZERO)
        skip = max(skip - told.amount, ZERO)
        amount = min(amount, due)
        if amount > 0:
            tenders.append(Tendered(told.method, amount, provider=told.provider, reference=told.reference))
            due -= amount
    if due > 0:
        tenders.append(Tendered(UNKNOWN_METHOD, due))
    return tenders


def refunded_by(numbers: Collection[str]) -> dict[str, Decimal]:
    """What the payment ledger gave back for each return."""
    sums = (
        PaymentEntry.objects.filter(cause_type__in=CAUSES, cause_id__in=numbers, kind=PaymentEntry.Kind.REFUNDED)
        .values_list("cause_id")
        .annotate(sum=Sum("amount"))
    )
    return dict(sums)


def refunded_ways(number: str) -> list[tuple[str, Decimal]]:
    """How the money of a return went back: (means of payment, amount)."""
    entries = PaymentEntry.objects.filter(cause_type__in=CAUSES, cause_id=number, kind=PaymentEntry.Kind.REFUNDED)
    return list(entries.order_by("tender__method").values_list("tender__method").annotate(sum=Sum("amount")))
