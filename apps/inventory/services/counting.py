"""Counts: what lies there, against what the ledger says should. The difference is a fact, booked as movements."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from apps.core.days import business_date
from apps.core.events.log import Happened, record
from apps.core.numbers import STOCK_DOCUMENT, next_numbers
from apps.inventory.models import StockDocument, StockLevel, StockMovement, StoreTask
from apps.inventory.services.holding_back import let_go
from apps.inventory.services.levels import lock
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import owners_on
from apps.inventory.services.places.lying import places_by_code
from apps.inventory.services.places.noting import Seen, book_seen
from apps.inventory.services.types import Cause, Move, Spot
from apps.network.models import Location

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Expected:
    """What should have lain there at a moment, and how much came (or, negative, went) since."""

    quantity: Decimal
    moved_since: Decimal


@dataclass(frozen=True, slots=True)
class Counted:
    """So many lay there at a moment, and of these so many on each shelf: {code: quantity}; empty when nobody said where."""

    quantity: Decimal
    at: dt.datetime
    shelves: Mapping[str, Decimal] = field(default_factory=dict)


def expected_at(*, location: Location, moments: Mapping[int, dt.datetime]) -> dict[int, Expected]:
    """What should have lain in a location, fit to be sold, at a moment for each variant: {variant id: moment}. Whose it is
    does not matter: what changed hands meanwhile lay there all the same.

    It is the stock of now without what moved since. What a count put right since was wrong at that moment already, so that
    is no movement: two counts at the same time never book the same difference twice. A variant that never was there is not
    in the answer.
    """
    wanted = list(moments)
    there = StockLevel.objects.filter(location=location, variant__in=wanted).saleable().order_by()
    levels = dict(there.values("variant_id").values_list("variant_id", Sum("on_hand")))
    asked: dict[str, Any] = {
        "variants": wanted,
        "moments": [moments[variant_id] for variant_id in wanted],
        "location": location.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MOVED_SINCE, asked)
        moved: dict[int, Decimal] = dict(cursor.fetchall())
    return {
        variant_id: Expected(levels.get(variant_id, ZERO) - moved.get(variant_id, ZERO), moved.get(variant_id, ZERO))
        for variant_id in levels.keys() | moved.keys()
    }


# Nothing is booked before it happened, so what happened since was also booked since: that the index knows.
_MOVED_SINCE = """
SELECT variant_id,
       sum(CASE WHEN to_location_id = %(location)s AND to_condition = 'saleable'
                THEN quantity ELSE 0 END)
       - sum(CASE WHEN from_location_id = %(location)s AND from_condition = 'saleable'
                  THEN quantity ELSE 0 END)
  FROM unnest(%(variants)s::bigint[], %(moments)s::timestamptz[]) AS counted(variant_id, at)
  JOIN inventory_stockmovement AS moved USING (variant_id)
 WHERE moved.occurred_at > counted.at AND moved.recorded_at > counted.at AND moved.kind <> 'count'
   AND (moved.to_location_id = %(location)s OR moved.from_location_id = %(location)s)
 GROUP BY variant_id"""


@transaction.atomic
def book_count(
    *,
    location: Location,
    counted: Mapping[int, Decimal],
    reference: str,
    counted_at: dt.datetime,
    actor: str,
    shelves: Mapping[int, Mapping[str, Decimal]] | None = None,
) -> StockDocument:
    """Book what was counted in a location: {variant id: quantity}. Variants that are not named are left alone.

    `shelves` says on which places they lay, {variant id: {code: quantity}}; of a variant that it names nothing lies elsewhere.
    The same reference at a location is booked once. What moved between the count and now is taken into account. A count
    also ends what the store was asked to count before it. Call it last in a transaction: it locks stock levels.
    """
    known = StockDocument.objects.filter(kind=StockDocument.Kind.COUNT, location=location, reference=reference).first()
    if known is not None and reference:
        return known
    on = shelves or {}
    at_once = {v: Counted(quantity, counted_at, on.get(v, {})) for v, quantity in counted.items()}
    return book_counted(location=location, counted=at_once, reference=reference, counted_at=counted_at, actor=actor)[0]


@transaction.atomic
def book_counted(
    *, location: Location, counted: Mapping[int, Counted], reference: str, counted_at: dt.datetime, actor: str
) -> tuple[StockDocument, dict[int, Expected]]:
    """As `book_count`, each variant counted at a moment of its own; `counted_at` is that of the document.

    Returns the document and what should have lain there: {variant id: expected}. The caller sees to it that a reference is
    booked once.
    """
    day = business_date(counted_at, location.time_zone)
    owners = owners_on(location_ids=[location.pk], variant_ids=counted)
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
    asked = StoreTask.objects.open().filter(location=location, variant__in=list(counted))
    asked = asked.exclude(kind=StoreTask.Kind.TAKE_OFF)  # what is recalled is to be taken off, whatever was counted
    asked = asked.order_by("pk").select_for_update()  # before the levels, as whoever finishes one by hand
    done = [task for task in asked if task.raised_at <= counted[cast("int", task.variant_id)].at]
    StoreTask.objects.filter(pk__in=[task.pk for task in done]).update(done_at=timezone.now(), done_by=actor)
    # Places are made before levels are locked: who waits for one holds nothing that others want.
    places = places_by_code((location.pk, code) for one in counted.values() for code in one.shelves)
    _lock_levels(location, counted)
    let_go(done)
    moments = {variant_id: one.at for variant_id, one in counted.items()}
    expected = expected_at(location=location, moments=moments)
    moves: list[Move] = []
    seen: list[Seen] = []
    for line, (variant_id, one) in enumerate(counted.items(), start=1):
        cause = Cause("stock_document", document.number, day, one.at, day, actor)
        spot = Spot(location.pk, owners.of(location.pk, variant_id, day))
        known = expected.get(variant_id)
        difference = one.quantity - (known.quantity if known else ZERO)
        move = Move(cause, line, StockMovement.Kind.COUNT, variant_id, abs(difference), is_placed=bool(one.shelves))
        if difference > 0:
            moves.append(replace(move, target=spot))
        elif difference < 0:
            moves.append(replace(move, source=spot))
        if one.shelves:
            on: dict[int, Decimal] = defaultdict(Decimal)
            for code, quantity in one.shelves.items():
                on[places[location.pk, code]] += quantity
            seen.append(Seen(cause, line, variant_id, spot, one.at, on, is_all=True))
    book_moves(moves)
    lock([one.key for one in seen])
    book_seen(seen)
    return document, expected


def _lock_levels(location: Location, variant_ids: Iterable[int]) -> None:
    """Keep sales and promises out between reading what should be there and booking the difference; in key order."""
    levels = StockLevel.objects.filter(location=location, variant__in=list(variant_ids)).saleable()
    list(levels.order_by("variant_id", "owner_id").select_for_update(no_key=True).values_list("pk", flat=True))
