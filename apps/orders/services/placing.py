"""Placing an order: everything that must be true of it, in one transaction and a fixed number of statements.

The order of the writes matters: what may wait for others (the customer, the stock rows) comes before what nobody waits for,
and the stock rows are locked as late as the answer allows.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import UniqueViolation

from apps.catalogue.services.listing import Listing, listings
from apps.core.days import business_date
from apps.core.events.log import Happened, record
from apps.core.money import line_amount, plain, spoken, vat_in
from apps.core.numbers import ORDER, new_code, next_number
from apps.core.retry import Overtaken, retried
from apps.customers.services.people import details_of
from apps.customers.services.recognising import recognise
from apps.inventory.services.owners import company_of
from apps.inventory.services.promise_dates import end_of_day
from apps.inventory.services.slots import Chosen, take_place
from apps.network.directory import Entry
from apps.network.models import Channel, Location
from apps.orders.models import LineStatus, Method, OrderStatus, PaymentTerms
from apps.orders.services.agreeing import write_down_consents
from apps.orders.services.checking import check_lines, refuse, stores_named
from apps.orders.services.dating import all_there, can_collect_part, can_have, date_lines
from apps.orders.services.dividing import lines_of_promises
from apps.orders.services.promises import let_basket_go, promise_lines
from apps.orders.services.sending_on import ask_for
from apps.orders.services.slots import book, chosen_slot, date_by_slot, speed_of
from apps.orders.services.statuses import order_status
from apps.orders.services.taking_along import check_paid, take_along
from apps.orders.services.types import (
    DuplicateExternalId,
    LineDraft,
    OrderDocument,
    OrderDraft,
    SaleCharge,
)
from apps.orders.services.writing import write_orders
from apps.orders.ways import way_of_most
from apps.payments.services.booking import open_accounts
from apps.payments.services.types import Opening

UNPAID_FOR = dt.timedelta(minutes=30)  # how long a prepaid order may wait for its payment
_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Placed:
    """The order that stands now; `is_new` is False when the same document had been placed before."""

    order_id: int
    number: str
    is_new: bool
    draft: OrderDraft | None = None
    chosen: Chosen | None = None


@retried
def place_order(*, channel: Channel, document: OrderDocument, actor: str) -> Placed:
    """Place an order: recognise the customer, reserve the goods, book the payments.

    Nothing is written unless everything can be. Raises InvalidInput (unknown SKU or store, wrong amounts), NotSellable,
    PriceChanged, InsufficientStock, SlotFull, SlotGone, ReservationExpired, DuplicateExternalId, or NotPaid for what is taken
    along.
    """
    with transaction.atomic(savepoint=False):
        return _known(channel, document) or _place(channel, document, actor)


def _known(channel: Channel, document: OrderDocument) -> Placed | None:
    """The order of this external id, if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, number, fingerprint FROM orders_order WHERE channel_id = %s AND external_id = %s",
            [channel.pk, document.external_id],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    order_id, number, fingerprint = found
    if fingerprint != document.fingerprint:
        raise DuplicateExternalId(
            _("The external id %(id)s is in use for another order.") % {"id": document.external_id}
        )
    return Placed(order_id, number, False)


