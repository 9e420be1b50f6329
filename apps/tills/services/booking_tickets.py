"""Resolved tickets into the books: orders for what was sold, returns for what came back, hand-overs for what was collected."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.core.money import ZERO
from apps.customers.services.payment_cards import recognise_buyers
from apps.orders.models import ChargeType, Method, Order
from apps.orders.services.fulfilling import hand_over
from apps.orders.services.recording import record_sales
from apps.orders.services.types import Sale, SaleCharge, SaleLine
from apps.payments.services.types import Tendered
from apps.returns.services.recording import record_returns
from apps.returns.services.types import ReturnSale, ReturnSaleLine
from apps.tills.services.dividing import Divided, divide_tenders
from apps.tills.services.resolving import ResolvedLine, ResolvedTicket
from apps.tills.tickets import LineType

_CHARGES = {
    LineType.GIFT_CARD: ChargeType.GIFT_CARD,
    LineType.DEPOSIT: ChargeType.ADJUSTMENT,
    LineType.CHARGE: ChargeType.SERVICE,
}


@dataclass(slots=True)
class Booked:
    """What a ticket became; `number` is how to call it: its order, else its return, else the order it collected."""

    number: str = ""
    order_id: int | None = None
    return_id: int | None = None


def book_tickets(tickets: Sequence[ResolvedTicket], *, actor: str) -> list[Booked]:
    """Book tickets in the caller's transaction; return what they became, in order. A DomainError books none of them."""
    people = _recognise(tickets, actor)
    divided = [_divide(ticket) for ticket in tickets]
    booked = [Booked() for _ticket in tickets]
    sold = [n for n, ticket in enumerate(tickets) if _sells(ticket)]
    sales = [_sale(tickets[n], divided[n], people[n]) for n in sold]
    for n, recorded in zip(sold, record_sales(sales, actor=actor), strict=True):
        booked[n].order_id, booked[n].number = recorded.order_id, recorded.number
    returned = [n for n, ticket in enumerate(tickets) if _of(ticket, LineType.RETURN)]
    returns = [_return(tickets[n], divided[n], people[n]) for n in returned]
    for n, come_back in zip(returned, record_returns(returns, actor=actor), strict=True):
        booked[n].return_id = come_back.return_id
        booked[n].number = booked[n].number or come_back.number
    for n, ticket in enumerate(tickets):
        for line, tenders in zip(_of(ticket, LineType.COLLECT), divided[n].collected, strict=True):
            _collect(ticket, line, tenders, actor)
            booked[n].number = booked[n].number or line.told.order
    return booked


def _of(ticket: ResolvedTicket, *types: LineType) -> list[ResolvedLine]:
    return [line for line in ticket.lines if line.told.type in types]


def _sells(ticket: ResolvedTicket) -> bool:
    return bool(ticket.rounding or _of(ticket, LineType.SALE, *_CHARGES))


def _recognise(tickets: Sequence[ResolvedTicket], actor: str) -> list[int | None]:
    named = [n for n, ticket in enumerate(tickets) if ticket.ticket.customer is not None]
    ids = recognise_buyers([t.ticket.customer for t in tickets if t.ticket.customer is not None], actor=actor)
    people: list[int | None] = [None] * len(tickets)
    for n, id_ in zip(named, ids, strict=True):
        people[n] = id_
    return people


def _divide(ticket: ResolvedTicket) -> Divided:
    return divide_tenders(
        ticket.ticket.tenders,
        sold=sum((ln.told.amount for ln in _of(ticket, LineType.SALE, *_CHARGES)), ZERO) + ticket.rounding,
        collected=[ln.told.amount for ln in _of(ticket, LineType.COLLECT)],
        returned=sum((ln.told.amount for ln in _of(ticket, LineType.RETURN)), ZERO),
    )


def _sale(ticket: ResolvedTicket, divided: Divided, person: int | None) -> Sale:
    told, locale = ticket.ticket, ticket.channel.locale[:2]
    lines = [
        SaleLine(
            line=ln.told.line,
            variant_id=ln.article.variant_id,
            sku=ln.article.sku,
            name=ln.article.name(locale)[:200],
            quantity=ln.told.quantity,
            unit_price=ln.told.unit_price,
            discount=ln.told.discount,
            amount=ln.told.amount,
            vat_rate=ln.told.vat_rate,
            vat_amount=ln.told.vat_amount,
            associate=ln.told.associate,
        )
        for ln in _of(ticket, LineType.SALE)
        if ln.article is not None
    ]
    charges = [
        SaleCharge(
            line=ln.told.line,
            type=_CHARGES[ln.told.type],
            description=ln.told.description or ln.told.sku or str(ln.told.type),
            amount=ln.told.amount,
            vat_rate=ln.told.vat_rate,
            vat_amount=ln.told.vat_amount,
        )
        for ln in _of(ticket, *_CHARGES)
    ]
    if ticket.rounding:
        charges.append(SaleCharge(len(told.lines) + 1, ChargeType.ADJUSTMENT, _("Cash rounding"), ticket.rounding))
    return Sale(
        channel_id=ticket.channel.pk,
        channel_code=ticket.channel.code,
        external_id=told.number_in_store,
        placed_at=told.occurred_at,
        business_date=told.business_date,
        currency=told.currency,
        seller_id=ticket.seller_id,
        method=Method.CARRY_OUT,
        lines=lines,
        charges=charges,
        tenders=divided.sold,
        location_id=ticket.location_id,
        source_record_id=person,
        fingerprint=told.fingerprint,
    )


def _return(ticket: ResolvedTicket, divided: Divided, person: int | None) -> ReturnSale:
    told, locale = ticket.ticket, ticket.channel.locale[:2]
    return ReturnSale(
        channel_id=ticket.channel.pk,
        external_id=told.number_in_store,
        fingerprint=told.fingerprint,
        occurred_at=told.occurred_at,
        business_date=told.business_date,
        currency=told.currency,
        legal_entity_id=ticket.seller_id,
        lines=tuple(
            ReturnSaleLine(
                line=ln.told.line,
                sku=ln.article.sku,
                name=ln.article.name(locale)[:200],
                quantity=ln.told.quantity,
                unit_price=ln.told.unit_price,
                amount=ln.told.amount,
                vat_rate=ln.told.vat_rate,
                vat_amount=ln.told.vat_amount,
                variant_id=ln.article.variant_id,
                order_line_id=ln.order_line_id,
                order_id=ln.order_id,
            )
            for ln in _of(ticket, LineType.RETURN)
            if ln.article is not None
        ),
        location_id=ticket.location_id,
        source_record_id=person,
        tenders=tuple(divided.returned),
    )


def _collect(ticket: ResolvedTicket, line: ResolvedLine, tenders: list[Tendered], actor: str) -> None:
    """Hand the order over, with what was paid at the till; one that the portal handed over before is left as it is."""
    if line.is_done or line.order_id is None:
        return
    code = Order.objects.values_list("collect_code", flat=True).get(pk=line.order_id)
    hand_over(
        number=line.told.order,
        collect_code=code or "",
        actor=actor,
        tenders=tenders,
        occurred_at=ticket.ticket.occurred_at,
    )
