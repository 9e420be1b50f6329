"""Places follow from what was booked: what says its place, and by the rule what does not."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from apps.inventory.models import StockMovement
from apps.inventory.services.ledger import write_movements
from apps.inventory.services.levels import Key, key_of
from apps.inventory.services.places.lying import apply_places, lying
from apps.inventory.services.places.taking import taken_from
from apps.inventory.services.types import Cause, Move, Spot

ZERO = Decimal(0)
_PARTS = 100  # places that one movement may be taken from
_BY_RULE = StockMovement.Kind.BY_RULE
_Parts = dict[
    tuple[Cause, int, int], int
]  # the next free `part` of a row of the rule, by the movement that it stands beside


def follow(moves: Sequence[Move]) -> None:
    """Bring places up to date with moves that are in the ledger and on the levels, whose locks the caller holds.

    What left without a place is taken off places by the rule, in rows of its own beside the movement; what only changed its
    condition or owner stays where it lay. What came to a place of a level that was sold beyond its stock has gone already, as
    far as the books know. One query for goods of which nothing lies on a place.
    """
    if any(move.to_place is not None for move in moves):
        apply_places(moves)
    touched: dict[Key, list[_Side]] = defaultdict(list)
    for move in moves:
        if move.source is not None and not move.is_placed:
            touched[key_of(move.variant_id, move.source)].append(_Side(move, move.source, move.quantity))
        if move.target is not None and move.to_place is not None:
            touched[key_of(move.variant_id, move.target)].append(_Side(move, move.target, ZERO))
    booked: list[Move] = []
    parts: _Parts = {}
    for key, one in lying(list(touched), only_placed=True).items():
        out = sum((side.out for side in touched[key]), ZERO)
        known: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for side in touched[key]:
            for place_id, quantity in side.move.taken:
                known[place_id] += quantity
        booked += _by_rule(touched[key], taken_from(one.piles, out=out, on_hand=one.on_hand, known=known), parts)
    _write(booked)
    stays = [move for move in booked if move.to_place is not None]
    if stays:
        _take_off_what_has_gone(stays, parts)


def _take_off_what_has_gone(stays: Sequence[Move], parts: _Parts) -> None:
    """What stays where it lay, in a level that was sold beyond its stock, has gone from there as far as that was too much."""
    came: dict[Key, list[_Side]] = defaultdict(list)
    for move in stays:
        if move.target is not None:
            came[key_of(move.variant_id, move.target)].append(_Side(move, move.target, ZERO))
    booked: list[Move] = []
    for key, one in lying(list(came), only_placed=True).items():
        booked += _by_rule(came[key], taken_from(one.piles, out=ZERO, on_hand=one.on_hand), parts)
    _write(booked)


def _write(booked: Sequence[Move]) -> None:
    written = write_movements(booked)
    if len(written) < len(booked):
        raise RuntimeError("places would not follow: rows of the rule have the numbers of others")
    apply_places(written)


@dataclass(frozen=True, slots=True)
class _Side:
    """What a movement did to one level: so many left it without saying from where."""

    move: Move
    spot: Spot
    out: Decimal


def _by_rule(sides: Sequence[_Side], taken: dict[int, Decimal], parts: _Parts) -> list[Move]:
    """Rows that take goods off places, each beside a movement that they left with; what is too much beside the last."""
    rows: list[Move] = []
    left = dict(taken)
    for n, side in enumerate(sides):
        is_last = n == len(sides) - 1
        move, still = side.move, side.out
        about = (move.cause, move.line, move.part // _PARTS if move.kind == _BY_RULE else move.part)
        part = parts.get(about, about[2] * _PARTS)
        row = replace(move, kind=_BY_RULE, to_place=None, is_placed=True, taken=())
        for place_id in _walk(move, left):
            quantity = left[place_id] if is_last else min(left[place_id], still)
            if quantity <= 0:
                continue
            stays = min(quantity, still) if _stays(move) else ZERO
            left[place_id] -= quantity
            still = max(still - quantity, ZERO)
            off = replace(row, part=part, quantity=quantity, source=side.spot, target=side.spot)
            rows.append(replace(off, from_place=place_id))
            part += 1
            if stays:
                there = replace(row, part=part, quantity=stays, source=move.target, target=move.target)
                rows.append(replace(there, to_place=place_id))
                part += 1
        parts[about] = part
    return rows


def _walk(move: Move, left: dict[int, Decimal]) -> list[int]:
    """The places in the order in which this movement takes from them: those that it says itself first."""
    said = [place_id for place_id, _quantity in move.taken if place_id in left]
    return [*said, *(place_id for place_id in left if place_id not in said)]


def _stays(move: Move) -> bool:
    """Whether goods only changed their condition or owner: nobody carried them elsewhere."""
    if move.source is None or move.target is None or move.to_place is not None:
        return False
    return move.source.location_id == move.target.location_id
