"""Counts: what lies there, against what the ledger says should. The difference is a fact, booked as movements."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from apps.core.days import business_date
from apps.core.events.log import Happened, record
from apps.core.numbers import STOCK_DOCUMENT, next_numbers
from apps.inventory.models import StockDocument, StockLevel, StockMovement, StoreTask
from apps.inventory.services.holding_back import let_go
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import owner_of
from apps.inventory.services.types import Cause, Move, Spot
from apps.network.models import Location

ZERO = Decimal(0)


def expected_at(
    *, location: Location, owner_id: int, variant_ids: Iterable[int], at: dt.datetime
) -> dict[int, Decimal]:
    """What should have lain in a location, fit to be sold, at a moment: the stock of now without what moved since.

    {variant id: quantity}; a variant that never was there is not in it.
    """
    wanted = list(variant_ids)
    levels = dict(
        StockLevel.objects.filter(location=location, owner=owner_id, variant__in=wanted)
        .saleable()
        .values_list("variant_id", "on_hand")
    )
    with connection.cursor() as cursor:
        cursor.execute(_MOVED_SINCE, {"variants": wanted, "location": location.pk, "owner": owner_id, "at": at})
        for variant_id, moved in cursor.fetchall():
            levels[variant_id] = levels.get(variant_id, ZERO) - moved
    return levels


_MOVED_SINCE = """
SELECT variant_id,
       sum(CASE WHEN to_location_id = %(location)s AND to_owner_id = %(owner)s AND to_condition = 'saleable'
                THEN quantity ELSE 0 END)
       - sum(CASE WHEN from_location_id = %(location)s AND from_owner_id = %(owner)s AND from_condition = 'saleable'
                  THEN quantity ELSE 0 END)
  FROM inventory_stockmovement
 WHERE variant_id = ANY(%(variants)s::bigint[]) AND occurred_at > %(at)s::timestamptz
   AND (to_location_id = %(location)s OR from_location_id = %(location)s)
 GROUP BY variant_id"""


@transaction.atomic
def book_count(
    *, location: Location, counted: Mapping[int, Decimal], reference: str, counted_at: dt.datetime, actor: str
) -> StockDocument:
    """Book what was counted in a location: {variant id: quantity}. Variants that are not named are left alone.

    The same reference at a location is booked once. What moved between the count and now is taken into account. A count
    also ends what the store was asked to count before it. Call it last in a transaction: it locks stock levels.
    """
    known = StockDocument.objects.filter(kind=StockDocument.Kind.COUNT, location=location, reference=reference).first()
    if known is not None and reference:
        return known
    day = business_date(counted_at, location.time_zone)
    owner_id = owner_of(location.pk, day=day)
    document = StockDocument.objects.create(
        number=next_numbers(STOCK_DOCUMENT, 1)[0],
        kind=StockDocument.Kind.COUNT,
        location=location,
        reference=reference,
        occurred_at=counted_at,
        business_date=day,
        actor=actor,
    )
    record(
        Happened(
            topic="stock.changed",
            object_type="stock_document",
            object_key=document.number,
            occurred_at=counted_at,
            payload={"location": location.code, "lines": len(counted)},
        )
    )
    _lock_levels(location, owner_id, counted)
    asked = StoreTask.objects.open().filter(location=location, variant__in=list(counted), raised_at__lte=counted_at)
    done = list(asked)
    asked.update(done_at=timezone.now(), done_by=actor)
    let_go(done)
    expected = expected_at(location=location, owner_id=owner_id, variant_ids=counted, at=counted_at)
    cause = Cause("stock_document", document.number, day, counted_at, day, actor)
    spot = Spot(location.pk, owner_id)
    moves = []
    for line, (variant_id, quantity) in enumerate(counted.items(), start=1):
        difference = quantity - expected.get(variant_id, ZERO)
        if difference > 0:
            moves.append(Move(cause, line, StockMovement.Kind.COUNT, variant_id, difference, target=spot))
        elif difference < 0:
            moves.append(Move(cause, line, StockMovement.Kind.COUNT, variant_id, -difference, source=spot))
    book_moves(moves)
    return document


def _lock_levels(location: Location, owner_id: int, variant_ids: Iterable[int]) -> None:
    """Keep sales and promises out between reading what should be there and booking the difference; in key order."""
    levels = StockLevel.objects.filter(location=location, owner=owner_id, variant__in=list(variant_ids)).saleable()
    list(levels.order_by("variant_id").select_for_update(no_key=True).values_list("pk", flat=True))
