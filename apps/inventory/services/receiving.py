"""Goods that come in, and the place they are put on. One delivery or hundreds, the same code."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction

from apps.core.days import business_date
from apps.core.events.log import Happened, record_many
from apps.core.numbers import STOCK_DOCUMENT, next_numbers
from apps.inventory.models import StockDocument, StockMovement
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import owners_on
from apps.inventory.services.places.lying import places_by_code
from apps.inventory.services.types import Cause, Move, Spot
from apps.network.models import Location


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods that came in somewhere: `lines` are (variant id, quantity). A blank reference is never recognised again.

    `shelves` is where they were put at once, {variant id: code of the place}; what it does not name is still to be put away.
    """

    location: Location
    lines: Sequence[tuple[int, Decimal]]
    reference: str
    occurred_at: dt.datetime
    shelves: Mapping[int, str] = field(default_factory=dict)

    @property
    def business_date(self) -> dt.date:
        return business_date(self.occurred_at, self.location.time_zone)


def receive_goods(
    *,
    location: Location,
    lines: Sequence[tuple[int, Decimal]],
    reference: str,
    occurred_at: dt.datetime,
    actor: str,
    shelves: Mapping[int, str] | None = None,
) -> StockDocument:
    """Book a delivery: `lines` are (variant id, quantity). The same reference at a location is booked once.

    `shelves` says where some were put at once: {variant id: code of the place}.
    """
    delivery = Delivery(location, lines, reference, occurred_at, shelves or {})
    return receive_deliveries(deliveries=[delivery], actor=actor)[0]


@transaction.atomic
def receive_deliveries(*, deliveries: Sequence[Delivery], actor: str) -> list[StockDocument]:
    """Book deliveries, each of them once per reference and location; return their documents in the same order.

    The number of statements does not depend on the number of deliveries.
    """
    known = _known(deliveries)
    slots = [(*_key(d), -1 if d.reference else n) for n, d in enumerate(deliveries)]
    fresh = {slot: d for slot, d in zip(slots, deliveries, strict=True) if _key(d) not in known}
    numbers = next_numbers(STOCK_DOCUMENT, len(fresh)) if fresh else []
    documents = {
        slot: StockDocument(
            number=number,
            kind=StockDocument.Kind.RECEIPT,
            location=delivery.location,
            reference=delivery.reference,
            occurred_at=delivery.occurred_at,
            business_date=delivery.business_date,
            actor=actor,
        )
        for number, (slot, delivery) in zip(numbers, fresh.items(), strict=True)
    }
    StockDocument.objects.bulk_create(documents.values())
    record_many(_arrived(documents[slot], delivery) for slot, delivery in fresh.items())
    book_moves(_moves(fresh, documents, actor))
    return [known.get(_key(d)) or documents[slot] for slot, d in zip(slots, deliveries, strict=True)]


Key = tuple[int, str]
Slot = tuple[int, str, int]  # a key, and what tells deliveries without a reference apart


def _key(delivery: Delivery) -> Key:
    return (delivery.location.pk, delivery.reference)


def _known(deliveries: Sequence[Delivery]) -> dict[Key, StockDocument]:
    references = {d.reference for d in deliveries if d.reference}
    if not references:
        return {}
    found = StockDocument.objects.filter(
        kind=StockDocument.Kind.RECEIPT, location__in={d.location.pk for d in deliveries}, reference__in=references
    )
    return {(document.location_id, document.reference): document for document in found}


def _arrived(document: StockDocument, delivery: Delivery) -> Happened:
    return Happened(
        topic="stock.changed",
        object_type="stock_document",
        object_key=document.number,
        occurred_at=delivery.occurred_at,
        payload={"location": delivery.location.code, "lines": len(delivery.lines)},
    )


def _moves(fresh: dict[Slot, Delivery], documents: dict[Slot, StockDocument], actor: str) -> list[Move]:
    owners = owners_on(
        location_ids=[d.location.pk for d in fresh.values()],
        variant_ids=[variant_id for d in fresh.values() for variant_id, _quantity in d.lines],
    )
    places = places_by_code((d.location.pk, code) for d in fresh.values() for code in d.shelves.values())
    moves: list[Move] = []
    for slot, delivery in fresh.items():
        document, day = documents[slot], documents[slot].business_date
        cause = Cause("stock_document", document.number, day, delivery.occurred_at, day, actor)
        here = delivery.location.pk
        moves += [
            Move(
                cause,
                n,
                StockMovement.Kind.RECEIPT,
                variant_id,
                quantity,
                target=Spot(here, owners.of(here, variant_id, day)),
                to_place=places.get((delivery.location.pk, delivery.shelves.get(variant_id, ""))),
            )
            for n, (variant_id, quantity) in enumerate(delivery.lines, start=1)
        ]
    return moves
