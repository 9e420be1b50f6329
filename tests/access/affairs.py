"""What goes on in one store: an order, a return, a parcel, a conversation, goods on their way, counts, a ticket that is wrong."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from apps.core.events.subscribers import catch_up
from apps.core.models import Quarantined
from apps.customers.models import Customer
from apps.inventory.models import Count, Transfer
from apps.inventory.services.counts.closing import submit_count
from apps.inventory.services.purchases.announcing import announce_delivery
from apps.messages.models import Message
from apps.network import directory
from apps.network.changing import change_location
from apps.network.keeping_hours import set_opening_day
from apps.network.keeping_slots import add_slots
from apps.network.models import Location
from apps.orders.models import Order, Parcel
from apps.orders.services.fulfilling import pick
from apps.orders.services.packing import Packed, pack
from apps.returns.models import Return
from apps.service.models import ContactMoment
from apps.service.services import questions
from apps.service.services.contacts import Contact, log_contact
from tests.inventory.counting import note, opened
from tests.inventory.transfers import ask, send
from tests.shop import Shop


@dataclass
class Affairs:
    """What happened in one store."""

    location: Location
    customer: Customer
    order: Order
    parcel: Order
    box: Parcel
    rma: Return
    contact: ContactMoment
    message: Message
    quarantined: Quarantined
    outgoing: Transfer
    incoming: Transfer
    counting: Count
    counted: Count


def affairs_of(shop: Shop, location: Location) -> Affairs:
    """Let something of every kind happen in a store."""
    code = location.code
    body = shop.order_body(("A", 2), ("B", 1)) | {
        "customer": {"email": f"{code}@example.org", "account_id": code, "first_name": code},
        "fulfilment": {"method": "collect", "location": code},
    }
    placed = shop.post("orders/", body).json()
    path = f"orders/{placed['number']}"
    shop.post(f"{path}/pick/")
    shop.post(f"{path}/ready/")
    shop.post(f"{path}/hand-over/", {"collect_code": placed["collect_code"]})
    catch_up()
    order = Order.objects.get(number=placed["number"])
    announced = shop.post(
        "returns/",
        {
            "external_id": f"RET-{code}",
            "channel": "web",
            "lines": [{"order": order.number, "line": 1, "quantity": 1, "reason": "too_small"}],
            "destination": {"method": "store", "location": code},
        },
    )
    contact, _ = log_contact(
        contact=Contact(
            source="desk",
            external_id=code,
            source_record_id=order.source_record_id,
            channel="store",
            topic="return",
            occurred_at=timezone.now(),
            location=location,
        ),
        actor="test",
    )
    questions.ask(contact=contact, text="Is it still there?", of=location, actor="test")
    message = Message.objects.filter(source_record=order.source_record).first()
    assert message is not None
    announce_delivery(
        location=location,
        supplier="Van Dam BV",
        reference="PO-1",
        expected_on=timezone.localdate(),
        lines=[(shop.variants["C"], Decimal(2))],
        actor="test",
    )
    set_opening_day(location=location, day=timezone.localdate() + dt.timedelta(days=30), hours="12-17")
    add_slots(location=location, weekdays=[5], starts=dt.time(9), ends=dt.time(12), capacity=2, cut_off_minutes=60)
    parcel = _send_from(shop, location)
    pick(number=parcel.number, actor="test")
    [box] = pack(number=parcel.number, packed=Packed(), actor="test")
    return Affairs(
        location=location,
        customer=order.source_record.customer,
        order=order,
        parcel=parcel,
        box=box,
        rma=Return.objects.get(number=announced.json()["number"]),
        contact=contact,
        message=message,
        quarantined=_spoil(shop, location),
        outgoing=ask(shop, sender=location, receiver=shop.dc, B=1),
        incoming=send(ask(shop, sender=shop.dc, receiver=location, B=1)),
        counting=_count(shop, location),
        counted=submit_count(count=_count(shop, location), actor="test"),
    )


def _count(shop: Shop, location: Location) -> Count:
    """Somebody counts A in the store, and finds far too many."""
    count = opened(shop, "A", "B", location=location)
    note(shop, count, "A", 100)
    return count


def _send_from(shop: Shop, location: Location) -> Order:
    """An order to be delivered, of which the goods come from this store."""
    shop.sends(location)
    code = f"parcel-{location.code}"
    body = shop.order_body(("A", 1)) | {
        "customer": {"email": f"{code}@example.org", "account_id": code, "first_name": code},
        "fulfilment": {"method": "delivery", "address": {"postcode": "3511AB", "house_number": "1", "city": "Utrecht"}},
    }
    placed = shop.post("orders/", body).json()
    change_location(location=location, ships_orders=False)
    directory.forget()
    return Order.objects.get(number=placed["number"], lines__location=location)


def _spoil(shop: Shop, location: Location) -> Quarantined:
    """The store's till sends a ticket with an article that nobody knows."""
    ticket = {
        "store": location.code,
        "till": "1",
        "sequence": 1,
        "business_date": "2026-11-21",
        "occurred_at": "2026-11-21T12:00:00+01:00",
        "operator": "7",
        "currency": "EUR",
        "lines": [{"type": "sale", "sku": "UNKNOWN", "quantity": "1", "unit_price": "1.00", "amount": "1.00"}],
        "tenders": [{"method": "cash", "amount": "1.00"}],
    }
    shop.post("sales/", ticket)
    return Quarantined.objects.get(locations__contains=[location.pk])
