"""Orders as the API shows them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from apps.accounts.api_fields import Amount, Percentage, Quantity, UnitPrice
from apps.core.money import ZERO, plain, price_text
from apps.core.reach import reach_of
from apps.inventory.models import SlotDay
from apps.inventory.services.slots import Chosen
from apps.network.directory import Entry
from apps.network.local_delivery import Times
from apps.network.models import Channel, Location
from apps.orders.addresses import address_of
from apps.orders.expected import arrivals_of
from apps.orders.models import (
    ChargeType,
    LineStatus,
    Method,
    Order,
    OrderStatus,
    Parcel,
    ParcelStatus,
    PaymentTerms,
    SlotBooking,
)
from apps.orders.promised import collect_from_of, delivery_on_of
from apps.orders.querysets import OrderQuerySet
from apps.orders.services.fulfilling import still_to_pay
from apps.orders.services.placing import Placed
from apps.orders.services.types import OrderDocument
from apps.orders.waiting import TO_PICK, lines_here
from apps.orders.ways import sent

# What comes to the store where it is collected waits for that store, to whoever reads statuses; `coming` tells them apart.
_STATUSES: dict[str, str] = {LineStatus.COMING: LineStatus.SOURCED}


def status_of(status: str) -> str:
    """The status of an order or a line as the API calls it."""
    return str(_STATUSES.get(status, status))


def _told(choices: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [choice for choice in choices if choice[0] not in _STATUSES]


class OrderVat(serializers.Serializer[Any]):
    rate = Percentage()
    net = Amount()
    vat = Amount()


class BroughtAt(serializers.Serializer[Any]):
    """The time slot that the customer chose, and whose it is."""

    location = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class OrderFulfilment(serializers.Serializer[Any]):
    method = serializers.ChoiceField(
        Method.choices, help_text="Of the order as a whole; each line says its own, which may be another."
    )
    location = serializers.CharField(allow_null=True)
    collect_from = serializers.DateTimeField(
        allow_null=True, help_text="From when it was promised to be ready; null for what is sent."
    )
    delivery_on = serializers.DateField(
        allow_null=True, help_text="The day on which it was promised at the door; null for what is collected."
    )
    collect_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when it is kept for the customer; null before it lies ready."
    )
    slot = BroughtAt(allow_null=True, help_text="The time at which a store brings it; null for any other parcel.")


class Coming(serializers.Serializer[Any]):
    """A line that is sent to the store where it is collected: it waits there once it has come."""

    sent_at = serializers.DateTimeField(allow_null=True, help_text="Null before it left; then it is on its way.")


class OrderLineAnswer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    part_of = serializers.IntegerField(
        allow_null=True,
        help_text="The line that it was ordered with, where the goods of one line come from several locations.",
    )
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = Quantity()
    unit_price = UnitPrice()
    discount = Amount(help_text="For the whole line.")
    amount = Amount(help_text="What the customer pays for the line.")
    vat_rate = Percentage(allow_null=True)
    method = serializers.ChoiceField(Method.choices, help_text="How the customer gets this line.")
    status = serializers.ChoiceField(_told(LineStatus.choices))
    location = serializers.CharField(allow_null=True, help_text="Where the goods come from.")
    expected_on = serializers.DateField(
        required=False,
        help_text="Of one order: the day on which suppliers said that what the line waits for comes in.",
    )
    quantity_picked = Quantity()
    quantity_fulfilled = Quantity()
    quantity_cancelled = Quantity()
    quantity_returned = Quantity()
    coming = Coming(allow_null=True, help_text="For what another location sends to the store; null for all else.")


class OrderCharge(serializers.Serializer[Any]):
    type = serializers.ChoiceField(ChargeType.choices)
    amount = Amount()
    vat_rate = Percentage(allow_null=True)


class ParcelPart(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    quantity = Quantity()


class ParcelAnswer(serializers.Serializer[Any]):
    number = serializers.CharField()
    location = serializers.CharField(help_text="Where it is sent from.")
    status = serializers.ChoiceField([c for c in ParcelStatus.choices if c[0] != ParcelStatus.UNPACKED])
    carrier = serializers.CharField()
    service = serializers.CharField()
    tracking_number = serializers.CharField()
    tracking_url = serializers.CharField()
    weight = serializers.IntegerField(allow_null=True, help_text="In grams.")
    label_type = serializers.CharField(
        help_text="What `parcels/{parcel}/label/` gives, such as application/pdf; blank: none."
    )
    failure = serializers.CharField(
        help_text="Why the carrier did not book it, or not yet; only for a key that works where the parcel stands."
    )
    left_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    lines = ParcelPart(many=True)


class ShipTo(serializers.Serializer[Any]):
    name = serializers.CharField()
    street = serializers.CharField()
    house_number = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()


class OrderAnswer(serializers.Serializer[Any]):
    """An order as `of_order` and `of_placed` write it."""

    number = serializers.CharField()
    external_id = serializers.CharField()
    channel = serializers.CharField()
    status = serializers.ChoiceField(_told(OrderStatus.choices), help_text="Derived from the lines.")
    placed_at = serializers.DateTimeField()
    business_date = serializers.DateField()
    currency = serializers.CharField()
    total = Amount()
    paid = Amount()
    due = Amount(help_text="Still to be paid for what is not cancelled.")
    payment_terms = serializers.ChoiceField(PaymentTerms.choices)
    vat = OrderVat(many=True, help_text="Per rate; what has no known rate is left out.")
    fulfilment = OrderFulfilment()
    lines = OrderLineAnswer(many=True)
    charges = OrderCharge(many=True)
    parcels = ParcelAnswer(many=True)
    collect_code = serializers.CharField(allow_null=True)
    ship_to = ShipTo(
        required=False,
        help_text="Where the parcel goes, for a key that works in stores and only while it has something to send.",
    )


def with_parts(orders: OrderQuerySet[Order]) -> OrderQuerySet[Order]:
    """Orders with all that `of_order` reads of them."""
    return orders.select_related(
        "channel", "location", "payment_account", "slot_booking__slot__location"
    ).prefetch_related("lines__location", "charges", "parcels__location", "parcels__lines__order_line")


def of_order(order: Order, *, reader: Any) -> dict[str, Any]:
    """A stored order as `reader` may see it; wants `with_parts`."""
    lines = sorted(order.lines.all(), key=lambda ln: ln.line)
    codes: dict[int | None, str | None] = {ln.location_id: ln.location.code for ln in lines if ln.location is not None}
    charges = sorted(order.charges.all(), key=lambda c: c.line)
    return {
        "number": order.number,
        "external_id": order.external_id,
        "channel": order.channel.code,
        "status": status_of(order.status),
        "placed_at": _moment(order.placed_at),
        "business_date": order.business_date.isoformat(),
        "currency": order.currency,
        "total": str(order.total),
        "paid": str(order.payment_account.paid),
        "due": _text(still_to_pay(order, lines)),
        "payment_terms": order.payment_terms,
        "vat": _vat([*lines, *charges]),
        "fulfilment": {
            "method": order.method,
            "location": order.location.code if order.location else None,
            **_promise(order),
            "collect_until": _moment(order.collect_until) if order.collect_until else None,
            "slot": _brought(order.slot.location, order.slot) if order.slot else None,
        },
        "lines": _lines(lines, codes),
        "charges": [{"type": c.type, "amount": _text(c.amount), "vat_rate": _text(c.vat_rate)} for c in charges],
        "parcels": [_parcel(each, reader) for each in order.parcels.all() if each.status != ParcelStatus.UNPACKED],
        "collect_code": order.collect_code,
    }


def _promise(order: Order) -> dict[str, str | None]:
    """What the customer was told: a moment in the store, a day at the door."""
    moment, day = collect_from_of(order), delivery_on_of(order)
    return {"collect_from": _moment(moment) if moment else None, "delivery_on": day.isoformat() if day else None}


def _as_promised(values: dict[str, Any], channel: Channel, chosen: Chosen | None) -> Order:
    """What was promised of an order that was placed just now, not read back."""
    order = Order(
        channel=channel,
        method=values["method"],
        promised_at=values["promised_at"],
        collect_promised_at=values["collect_promised_at"],
    )
    if chosen is not None:
        SlotBooking(order=order, slot=SlotDay(ends_at=chosen.times.ends_at))
    return order


def _brought(place: Entry | Location, times: Times | SlotDay) -> dict[str, str]:
    return {"location": place.code, "starts_at": _moment(times.starts_at), "ends_at": _moment(times.ends_at)}


def _parcel(parcel: Parcel, reader: Any) -> dict[str, Any]:
    # What a carrier says may name the customer: it is for whoever can put it right.
    reach = reach_of(reader)
    works_here = reach.may("orders.fulfil") and (reach.every_location or parcel.location_id in reach.location_ids)
    return {
        "number": parcel.number,
        "location": parcel.location.code,
        "status": parcel.status,
        "carrier": parcel.carrier,
        "service": parcel.service,
        "tracking_number": parcel.tracking_number,
        "tracking_url": parcel.tracking_url,
        "weight": parcel.weight,
        "label_type": parcel.label_type if parcel.is_here else "",
        "failure": parcel.failure if works_here else "",
        "left_at": _moment(parcel.left_at) if parcel.left_at else None,
        "delivered_at": _moment(parcel.delivered_at) if parcel.delivered_at else None,
        "lines": [{"line": part.order_line.line, "quantity": plain(part.quantity)} for part in parcel.lines.all()],
    }


def with_arrivals(answer: dict[str, Any], order: Order) -> dict[str, Any]:
    """The answer with the day on which goods come in that lines wait for; wants `lines` at hand."""
    days = arrivals_of(order.lines.all())
    lines = [ln | {"expected_on": days[ln["line"]].isoformat()} if ln["line"] in days else ln for ln in answer["lines"]]
    return answer | {"lines": lines}


def with_address(answer: dict[str, Any], order: Order, principal: Any) -> dict[str, Any]:
    """The answer with the address of the parcel, for whoever has something to put into it now; wants `lines` at hand."""
    if order.status == OrderStatus.AWAITING_PAYMENT or not reach_of(principal).may("orders.fulfil"):
        return answer
    waits = any(line.status in TO_PICK for line in sent(lines_here(principal, order.lines.all())))
    address = address_of(order) if waits else None
    if address is None:
        return answer
    return answer | {"ship_to": {"name": order.contact.name, **address._asdict()}}


def of_placed(placed: Placed, document: OrderDocument, channel: Channel) -> dict[str, Any]:
    """An order that was placed just now, without reading it back."""
    draft = placed.draft
    assert draft is not None
    values = draft.values
    elsewhere = {ln.location_id for ln in draft.lines if ln.location_id not in (None, values["location"])}
    store = document.location if values["location"] is not None else None
    codes: dict[int | None, str | None] = {values["location"]: store}
    if elsewhere:
        codes |= dict(Location.objects.filter(pk__in=elsewhere).values_list("pk", "code"))
    paid = sum((p.amount for p in document.payments if p.status == "captured"), ZERO)
    return {
        "number": placed.number,
        "external_id": document.external_id,
        "channel": channel.code,
        "status": status_of(values["status"]),
        "placed_at": _moment(document.placed_at),
        "business_date": values["business_date"].isoformat(),
        "currency": document.currency,
        "total": _text(values["total"]),
        "paid": _text(paid),
        "due": _text(values["total"] - sum((p.amount for p in document.payments if p.status != "pending"), ZERO)),
        "payment_terms": document.payment_terms,
        "vat": _vat([*draft.lines, *draft.charges]),
        "fulfilment": {
            "method": values["method"],
            "location": store,
            **_promise(_as_promised(values, channel, placed.chosen)),
            "collect_until": None,
            "slot": _brought(placed.chosen.place, placed.chosen.times) if placed.chosen else None,
        },
        "lines": _lines(draft.lines, codes),
        "charges": [{"type": c.type, "amount": _text(c.amount), "vat_rate": _text(c.vat_rate)} for c in draft.charges],
        "parcels": [],
        "collect_code": values["collect_code"],
    }


def _lines(lines: Iterable[Any], codes: Mapping[int | None, str | None]) -> list[dict[str, Any]]:
    return [
        {
            "line": ln.line,
            "part_of": ln.part_of,
            "sku": ln.sku,
            "name": ln.name,
            "quantity": plain(ln.quantity),
            "unit_price": price_text(ln.unit_price),
            "discount": _text(ln.discount),
            "amount": str(ln.amount),
            "vat_rate": _text(ln.vat_rate),
            "method": ln.method,
            "status": status_of(ln.status),
            "location": codes.get(ln.location_id),
            "quantity_picked": plain(ln.quantity_picked),
            "quantity_fulfilled": plain(ln.quantity_fulfilled),
            "quantity_cancelled": plain(ln.quantity_cancelled),
            "quantity_returned": plain(ln.quantity_returned),
            "coming": _coming(ln),
        }
        for ln in lines
    ]


def _coming(line: Any) -> dict[str, str | None] | None:
    if line.status != LineStatus.COMING:
        return None
    return {"sent_at": _moment(line.travelled_at) if line.travelled_at else None}


def _vat(parts: Iterable[Any]) -> list[dict[str, str]]:
    """VAT per rate; what has no known rate is left out."""
    sums: dict[Decimal, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for part in parts:
        if part.vat_rate is not None and part.vat_amount is not None:
            sums[part.vat_rate][0] += part.amount - part.vat_amount
            sums[part.vat_rate][1] += part.vat_amount
    return [{"rate": f"{rate:.2f}", "net": str(net), "vat": str(vat)} for rate, (net, vat) in sorted(sums.items())]


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"
