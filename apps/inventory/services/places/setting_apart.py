"""Goods that are not to be sold leave the places where customers would find them."""

from collections.abc import Sequence
from decimal import Decimal

from apps.inventory.models import Place, StockMovement
from apps.inventory.services.ledger import next_parts, write_movements
from apps.inventory.services.levels import key_of, lock
from apps.inventory.services.places.lying import apply_places, lying
from apps.inventory.services.types import Cause, Move, Spot


def set_apart_in(*, variant_id: int, spots: Sequence[Spot], quantity: Decimal, cause: Cause) -> None:
    """Move so many of these levels of one location to its quarantine, or where it has none off all places.

    What lies there already stays. Locks stock levels, which do not change.
    """
    keys = {key_of(variant_id, spot): spot for spot in spots}
    lock(keys)
    there, parts = lying(list(keys)), next_parts(cause)
    apart = Place.objects.filter(location__in={spot.location_id for spot in spots}, kind=Place.Kind.QUARANTINE)
    target = apart.order_by("code").values_list("pk", flat=True).first()
    left, moves = quantity, []
    for line, (key, spot) in enumerate(keys.items(), start=1):
        here = there[key]
        left -= sum((pile.quantity for pile in here.piles if pile.kind == Place.Kind.QUARANTINE), Decimal(0))
        piles = sorted((pile for pile in here.piles if pile.kind != Place.Kind.QUARANTINE), key=lambda pile: pile.rank)
        walk: list[tuple[int | None, Decimal]] = [(pile.place_id, pile.quantity) for pile in piles]
        if target is not None:
            walk.append((None, here.rest))
        for source, pieces in walk:
            if (part := min(pieces, left)) > 0:
                kind = StockMovement.Kind.PLACE
                move = Move(cause, line, kind, variant_id, part, spot, spot, parts[line], source, target)
                moves.append(move)
                parts[line] += 1
                left -= part
    apply_places(write_movements(moves))
