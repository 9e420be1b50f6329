"""Goods that move with the promise on them: whoever they are promised to keeps that promise wherever they are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from apps.inventory.models import Demand, StockLevel
from apps.inventory.services.levels import ZERO, Key, apply_deltas, deltas_of, key_of, lock
from apps.inventory.services.moving import book_moves
from apps.inventory.services.promising import held_of
from apps.inventory.services.types import Move, Spot


def carry(moves: Sequence[Move], promised: Mapping[int, Key]) -> None:
    """Book goods that moved, and take promises along: {demand id: the level where its goods are from now on}.

    A fact, as every move is: where goods come in at a level that is oversold, the promise on them still stands, for they are
    there for it. Call it last in a transaction: it locks stock levels.
    """
    lock([*deltas_of(moves), *promised.values()])
    demands = list(Demand.objects.filter(pk__in=promised).select_related("level"))
    leaving: dict[Key, Decimal] = defaultdict(lambda: ZERO)
    landing: dict[Key, Decimal] = defaultdict(lambda: ZERO)
    for demand in demands:
        leaving[_key(demand.level)] -= held_of(demand)
        landing[promised[demand.pk]] += held_of(demand)
    apply_deltas({}, leaving)
    book_moves(moves)
    apply_deltas({}, landing)
    levels = StockLevel.objects.filter(
        variant__in={key[0] for key in landing}, location__in={key[1] for key in landing}
    )
    by_key = {_key(level): level for level in levels}
    for demand in demands:
        demand.level = by_key[promised[demand.pk]]
    Demand.objects.bulk_update(demands, ["level"])


def _key(level: StockLevel | None) -> Key:
    assert level is not None  # only what is promised on stock is carried
    return key_of(level.variant_id, Spot(level.location_id, level.owner_id, level.condition))
