"""Purchases that tests take back, made by the services that make them in life."""

import datetime as dt
import itertools
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from apps.customers.services.people import Person
from apps.network.models import Channel, Location
from apps.orders.models import Order
from apps.orders.services import fulfilling
from apps.orders.services.placing import place_order
from apps.orders.services.recording import record_sales
from apps.orders.services.types import OrderDocument, OrderedLine, Sale, SaleLine
from apps.payments.services.types import Tendered
from tests.shop import Shop

JAN = Person(source="webshop", account_id="web-77", email="j.jansen@example.org", first_name="Jan", last_name="Jansen")
_count = itertools.count(1)


def order(shop: Shop, *lines: tuple[str, str, str], person: Person | None = JAN, terms: str = "prepaid") -> Order:
    """A web order to collect in S1, paid by iDEAL; lines are (SKU, quantity, discount), every piece costs 10.00."""
    total = sum((Decimal(q) * 10 - Decimal(d) for _, q, d in lines), Decimal(0))
    placed = place_order(
        channel=shop.web,
        document=OrderDocument(
            external_id=f"WEB-{next(_count)}",
            placed_at=timezone.now(),
            currency="EUR",
            method="collect",
            location="S1",
            person=person,
            lines=[OrderedLine(sku, Decimal(q), Decimal("10.00"), Decimal(d)) for sku, q, d in lines],
            payment_terms=terms,
            payments=[Tendered("ideal", total, reference="tr_1")] if terms == "prepaid" else [],
        ),
        actor="test",
    )
    return Order.objects.get(pk=placed.order_id)


def collected(shop: Shop, *lines: tuple[str, str, str], person: Person | None = JAN, terms: str = "prepaid") -> Order:
    """As `order`, picked and handed over."""
    placed = order(shop, *lines, person=person, terms=terms)
    fulfilling.pick(number=placed.number, actor="test")
    fulfilling.mark_ready(number=placed.number, actor="test")
    fulfilling.hand_over(number=placed.number, collect_code=placed.collect_code, actor="test")
    return Order.objects.get(pk=placed.pk)


def sold(
    shop: Shop,
    store: Location,
    *lines: tuple[str, str, str],
    tenders: list[Tendered] | None = None,
    at: dt.datetime | None = None,
    source_record_id: int | None = None,
    origin: str = "live",
) -> Order:
    """A till sale; lines are (SKU, quantity, amount), VAT 21 % within."""
    total = sum((Decimal(amount) for _, _, amount in lines), Decimal(0))
    channel = Channel.objects.get(location=store)
    at = at or timezone.now()
    with transaction.atomic():
        recorded = record_sales(
            [
                Sale(
                    channel_id=channel.pk,
                    channel_code=channel.code,
                    external_id=f"TILL-{next(_count)}",
                    placed_at=at,
                    business_date=at.date(),
                    currency="EUR",
                    seller_id=shop.franchisee.pk if store == shop.s1 else shop.own.pk,
                    method="carry_out",
                    location_id=store.pk,
                    source_record_id=source_record_id,
                    lines=[
                        SaleLine(
                            line=n,
                            variant_id=shop.variants[sku].pk,
                            sku=sku,
                            name=f"Product {sku}",
                            quantity=Decimal(q),
                            unit_price=Decimal("10.0000"),
                            discount=Decimal(0),
                            amount=Decimal(amount),
                            vat_rate=Decimal(21),
                            vat_amount=(Decimal(amount) * 21 / 121).quantize(Decimal("0.01")),
                        )
                        for n, (sku, q, amount) in enumerate(lines, start=1)
                    ],
                    tenders=tenders if tenders is not None else [Tendered("pin", total)],
                )
            ],
            origin=origin,
            actor="test",
        )
    return Order.objects.get(pk=recorded[0].order_id)
