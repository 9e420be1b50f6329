"""Stock of recalled variants, in and out of sale."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from apps.core.days import business_date
from apps.core.retry import Overtaken
from apps.inventory.models import Condition, Recall, RecallSorting, StockLevel, StockMovement, StoreTask
from apps.inventory.services.ledger import write_movements
from apps.inventory.services.levels import apply_deltas, deltas_of, key_of, lock
from apps.inventory.services.places.following import follow
from apps.inventory.services.types import Cause, Move, Spot
from apps.network.models import Location

CAUSE_TYPE = "recall"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Held:
    """So many of a variant are held back somewhere by a recall."""

    variant_id: int
    spot: Spot
    quantity: Decimal


def hold_all(recall: Recall, *, actor: str, at: dt.datetime) -> list[Held]:
    """Move all that is for sale of the recall's variants to quality control, and ask the stores to take it off the shelf.

    Not where a batch was sorted: what is for sale there is of another.

    What was promised of it stays promised, of goods that are no longer there: those orders are oversold until somebody
    decides about them. Safe to repeat, with the recall locked. Locks stock levels.
    """
    sorted_there = RecallSorting.objects.filter(
        recalled__recall=recall, recalled__variant=OuterRef("variant"), location=OuterRef("location")
    )
    saleable = StockLevel.objects.saleable().filter(~Exists(sorted_there), variant__in=_variants(recall))
    keys = [
        key_of(variant_id, Spot(location_id, owner_id, condition))
        for variant_id, location_id, owner_id in saleable.values_list("variant_id", "location_id", "owner_id")
        for condition in (Condition.SALEABLE, Condition.QUALITY)
    ]
    lock(keys)
    # Read again: whoever sold or received before has committed by now, and nobody can any more.
    there = saleable.filter(on_hand__gt=0).values_list("variant_id", "location_id", "owner_id", "on_hand")
    held = [Held(v, Spot(location, owner), on_hand) for v, location, owner, on_hand in there]
    _book(recall, held, Condition.SALEABLE, Condition.QUALITY, actor=actor, at=at)
    _ask_to_take_off(recall, held, at=at)
    return held


def _ask_to_take_off(recall: Recall, held: Sequence[Held], *, at: dt.datetime) -> None:
    """One task per location and variant, for all that the recall holds there; one that was done is to be done again."""
    places = {(one.spot.location_id, one.variant_id) for one in held}
    if not places:
        return
    tasks = StoreTask.objects.select_for_update(of=("self",)).filter(
        kind=StoreTask.Kind.TAKE_OFF, cause_type=CAUSE_TYPE, cause_id=recall.number
    )
    tasks = tasks.filter(location__in={place for place, _ in places}, variant__in={variant for _, variant in places})
    asked = {(task.location_id, task.variant_id): task for task in tasks.order_by("pk")}
    quantities = dict.fromkeys(places, ZERO)
    for one in held_by(recall):
        if (one.spot.location_id, one.variant_id) in quantities:
            quantities[one.spot.location_id, one.variant_id] += one.quantity
    fresh, again = [], []
    for (location_id, variant_id), quantity in quantities.items():
        task = asked.get((location_id, variant_id))
        if task is None:
            task = StoreTask(
                location_id=location_id,
                kind=StoreTask.Kind.TAKE_OFF,
                variant_id=variant_id,
                cause_type=CAUSE_TYPE,
                cause_id=recall.number,
                raised_at=at,
            )
            fresh.append(task)
        else:
            again.append(task)
        task.quantity = quantity
        if task.done_at is not None:
            task.raised_at, task.done_at, task.done_by = at, None, ""
    StoreTask.objects.bulk_create(fresh)
    StoreTask.objects.bulk_update(again, ["quantity", "raised_at", "done_at", "done_by"])


def give_back(recall: Recall, *, held: Sequence[Held], actor: str, at: dt.datetime) -> None:
    """Put goods that a recall, which the caller has locked, holds back among what is for sale. Locks stock levels."""
    _book(recall, held, Condition.QUALITY, Condition.SALEABLE, actor=actor, at=at)


def send_back(recall: Recall, *, held: Sequence[Held], actor: str, at: dt.datetime) -> None:
    """Put goods that are of the recalled batch among what goes back to the supplier: lifting gives back only what is sound.

    As for `give_back`, the caller has locked the recall. Locks stock levels.
    """
    _book(recall, held, Condition.QUALITY, Condition.SUPPLIER, actor=actor, at=at)


def held_by(recall: Recall, *, location: Location | None = None) -> list[Held]:
    """What a recall holds back now: of what came into quality control since it began what is still there."""
    with connection.cursor() as cursor:
        cursor.execute(
            _HELD,
            {
                "variants": list(_variants(recall)),
                "since": recall.started_at,
                "location": location.pk if location is not None else None,
            },
        )
        return [Held(v, Spot(place, owner), quantity) for v, place, owner, quantity in cursor.fetchall()]


_HELD = """
WITH since AS (
    SELECT variant_id, location_id, owner_id, sum(quantity) AS quantity FROM (
        SELECT variant_id, to_location_id AS location_id, to_owner_id AS owner_id, quantity
          FROM inventory_stockmovement WHERE variant_id = ANY(%(variants)s) AND recorded_at >= %(since)s
           AND to_condition = 'quality'
        UNION ALL
        SELECT variant_id, from_location_id, from_owner_id, -quantity
          FROM inventory_stockmovement WHERE variant_id = ANY(%(variants)s) AND recorded_at >= %(since)s
           AND from_condition = 'quality') AS sides
     GROUP BY variant_id, location_id, owner_id)
SELECT variant_id, location_id, owner_id, least(level.on_hand, since.quantity)
  FROM since JOIN inventory_stocklevel AS level USING (variant_id, location_id, owner_id)
 WHERE level.condition = 'quality' AND least(level.on_hand, since.quantity) > 0
   AND (%(location)s::bigint IS NULL OR location_id = %(location)s)
 ORDER BY location_id, variant_id, owner_id"""


def _variants(recall: Recall) -> list[int]:
    return list(recall.variants.order_by("variant_id").values_list("variant_id", flat=True))


def _book(recall: Recall, held: Sequence[Held], source: str, target: str, *, actor: str, at: dt.datetime) -> None:
    """Book goods from one condition into the other, each line behind those that the recall booked before.

    Raises Overtaken where somebody else wrote these lines: only without a lock on the recall.
    """
    if not held:
        return
    day = timezone.localdate(recall.started_at)
    booked = StockMovement.objects.filter(cause_type=CAUSE_TYPE, cause_id=recall.number)
    line = booked.aggregate(last=Max("cause_line"))["last"] or 0
    zones = dict(Location.objects.filter(pk__in={h.spot.location_id for h in held}).values_list("pk", "time_zone"))
    moves = [
        Move(
            Cause(CAUSE_TYPE, recall.number, day, at, business_date(at, zones[one.spot.location_id]), actor),
            line + n,
            StockMovement.Kind.CONDITION,
            one.variant_id,
            one.quantity,
            source=Spot(one.spot.location_id, one.spot.owner_id, source),
            target=Spot(one.spot.location_id, one.spot.owner_id, target),
        )
        for n, one in enumerate(held, start=1)
    ]
    # Straight to the ledger: what is promised beyond the goods is for head office to decide, not for the store to count.
    written = write_movements(moves)
    if len(written) < len(moves):
        raise Overtaken
    apply_deltas(deltas_of(written))
    follow(written)
