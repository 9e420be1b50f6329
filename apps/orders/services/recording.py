"""Sales that already happened: till tickets, imported invoices. One or a hundred thousand, the same code."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.core.errors import InvalidInput
from apps.core.events.log import Happened, record_many
from apps.core.events.models import Origin
from apps.core.money import plain
from apps.core.numbers import ORDER, next_numbers
from apps.inventory.models import StockMovement
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import owners_on
from apps.inventory.services.types import Cause, Move, Spot
from apps.orders.models import LineStatus, Method, Order, OrderStatus
from apps.orders.services.types import LineDraft, OrderDraft, Recorded, Sale
from apps.orders.services.writing import write_orders
from apps.payments.services.booking import open_accounts
from apps.payments.services.types import Opening, Tendered

_ZERO = Decimal("0.00")


def record_sales(
    sales: Sequence[Sale], *, origin: str = Origin.LIVE, actor: str, move_stock: bool = True
) -> list[Recorded]:
    """Record sales as orders that are placed and handed over at once, in the caller's transaction.

    A sale known by (channel, external id) is left as it is. Stock falls at the sale's location (never refused: a sale is a
    fact), money is booked, and one `order.fulfilled` per sale goes to the event log. A sale with a negative total is
    booked as paid out. The number of statements does not depend on the number of sales.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("sales are recorded in the transaction of their document")
    known = _known(sales)
    fresh = [s for s in sales if (s.channel_id, s.external_id) not in known]
    written: dict[tuple[int, str], Recorded] = {}
    if fresh:
        numbers = next_numbers(ORDER, len(fresh))
        accounts = open_accounts([_opening(s, n, actor) for s, n in zip(fresh, numbers, strict=True)])
        drafts = [_draft(s, n, a, origin) for s, n, a in zip(fresh, numbers, accounts, strict=True)]
        ids = write_orders(drafts)
        for sale, number, order_id in zip(fresh, numbers, ids, strict=True):
            written[sale.channel_id, sale.external_id] = Recorded(order_id, number, sale.external_id, True)
        record_many(
            [
                fulfilled(
                    order=number,
                    channel=sale.channel_code,
                    day=sale.business_date,
                    occurred_at=sale.placed_at,
                    lines=[(ln.line, ln.quantity) for ln in sale.lines],
                    origin=origin,
                )
                for sale, number in zip(fresh, numbers, strict=True)
            ]
        )
        if move_stock:
            book_moves(_moves(fresh, numbers, actor))
    return [known.get(key) or written[key] for key in ((s.channel_id, s.external_id) for s in sales)]


def fulfilled(
    *,
    order: str,
    channel: str,
    day: dt.date,
    occurred_at: dt.datetime,
    lines: Sequence[tuple[int, Decimal]],
    origin: str = Origin.LIVE,
) -> Happened:
    """The event that goods of an order went to the customer: (line, quantity) of what went now."""
    return Happened(
        topic="order.fulfilled",
        object_type="order",
        object_key=order,
        occurred_at=occurred_at,
        origin=origin,
        payload={
            "order": order,
            "channel": channel,
            "business_date": day.isoformat(),
            "lines": [{"line": line, "quantity": plain(quantity)} for line, quantity in lines],
        },
    )


def _known(sales: Sequence[Sale]) -> dict[tuple[int, str], Recorded]:
    found = Order.objects.filter(
        channel__in={s.channel_id for s in sales}, external_id__in={s.external_id for s in sales}
    ).values_list("channel_id", "external_id", "pk", "number")
    return {(channel_id, ext): Recorded(pk, number, ext, False) for channel_id, ext, pk, number in found}


def _total(sale: Sale) -> Decimal:
    return sum((ln.amount for ln in sale.lines), _ZERO) + sum((c.amount for c in sale.charges), _ZERO)


def _opening(sale: Sale, number: str, actor: str) -> Opening:
    total = _total(sale)
    tenders = sale.tenders
    pays_out = total < 0
    if pays_out:
        tenders = [Tendered("unknown", -total)]
    return Opening(
        cause_id=number,
        currency=sale.currency,
        legal_entity_id=sale.seller_id,
        occurred_at=sale.placed_at,
        business_date=sale.business_date,
        recorded_on=sale.business_date,
        actor=actor,
        tenders=tenders,
        unreferenced=pays_out,
    )


def _draft(sale: Sale, number: str, account_id: int, origin: str) -> OrderDraft:
    goods = sum((ln.amount for ln in sale.lines), _ZERO)
    charges = sum((c.amount for c in sale.charges), _ZERO)
    vat = [v for v in (*(ln.vat_amount for ln in sale.lines), *(c.vat_amount for c in sale.charges)) if v is not None]
    done = LineStatus.DELIVERED if sale.method == Method.DELIVERY else LineStatus.COLLECTED
    lines = [
        LineDraft(
            line=ln.line,
            variant_id=ln.variant_id,
            sku=ln.sku,
            name=ln.name,
            quantity=ln.quantity,
            unit_price=ln.unit_price,
            discount=ln.discount,
            amount=ln.amount,
            vat_rate=ln.vat_rate,
            vat_amount=ln.vat_amount,
            location_id=sale.location_id,
            method=sale.method,
            status=done,
            quantity_picked=ln.quantity,
            quantity_fulfilled=ln.quantity,
            associate=ln.associate,
        )
        for ln in sale.lines
    ]
    values: dict[str, Any] = {
        "number": number,
        "channel": sale.channel_id,
        "external_id": sale.external_id,
        "fingerprint": sale.fingerprint,
        "origin": origin,
        "source_record": sale.source_record_id,
        "seller": sale.seller_id,
        "status": OrderStatus.DELIVERED if done == LineStatus.DELIVERED else OrderStatus.COLLECTED,
        "method": sale.method,
        "location": sale.location_id,
        "payment_terms": "prepaid",
        "payment_account": account_id,
        "currency": sale.currency,
        "goods_total": goods,
        "charges_total": charges,
        "total": goods + charges,
        "vat_total": sum(vat, _ZERO) if vat else None,
        "referral_associate": "",
        "referral_code": "",
        "placed_at": sale.placed_at,
        "business_date": sale.business_date,
        "recorded_at": timezone.now(),
        "closed_at": sale.placed_at,
    }
    return OrderDraft(values=values, lines=lines, charges=list(sale.charges))


def _moves(sales: Sequence[Sale], numbers: Sequence[str], actor: str) -> list[Move]:
    owners = owners_on(
        location_ids=[s.location_id for s in sales if s.location_id is not None],
        variant_ids=[ln.variant_id for s in sales for ln in s.lines],
    )
    moves: list[Move] = []
    for sale, number in zip(sales, numbers, strict=True):
        if not sale.lines:
            continue
        if sale.location_id is None:
            raise InvalidInput(f"sale {sale.external_id} has no location to take stock from", code="no_location")
        cause = Cause("order", number, sale.business_date, sale.placed_at, sale.business_date, actor)
        here, day = sale.location_id, sale.business_date
        moves += [
            Move(
                cause,
                ln.line,
                StockMovement.Kind.SALE,
                ln.variant_id,
                ln.quantity,
                source=Spot(here, owners.of(here, ln.variant_id, day)),
            )
            for ln in sale.lines
        ]
    return moves
