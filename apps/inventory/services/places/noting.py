"""What people saw on places: the ledger is told how many lie there, which moves goods between places and the rest."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.core.actors import SYSTEM
from apps.core.bulk import insert_rows
from apps.core.days import business_date
from apps.inventory.models import Inside, PlaceLevel, StockDocument, StockMovement
from apps.inventory.services.documenting import cause_of, document_of
from apps.inventory.services.ledger import write_movements
from apps.inventory.services.levels import Key, key_of, lock
from apps.inventory.services.owners import owners_on
from apps.inventory.services.places.lying import Lying, apply_places, lying, places_by_code
from apps.inventory.services.places.taking import Pile, taken_from
from apps.inventory.services.types import Cause, Move, Spot
from apps.network.models import Location

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Seen:
    """How many of a variant lay on places at a moment, {place id: quantity}. `is_all`: on no other place there was any."""

    cause: Cause
    line: int
    variant_id: int
    spot: Spot
    at: dt.datetime
    on: Mapping[int, Decimal]
    is_all: bool = False

    @property
    def key(self) -> Key:
        return key_of(self.variant_id, self.spot)


@dataclass(frozen=True, slots=True)
class Placed:
    """So many of a variant lie on the place with this code, in a location."""

    location_id: int
    code: str
    variant_id: int
    quantity: Decimal


def put_on_shelves(*, location: Location, lines: Sequence[tuple[str, int, Decimal]]) -> None:
    """Note what lies where: `lines` are (place code, variant id, quantity). As `note_places`."""
    note_places(placed=[Placed(location.pk, code, variant_id, quantity) for code, variant_id, quantity in lines])


@transaction.atomic
def note_places(*, placed: Sequence[Placed], actor: str = SYSTEM) -> None:
    """Note that so many saleable goods lie on these places now, as far as there are so many; other places stay as they are.

    One document a location. Unknown codes become shelves. Call it last in a transaction: it locks stock levels.
    """
    places = places_by_code((one.location_id, one.code) for one in placed)
    on: dict[int, dict[int, dict[int, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    for one in placed:
        on[one.location_id][one.variant_id][places[one.location_id, one.code]] = one.quantity
    now = timezone.now()
    owners = owners_on(location_ids=on, variant_ids=[one.variant_id for one in placed])
    seen: list[Seen] = []
    for location in Location.objects.filter(pk__in=on).order_by("pk"):
        document, _is_new = document_of(
            location=location,
            reason=Inside.SEEN,
            reference="",
            actor=actor,
            at=now,
            lines=len(on[location.pk]),
            kind=StockDocument.Kind.PLACING,
        )
        day = business_date(now, location.time_zone)
        seen += [
            Seen(
                cause_of(document),
                line,
                variant_id,
                Spot(location.pk, owners.of(location.pk, variant_id, day)),
                now,
                shelves,
            )
            for line, (variant_id, shelves) in enumerate(sorted(on[location.pk].items()), start=1)
        ]
    lock([one.key for one in seen])
    book_seen(seen)


def book_seen(seen: Sequence[Seen]) -> None:
    """Make places what was seen there, and what moved since; the caller holds the locks of the levels, which stay as they are.

    What lies on places never exceeds what there is: where people saw more than the books know, the rule takes it off again.
    """
    there = lying([one.key for one in seen])
    since = _moved_since(seen)
    moves: list[Move] = []
    homes: list[tuple[int, int, int, str, int, int]] = []
    for one in seen:
        known = there.get(one.key, Lying(ZERO))
        before = {pile.place_id: pile.quantity for pile in known.piles}
        after = _after(one, before, since)
        for place_id in _too_much(after, known.on_hand):
            after[place_id[0]] -= place_id[1]
        spot = one.spot
        homes += [
            (place_id, spot.location_id, one.variant_id, spot.condition, spot.owner_id, 0)
            for place_id in one.on
            if place_id not in before and not after[place_id]
        ]
        moves += _moves(one, before, after)
    insert_rows(
        PlaceLevel,
        ("place", "location", "variant", "condition", "owner", "quantity"),
        homes,
        on_conflict="DO NOTHING",
    )
    apply_places(write_movements(moves))


def _after(one: Seen, before: Mapping[int, Decimal], since: Mapping[tuple[Key, int], Decimal]) -> dict[int, Decimal]:
    after = {place_id: ZERO if one.is_all else quantity for place_id, quantity in before.items()} | dict(one.on)
    counted = after if one.is_all else one.on
    return after | {place_id: max(after[place_id] + since.get((one.key, place_id), ZERO), ZERO) for place_id in counted}


def _too_much(after: Mapping[int, Decimal], on_hand: Decimal) -> list[tuple[int, Decimal]]:
    piles = [Pile(place_id, f"{place_id:020d}", "stockroom", quantity) for place_id, quantity in after.items()]
    return list(taken_from(piles, out=ZERO, on_hand=on_hand).items())


def _moves(one: Seen, before: Mapping[int, Decimal], after: Mapping[int, Decimal]) -> list[Move]:
    changes = {place_id: quantity - before.get(place_id, ZERO) for place_id, quantity in after.items()}
    moves = []
    for part, (place_id, change) in enumerate(sorted(item for item in changes.items() if item[1])):
        moves.append(
            Move(
                one.cause,
                one.line,
                StockMovement.Kind.SEEN,
                one.variant_id,
                abs(change),
                source=one.spot,
                target=one.spot,
                part=part,
                from_place=place_id if change < 0 else None,
                to_place=place_id if change > 0 else None,
            )
        )
    return moves


def _moved_since(seen: Sequence[Seen]) -> dict[tuple[Key, int], Decimal]:
    """What came to places and left them since they were seen. What others saw or counted since was so at that moment
    already: with it what the rule took off for such a count."""
    if not seen:
        return {}
    asked: list[Any] = [
        [one.variant_id for one in seen],
        [one.spot.location_id for one in seen],
        [one.spot.condition for one in seen],
        [one.spot.owner_id for one in seen],
        [one.at for one in seen],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_MOVED_SINCE, asked)
        return {((v, lo, c, o), place): quantity for v, lo, c, o, place, quantity in cursor.fetchall()}


_MOVED_SINCE = """
    SELECT seen.variant_id, seen.location_id, seen.condition, seen.owner_id, side.place_id, sum(side.quantity)
      FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[])
           AS seen(variant_id, location_id, condition, owner_id, at)
      JOIN inventory_stockmovement AS moved
           ON moved.variant_id = seen.variant_id AND moved.recorded_at > seen.at AND moved.occurred_at > seen.at
     CROSS JOIN LATERAL (VALUES
           (moved.to_place_id, moved.to_location_id, moved.to_condition, moved.to_owner_id, moved.quantity),
           (moved.from_place_id, moved.from_location_id, moved.from_condition, moved.from_owner_id, -moved.quantity))
           AS side(place_id, location_id, condition, owner_id, quantity)
     WHERE side.place_id IS NOT NULL AND moved.kind <> 'seen' AND side.location_id = seen.location_id
       AND side.condition = seen.condition AND side.owner_id = seen.owner_id
       AND NOT (moved.kind = 'by_rule' AND EXISTS (
            SELECT FROM inventory_stockmovement AS counted
             WHERE counted.cause_type = moved.cause_type AND counted.cause_id = moved.cause_id
               AND counted.cause_line = moved.cause_line AND counted.kind = 'count'))
     GROUP BY seen.variant_id, seen.location_id, seen.condition, seen.owner_id, side.place_id"""
