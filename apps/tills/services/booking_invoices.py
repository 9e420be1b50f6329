"""One batch of read invoices into the books, in the caller's transaction and a fixed number of statements."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.errors import InvalidInput
from apps.core.events.models import Origin
from apps.core.inbox.documents import Received, quarantine, settle
from apps.core.inbox.models import DocumentStatus
from apps.core.money import ZERO, spread
from apps.customers.services.recognising import Person, recognise
from apps.inventory.services.receiving import receive_goods
from apps.orders.models import Method
from apps.orders.services.recording import record_sales
from apps.orders.services.types import Sale, SaleCharge, SaleLine
from apps.payments.services.types import Tendered
from apps.returns.services.recording import record_returns
from apps.returns.services.types import ReturnSale, ReturnSaleLine
from apps.tills.documents import ReadInvoice
from apps.tills.services.articles import variants_of
from apps.tills.services.linking import Credit, Link, link_credits
from apps.tills.services.opening import Target

UNKNOWN_METHOD = "unknown"  # the source does not say how it was paid

Articles = dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Inbound:
    """An invoice with the inbox document it stands in."""

    document: Received
    invoice: ReadInvoice


def book_invoices(inbound: Sequence[Inbound], *, target: Target) -> None:
    """Book a batch: customers, articles, receipts where stock moves, sales, then credit notes; then what is set apart."""
    bookable = [one for one in inbound if one.invoice.is_bookable]
    people = _recognise([one.invoice for one in bookable], target)
    articles = variants_of((row.sku for one in bookable for row in one.invoice.goods), names=target.names)
    sold = [one for one in bookable if not one.invoice.is_credit_note]
    if target.warehouse is not None:
        _receive(sold, articles, target)
    record_sales(
        [_sale(one, articles, people, target) for one in sold],
        origin=Origin.HISTORY,
        actor=target.actor,
        move_stock=target.warehouse is not None,
    )
    credited = [one for one in bookable if one.invoice.is_credit_note]
    record_returns(
        _returns(credited, articles, people, target),
        origin=Origin.HISTORY,
        actor=target.actor,
        move_stock=target.warehouse is not None,
    )
    quarantine(source=target.source, defects=((one.document, d) for one in inbound for d in one.invoice.defects))
    settle((one.document.id, _status(one.invoice)) for one in inbound)


def _status(invoice: ReadInvoice) -> str:
    if not invoice.is_bookable:
        return DocumentStatus.QUARANTINED
    return DocumentStatus.PARTLY if invoice.defects else DocumentStatus.BOOKED


def _recognise(invoices: Sequence[ReadInvoice], target: Target) -> dict[str, int]:
    """{the channel's customer number: source record id}."""
    countries = {invoice.customer: invoice.country for invoice in invoices if invoice.customer}
    ids = recognise(
        [
            Person(source=target.channel.code, external_id=number, country=country)
            for number, country in countries.items()
        ],
        actor=target.actor,
        origin=Origin.HISTORY,
    )
    return {number: id_ for number, id_ in zip(countries, ids, strict=True) if id_ is not None}


def _receive(sold: Sequence[Inbound], articles: Articles, target: Target) -> None:
    """Book the delivery that must have come before: exactly what these invoices sold."""
    quantities: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for one in sold:
        for row in one.invoice.goods:
            quantities[articles[row.sku][0]] += row.quantity
    if quantities:
        first, last = sold[0].invoice, sold[-1].invoice
        assert target.warehouse is not None and first.at is not None
        receive_goods(
            location=target.warehouse,
            lines=sorted(quantities.items()),
            reference=f"{target.source} {first.number}-{last.number}"[:80],
            occurred_at=first.at,
            actor=target.actor,
        )


def _sale(one: Inbound, articles: Articles, people: dict[str, int], target: Target) -> Sale:
    invoice = one.invoice
    if invoice.at is None:
        raise InvalidInput(f"invoice {invoice.number} has no date", code="invalid_date")
    lines = [
        SaleLine(
            row.line,
            *_named(articles, row.sku),
            row.quantity,
            row.unit_price,
            ZERO,
            row.amount,
        )
        for row in invoice.goods
    ]
    charges = [SaleCharge(row.line, row.type, row.description, row.amount) for row in invoice.charges]
    total = sum((row.amount for row in lines), ZERO) + sum((row.amount for row in charges), ZERO)
    return Sale(
        channel_id=target.channel.pk,
        channel_code=target.channel.code,
        external_id=invoice.number,
        placed_at=invoice.at,
        business_date=invoice.at.date(),
        currency=target.channel.currency,
        seller_id=target.seller_id,
        method=Method.DELIVERY,
        lines=lines,
        charges=charges,
        tenders=[Tendered(UNKNOWN_METHOD, total)] if total > 0 else [],
        location_id=target.warehouse.pk if target.warehouse else None,
        source_record_id=people.get(invoice.customer),
        fingerprint=one.document.fingerprint,
    )


def _named(articles: Articles, sku: str) -> tuple[int, str, str]:
    variant_id, name = articles[sku]
    return variant_id, sku, name


def _returns(
    credited: Sequence[Inbound], articles: Articles, people: dict[str, int], target: Target
) -> list[ReturnSale]:
    credits = [
        Credit(people.get(one.invoice.customer), articles[row.sku][0], one.invoice.at, row.quantity, row.unit_price)
        for one in credited
        if one.invoice.at is not None
        for row in one.invoice.goods
    ]
    links = iter(link_credits(credits, channel_id=target.channel.pk))
    return [_return(one, [next(links) for _ in one.invoice.goods], articles, people, target) for one in credited]


def _return(
    one: Inbound, links: Sequence[list[Link]], articles: Articles, people: dict[str, int], target: Target
) -> ReturnSale:
    """A credit note as a return; a row that reverses several purchases becomes several lines with the row's money."""
    invoice = one.invoice
    if invoice.at is None:
        raise InvalidInput(f"credit note {invoice.number} has no date", code="invalid_date")
    lines: list[ReturnSaleLine] = []
    for row, parts in zip(invoice.goods, links, strict=True):
        variant_id, name = articles[row.sku]
        amounts = spread(row.amount, [part.quantity for part in parts]) if len(parts) > 1 else [row.amount]
        lines += [
            ReturnSaleLine(
                line=len(lines) + n,
                sku=row.sku,
                name=name,
                quantity=part.quantity,
                unit_price=row.unit_price,
                amount=amount,
                variant_id=variant_id,
                order_line_id=part.order_line_id,
            )
            for n, (part, amount) in enumerate(zip(parts, amounts, strict=True), start=1)
        ]
    lines += [
        ReturnSaleLine(
            line=len(lines) + n,
            sku=charge.code,
            name=charge.description,
            quantity=charge.quantity,
            unit_price=(charge.amount / charge.quantity).quantize(Decimal("0.0001")),
            amount=charge.amount,
            charge_type=charge.type,
        )
        for n, charge in enumerate(invoice.charges, start=1)
    ]
    return ReturnSale(
        channel_id=target.channel.pk,
        external_id=invoice.number,
        fingerprint=one.document.fingerprint,
        occurred_at=invoice.at,
        business_date=invoice.at.date(),
        currency=target.channel.currency,
        legal_entity_id=target.seller_id,
        lines=tuple(lines),
        location_id=target.warehouse.pk if target.warehouse else None,
        source_record_id=people.get(invoice.customer),
    )