def _place(channel: Channel, document: OrderDocument, actor: str) -> Placed:
    found = listings(channel=channel, skus=[ln.sku for ln in document.lines], at=document.placed_at)
    check_lines(channel, document.lines, found)
    places = stores_named(document)
    chosen = chosen_slot(channel, document)
    day = business_date(document.placed_at, channel.time_zone)
    lines = _price_lines(document, found)
    charges = _charges(document)
    values = _values(channel, document, places, lines, charges, day)
    waits = _waits_for_payment(document, values["total"])
    check_paid(document, lines, values["total"])
    happened: list[Happened] = []
    values["number"] = next_number(ORDER)
    if document.person is not None:
        values["source_record"] = recognise([document.person], actor=actor, record=happened.extend)[0]
    slot_day = take_place(chosen) if chosen else None
    taken = [ln for ln in lines if ln.method == Method.CARRY_OUT]
    gone = _take_along(taken, channel, document, values, actor)
    promises = promise_lines(
        channel=channel,
        document=document,
        listings=found,
        store=places.get(document.location or "") if values["location"] else None,
        expires_at=timezone.now() + UNPAID_FOR if waits else None,
        value=values["total"],
        chosen=chosen,
    )
    lines = lines_of_promises(lines, promises, collected_at=values["location"])
    date_lines(lines, store_id=values["location"], since=document.placed_at)
    values["promised_at"] = _told(channel, document) or can_have(
        lines, store_id=values["location"], since=document.placed_at, time_zone=channel.time_zone
    )
    values["collect_promised_at"] = can_collect_part(
        lines, store_id=values["location"], since=document.placed_at, time_zone=channel.time_zone
    )
    if chosen is not None:
        date_by_slot(lines, chosen)
        values["promised_at"] = all_there(chosen.times.ends_at, values["collect_promised_at"])
        values["speed"] = speed_of(chosen, channel, document.speed)
    values["status"] = OrderStatus.AWAITING_PAYMENT if waits else order_status(ln.status for ln in lines)
    values["payment_account"] = open_accounts([_opening(document, values, day, actor)])[0]
    collector = (document.collector, timezone.now(), actor) if document.collector else None
    draft = OrderDraft(values, lines, charges, _contact(document), collector)
    try:
        order_id = write_orders([draft])[0]
    except IntegrityError as error:
        if _was_overtaken(error):
            raise Overtaken from error
        raise
    if slot_day is not None:
        book(order_id, slot_day)
    if document.consents and values.get("source_record") is not None:
        write_down_consents(
            document.consents,
            source_record_id=values["source_record"],
            number=values["number"],
            channel_code=channel.code,
            at=document.placed_at,
        )
    record(*happened, _placed(channel, document, values, lines), *gone)
    coming = [ln.demand_id for ln in lines if ln.status == LineStatus.COMING and ln.demand_id is not None]
    if coming and not waits:
        store = Location.objects.get(pk=values["location"])
        ask_for(number=values["number"], store=store, demand_ids=coming, actor=actor)
    return Placed(order_id, values["number"], True, draft, chosen)


def _take_along(
    lines: Sequence[LineDraft], channel: Channel, document: OrderDocument, values: dict[str, Any], actor: str
) -> list[Happened]:
    if not lines:
        return []
    let_basket_go(channel, document)
    return take_along(
        lines,
        number=values["number"],
        channel=channel.code,
        location_id=values["location"],
        day=values["business_date"],
        at=document.placed_at,
        actor=actor,
    )


def _was_overtaken(error: IntegrityError) -> bool:
    """Whether a twin wrote this order while we did."""
    cause = error.__cause__
    return isinstance(cause, UniqueViolation) and cause.diag.constraint_name == "order_once_per_channel"


def _price_lines(document: OrderDocument, found: dict[str, Listing]) -> list[LineDraft]:
    drafts = []
    for n, (ln, method) in enumerate(zip(document.lines, document.methods, strict=True), start=1):
        listing = found[ln.sku]
        amount = line_amount(unit_price=ln.unit_price, quantity=ln.quantity, discount=ln.discount)
        drafts.append(
            LineDraft(
                line=n,
                variant_id=listing.variant_id,
                sku=ln.sku,
                name=listing.name[:200],
                quantity=ln.quantity,
                unit_price=ln.unit_price,
                discount=ln.discount,
                amount=amount,
                vat_rate=listing.vat_rate,
                vat_amount=vat_in(amount, listing.vat_rate),
                location_id=None,
                method=method,
                status=LineStatus.OPEN,
                associate=document.referral_associate,
            )
        )
    return drafts


def _charges(document: OrderDocument) -> list[SaleCharge]:
    return [
        SaleCharge(n, c.type, "", c.amount, c.vat_rate, vat_in(c.amount, c.vat_rate))
        for n, c in enumerate(document.charges, start=1)
    ]


