"""The rule: from which places goods were taken that left without anybody saying from where, as a till does.

Customers take from shelves and bins, so these go first; then what lies on no place; then the stockroom, what is set apart,
and last what was picked for somebody else. Of one kind the places go by their code. The rule looks at the books only, so it
gives the same answer whenever it is asked, never stops a sale, and never takes more from a place than lies there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.inventory.models import Place

ZERO = Decimal(0)

_ORDER = {kind: n for n, kind in enumerate(("shelf", "bin", "stockroom", "quarantine", "staging"))}
_FIRST = (Place.Kind.SHELF, Place.Kind.BIN)
FOR_SALE = (*_FIRST, Place.Kind.STOCKROOM)
"""Where people go to get what was ordered: not to what waits for somebody else, nor to what is set apart."""


@dataclass(frozen=True, slots=True)
class Pile:
    """So many of a stock level on one place."""

    place_id: int
    code: str
    kind: str
    quantity: Decimal

    @property
    def rank(self) -> tuple[int, str]:
        return (_ORDER[self.kind], self.code)


def taken_from(
    piles: Sequence[Pile], *, out: Decimal, on_hand: Decimal, known: Mapping[int, Decimal] | None = None
) -> dict[int, Decimal]:
    """What comes off each place when `out` pieces leave: {place id: quantity}. `on_hand` is what is left of the level then.

    `known` is where some were taken, {place id: quantity}: these go first, as far as they lie there. More than `out` comes off
    where the places hold more than there is.
    """
    left = {pile.place_id: pile.quantity for pile in piles}
    taken: dict[int, Decimal] = {}

    def take(pile_id: int, wanted: Decimal) -> Decimal:
        part = min(wanted, left[pile_id])
        if part > 0:
            left[pile_id] -= part
            taken[pile_id] = taken.get(pile_id, ZERO) + part
            return part
        return ZERO

    walk = sorted(piles, key=lambda pile: pile.rank)
    still = out
    for place_id, quantity in (known or {}).items():
        if place_id in left:
            still -= take(place_id, min(quantity, still))
    for pile in walk:
        if pile.kind in _FIRST:
            still -= take(pile.place_id, still)
    # What is still to go comes from what lies on no place. Where that is not enough, the places have too much by now.
    beyond = sum(left.values(), ZERO) - max(on_hand, ZERO)
    for pile in walk:
        beyond -= take(pile.place_id, beyond)
    return taken
