"""What stands on a receipt: what was sold less what was given back, and the VAT in it by rate."""

from dataclasses import dataclass
from decimal import Decimal

from apps.core.money import ZERO
from apps.orders.tenders import method_name
from apps.payments.models import Tender
from apps.tills.models import Ticket


@dataclass(frozen=True)
class ReceiptLine:
    """One line; what was given back has a negative quantity and amount."""

    name: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    vat_rate: Decimal | None
    vat_amount: Decimal | None


@dataclass(frozen=True)
class Vat:
    """The VAT at one rate, and the amount without it that it is over."""

    rate: Decimal
    net: Decimal
    amount: Decimal


def lines_of(ticket: Ticket) -> list[ReceiptLine]:
    """The lines of a ticket: goods, then what else was charged, then what came back."""
    found: list[ReceiptLine] = []
    if ticket.order is not None:
        found += [
            ReceiptLine(ln.name, ln.quantity, ln.unit_price, ln.discount, ln.amount, ln.vat_rate, ln.vat_amount)
            for ln in ticket.order.lines.order_by("line")
        ]
        found += [
            ReceiptLine(
                ch.description or ch.get_type_display(),
                Decimal(1),
                ch.amount,
                ZERO,
                ch.amount,
                ch.vat_rate,
                ch.vat_amount,
            )
            for ch in ticket.order.charges.order_by("line")
        ]
    if ticket.rma is not None:
        found += [
            ReceiptLine(ln.name, -ln.quantity, ln.unit_price, ZERO, -ln.amount, ln.vat_rate, -(ln.vat_amount or ZERO))
            for ln in ticket.rma.lines.order_by("line")
        ]
    return found


def vat_of(lines: list[ReceiptLine]) -> list[Vat]:
    """The VAT by rate, the highest first."""
    rates = sorted({ln.vat_rate for ln in lines if ln.vat_rate is not None}, reverse=True)
    return [
        Vat(
            rate,
            sum((ln.amount - (ln.vat_amount or ZERO) for ln in lines if ln.vat_rate == rate), ZERO),
            sum((ln.vat_amount or ZERO for ln in lines if ln.vat_rate == rate), ZERO),
        )
        for rate in rates
    ]


def paid_with(ticket: Ticket) -> str:
    """How it was paid, in words."""
    accounts = [booked.payment_account_id for booked in (ticket.order, ticket.rma) if booked is not None]
    tenders = Tender.objects.filter(account__in=accounts).order_by("pk").values_list("method", flat=True)
    return ", ".join(dict.fromkeys(method_name(method) for method in tenders))