def _values(
    channel: Channel,
    document: OrderDocument,
    places: dict[str, Entry],
    lines: Sequence[LineDraft],
    charges: Sequence[SaleCharge],
    day: dt.date,
) -> dict[str, Any]:
    if document.currency != channel.currency:
        refuse("currency", "invalid", _("This channel sells in %(currency)s.") % {"currency": channel.currency})
    ways = document.methods
    in_store = Method.COLLECT in ways or Method.CARRY_OUT in ways
    store = places.get(document.location or "") if in_store else None
    referrer = places.get(document.referral_store or "")
    seller_id = channel.seller_id
    if seller_id is None:
        if store is None:
            refuse("fulfilment.location", "required", _("This channel has no seller of its own: name a store."))
        else:
            seller_id = company_of(store.id, day=day)
    goods = sum((ln.amount for ln in lines), _ZERO)
    extra = sum((c.amount for c in charges), _ZERO)
    vat = [v for v in (*(ln.vat_amount for ln in lines), *(c.vat_amount for c in charges)) if v is not None]
    return {
        "number": "",
        "channel": channel.pk,
        "external_id": document.external_id,
        "fingerprint": document.fingerprint,
        "origin": "live",
        "source_record": None,
        "seller": seller_id,
        "status": "",
        "method": way_of_most(document.method, ways),
        "speed": document.speed,
        "location": store.id if store else None,
        "from_anywhere": document.from_anywhere and Method.COLLECT in ways,
        "if_short": document.if_short if Method.COLLECT in ways else "",
        "collect_code": new_code() if Method.COLLECT in ways else None,
        "payment_terms": document.payment_terms,
        "payment_account": None,
        "currency": document.currency,
        "goods_total": goods,
        "charges_total": extra,
        "total": goods + extra,
        "vat_total": sum(vat, _ZERO) if vat else None,
        "referral_location": referrer.id if referrer else None,
        "referral_associate": document.referral_associate,
        "referral_code": document.referral_code,
        "placed_at": document.placed_at,
        "business_date": day,
        "recorded_at": timezone.now(),
    }


def _waits_for_payment(document: OrderDocument, total: Decimal) -> bool:
    """Whether a prepaid order is short of money; payments above the total are refused."""
    offered = sum((p.amount for p in document.payments), _ZERO)
    if offered > total:
        refuse(
            "payments",
            "overpaid",
            _("The payments add up to %(paid)s, the order to %(total)s.")
            % {"paid": spoken(offered), "total": spoken(total)},
        )
    if document.payment_terms != PaymentTerms.PREPAID:
        return False
    return sum((p.amount for p in document.payments if p.status != "pending"), _ZERO) < total


def _told(channel: Channel, document: OrderDocument) -> dt.datetime | None:
    """The promise that the channel made itself."""
    if document.delivery_on is None:
        return None
    if document.delivery_on < business_date(document.placed_at, channel.time_zone):
        refuse("fulfilment.delivery_on", "invalid", _("That day was over when the order was placed."))
    return end_of_day(document.delivery_on, time_zone=channel.time_zone)


def _opening(document: OrderDocument, values: dict[str, Any], day: dt.date, actor: str) -> Opening:
    return Opening(
        cause_id=values["number"],
        currency=document.currency,
        legal_entity_id=values["seller"],
        occurred_at=document.placed_at,
        business_date=day,
        recorded_on=day,
        actor=actor,
        tenders=document.payments,
    )


def _contact(document: OrderDocument) -> tuple[str, ...] | None:
    if document.person is None:
        return None
    person = details_of(document.person)
    return (
        person.name,
        person.email,
        person.phone,
        person.street,
        f"{person.house_number} {person.house_number_suffix}".strip()[:24],
        person.postcode,
        person.city,
        person.country,
    )


def _placed(channel: Channel, document: OrderDocument, values: dict[str, Any], lines: Sequence[LineDraft]) -> Happened:
    return Happened(
        topic="order.placed",
        object_type="order",
        object_key=values["number"],
        occurred_at=document.placed_at,
        payload={
            "order": values["number"],
            "channel": channel.code,
            "location": document.location if values["location"] else None,
            "lines": [{"line": ln.line, "sku": ln.sku, "quantity": plain(ln.quantity)} for ln in lines],
        },
    )
