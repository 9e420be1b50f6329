"""What lies on which place, by the ledger: read and changed under the lock of the stock level that it is part of."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db import connection
from django.db.models.functions import Upper

from apps.core.bulk import insert_rows
from apps.inventory.models import Place
from apps.inventory.services.levels import Key, key_of
from apps.inventory.services.places.taking import Pile
from apps.inventory.services.types import Move

ZERO = Decimal(0)


@dataclass(slots=True)
class Lying:
    """What there is of a stock level, and what of it lies on which place."""

    on_hand: Decimal
    piles: list[Pile] = field(default_factory=list)

    @property
    def on_places(self) -> Decimal:
        return sum((pile.quantity for pile in self.piles), ZERO)

    @property
    def rest(self) -> Decimal:
        """What lies on no place; below zero only where more was sold than there was."""
        return self.on_hand - self.on_places

    def on(self, place_id: int) -> Decimal:
        return sum((pile.quantity for pile in self.piles if pile.place_id == place_id), ZERO)

    def take(self, place_id: int | None, quantity: Decimal) -> None:
        """Count `quantity` off a place, or off what lies on none, before it is written."""
        self.on_hand -= quantity
        self.piles = [
            replace(pile, quantity=pile.quantity - quantity) if pile.place_id == place_id else pile
            for pile in self.piles
        ]


def lying(keys: Collection[Key], *, only_placed: bool = False) -> dict[Key, Lying]:
    """What lies where of these levels, in one query. With `only_placed` levels of which nothing lies on a place are left out."""
    if not keys:
        return {}
    found: dict[Key, Lying] = {}
    columns = [list(column) for column in zip(*keys, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_LYING.format(join="" if only_placed else "LEFT"), columns)
        for *key, on_hand, place_id, code, kind, quantity in cursor.fetchall():
            one = found.setdefault((key[0], key[1], key[2], key[3]), Lying(on_hand))
            if place_id is not None:
                one.piles.append(Pile(place_id, code, kind, quantity))
    return found


_LYING = """
    SELECT level.variant_id, level.location_id, level.condition, level.owner_id, level.on_hand,
           pile.place_id, pile.code, pile.kind, pile.quantity
      FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[]) AS k(variant_id, location_id, condition, owner_id)
      JOIN inventory_stocklevel AS level USING (variant_id, location_id, condition, owner_id)
      {join} JOIN LATERAL (
           SELECT held.place_id, place.code, place.kind, held.quantity
             FROM inventory_placelevel AS held JOIN inventory_place AS place ON place.id = held.place_id
            WHERE held.variant_id = level.variant_id AND held.location_id = level.location_id
              AND held.condition = level.condition AND held.owner_id = level.owner_id AND held.quantity > 0
            OFFSET 0) AS pile ON true"""


def apply_places(moves: Iterable[Move]) -> None:
    """Bring what lies on places up to date with these moves, which were just written to the ledger."""
    deltas: dict[tuple[int, Key], Decimal] = defaultdict(lambda: ZERO)
    for move in moves:
        if move.from_place is not None and move.source is not None:
            deltas[move.from_place, key_of(move.variant_id, move.source)] -= move.quantity
        if move.to_place is not None and move.target is not None:
            deltas[move.to_place, key_of(move.variant_id, move.target)] += move.quantity
    more = [(place, *key, delta) for (place, key), delta in deltas.items() if delta > 0]
    less = [(place, *key, -delta) for (place, key), delta in deltas.items() if delta < 0]
    with connection.cursor() as cursor:
        if less:
            cursor.execute(_LESS, [list(column) for column in zip(*less, strict=True)])
        if more:
            cursor.execute(_MORE, [list(column) for column in zip(*more, strict=True)])


_ROWS = """unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::numeric[])
           AS k(place_id, variant_id, location_id, condition, owner_id, quantity)"""
_LESS = f"""
    UPDATE inventory_placelevel AS held SET quantity = held.quantity - k.quantity
      FROM {_ROWS}
     WHERE held.place_id = k.place_id AND held.variant_id = k.variant_id
       AND held.condition = k.condition AND held.owner_id = k.owner_id"""
_MORE = f"""
    INSERT INTO inventory_placelevel AS held (place_id, variant_id, location_id, condition, owner_id, quantity)
    SELECT * FROM {_ROWS}
        ON CONFLICT (place_id, variant_id, condition, owner_id) DO UPDATE SET quantity = held.quantity + EXCLUDED.quantity"""


def places_by_code(wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The ids of places by (location id, code as it is written here), in any case; a code that is not known yet becomes a
    shelf."""
    spelled = {key: (key[0], key[1].strip().upper()) for key in wanted}
    keys = sorted(set(spelled.values()))
    if not keys:
        return {}
    found = _known(keys)
    if missing := [key for key in keys if key not in found]:
        rows = [(*key, "", Place.Kind.SHELF) for key in missing]
        insert_rows(Place, ("location", "code", "name", "kind"), rows, on_conflict="DO NOTHING")
        found = _known(keys)
    return {key: found[place] for key, place in spelled.items()}


def _known(keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """By (location id, code in capitals)."""
    rows = Place.objects.filter(location__in={key[0] for key in keys}).annotate(capitals=Upper("code"))
    rows = rows.filter(capitals__in={key[1] for key in keys})
    return {
        (location_id, capitals): pk for location_id, capitals, pk in rows.values_list("location_id", "capitals", "pk")
    }
