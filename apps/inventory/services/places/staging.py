"""What was picked waits where a location sets goods ready, until it is handed over, leaves in a parcel, or goes back."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from apps.inventory.models import Place, StockMovement
from apps.inventory.services.ledger import next_parts, write_movements
from apps.inventory.services.levels import key_of, lock
from apps.inventory.services.places.lying import Lying, apply_places, lying
from apps.inventory.services.places.taking import FOR_SALE, Pile
from apps.inventory.services.types import Cause, Move, Spot

ZERO = Decimal(0)
_Id = TypeVar("_Id", int, int | None)  # of a place; None for what lies on none


@dataclass(frozen=True, slots=True)
class Picked:
    """So many more of a line lie ready than before; below zero: so many fewer."""

    line: int
    variant_id: int
    spot: Spot
    quantity: Decimal


def stage(*, cause: Cause, picked: Sequence[Picked]) -> None:
    """Move what was picked from where it is for sale to the location's place for it, or what is not ready any more off it.

    It comes from shelves first, then from what lies on no place, then from the stockroom; what goes back lies on no place: it
    is to be put away. Never more than the books know. Nothing where a location has no such place. The caller has locked
    the document; call it last in a transaction: it locks stock levels.
    """
    ready = _ready_places({one.spot.location_id for one in picked if one.quantity})
    moving = [one for one in picked if one.quantity and one.spot.location_id in ready]
    if not moving:
        return
    lock({key_of(one.variant_id, one.spot) for one in moving})
    there = lying({key_of(one.variant_id, one.spot) for one in moving})
    laid = staged(cause_type=cause.type, cause_id=cause.id)
    parts = next_parts(cause)
    moves: list[Move] = []
    ways: list[tuple[int | None, int | None, Decimal]]
    for one in moving:
        known = there[key_of(one.variant_id, one.spot)]
        if one.quantity > 0:
            place_id = ready[one.spot.location_id]
            ways = [(source, place_id, n) for source, n in _for_sale(known, one.quantity)]
        else:
            of_it = laid.get(one.variant_id, {})
            ways = [(source, None, n) for source, n in take_ready(of_it, -one.quantity, known)]
        for source, target, quantity in ways:
            known.take(source, quantity)  # not there for another line of the same product
            moves.append(
                Move(
                    cause,
                    one.line,
                    StockMovement.Kind.PLACE,
                    one.variant_id,
                    quantity,
                    source=one.spot,
                    target=one.spot,
                    part=parts[one.line],
                    from_place=source,
                    to_place=target,
                )
            )
            parts[one.line] += 1
    apply_places(write_movements(moves))


def staged(*, cause_type: str, cause_id: str) -> dict[int, dict[int, Decimal]]:
    """What of a document lies ready by the ledger: {variant id: {place id: quantity}}. One query."""
    rows = StockMovement.objects.filter(cause_type=cause_type, cause_id=cause_id, kind__in=_KINDS)
    found: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for variant_id, quantity, source, source_kind, target, target_kind in rows.values_list(
        "variant_id", "quantity", "from_place_id", "from_place__kind", "to_place_id", "to_place__kind"
    ):
        if source_kind == Place.Kind.STAGING:
            found[variant_id][source] -= quantity
        if target_kind == Place.Kind.STAGING:
            found[variant_id][target] += quantity
    return {
        variant_id: {place_id: quantity for place_id, quantity in on.items() if quantity > 0}
        for variant_id, on in found.items()
    }


_KINDS = (StockMovement.Kind.PLACE, StockMovement.Kind.BY_RULE)


def _ready_places(location_ids: Collection[int]) -> dict[int, int]:
    """The place where each location sets goods ready; of several the first by code."""
    if not location_ids:
        return {}
    rows = Place.objects.filter(location__in=location_ids, kind=Place.Kind.STAGING).order_by("-code")
    return dict(rows.values_list("location_id", "pk"))


def _for_sale(known: Lying, wanted: Decimal) -> list[tuple[int | None, Decimal]]:
    """From where so many are taken, as far as the books know: (place id or None, quantity)."""
    piles = sorted((pile for pile in known.piles if pile.kind in FOR_SALE), key=lambda pile: pile.rank)
    sold: list[Pile] = [pile for pile in piles if pile.kind != Place.Kind.STOCKROOM]
    walk: list[tuple[int | None, Decimal]] = [
        *((pile.place_id, pile.quantity) for pile in sold),
        (None, known.rest),
        *((pile.place_id, pile.quantity) for pile in piles if pile not in sold),
    ]
    return _as_far_as(walk, wanted)


def take_ready(laid: dict[int, Decimal], wanted: Decimal, known: Lying | None = None) -> list[tuple[int, Decimal]]:
    """From which places so many come of what was `laid` ready for a document, {place id: quantity}, which is counted down.

    With what is `known` to lie there no more than that.
    """
    walk = [(id_, n if known is None else min(n, known.on(id_))) for id_, n in sorted(laid.items())]
    found = _as_far_as(walk, wanted)
    for place_id, quantity in found:
        laid[place_id] -= quantity
    return found


def _as_far_as(walk: Sequence[tuple[_Id, Decimal]], wanted: Decimal) -> list[tuple[_Id, Decimal]]:
    found: list[tuple[_Id, Decimal]] = []
    for place_id, there in walk:
        if (part := min(there, wanted)) > 0:
            found.append((place_id, part))
            wanted -= part
    return found
