"""Goods that come in, and the shelf they are put on."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from apps.core.bulk import insert_rows
from apps.core.days import business_date
from apps.core.events.log import Happened, record
from apps.core.numbers import STOCK_DOCUMENT, next_numbers
from apps.inventory.models import Place, PlaceLevel, StockDocument, StockMovement
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import owner_of
from apps.inventory.services.types import Cause, Move, Spot
from apps.network.models import Location


@transaction.atomic
def receive_goods(
    *,
    location: Location,
    lines: Sequence[tuple[int, Decimal]],
    reference: str,
    occurred_at: dt.datetime,
    actor: str,
) -> StockDocument:
    """Book a delivery: `lines` are (variant id, quantity). The same reference at a location is booked once."""
    day = business_date(occurred_at, location.time_zone)
    known = StockDocument.objects.filter(
        kind=StockDocument.Kind.RECEIPT, location=location, reference=reference
    ).first()
    if known is not None and reference:
        return known
    document = StockDocument.objects.create(
        number=next_numbers(STOCK_DOCUMENT)[0],
        kind=StockDocument.Kind.RECEIPT,
        location=location,
        reference=reference,
        occurred_at=occurred_at,
        business_date=day,
        actor=actor,
    )
    cause = Cause("stock_document", document.number, day, occurred_at, day, actor)
    target = Spot(location.pk, owner_of(location.pk, day=day))
    record(
        Happened(
            topic="stock.changed",
            object_type="stock_document",
            object_key=document.number,
            occurred_at=occurred_at,
            payload={"location": location.code, "lines": len(lines)},
        )
    )
    book_moves(
        [
            Move(cause, n, StockMovement.Kind.RECEIPT, variant_id, quantity, target=target)
            for n, (variant_id, quantity) in enumerate(lines, start=1)
        ]
    )
    return document


@transaction.atomic
def put_on_shelves(*, location: Location, lines: Sequence[tuple[str, int, Decimal]]) -> None:
    """Note what lies where: `lines` are (place code, variant id, quantity). Unknown places are made; counts are replaced."""
    codes = sorted({code for code, _, _ in lines})
    insert_rows(
        Place, ("location", "code", "name"), [(location.pk, code, "") for code in codes], on_conflict="DO NOTHING"
    )
    places = dict(Place.objects.filter(location=location, code__in=codes).values_list("code", "pk"))
    insert_rows(
        PlaceLevel,
        ("place", "variant", "quantity"),
        [(places[code], variant_id, quantity) for code, variant_id, quantity in lines],
        on_conflict="(place_id, variant_id) DO UPDATE SET quantity = EXCLUDED.quantity",
    )
