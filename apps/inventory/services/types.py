"""The nouns that stock services speak in."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.errors import DomainError, Fault
from apps.core.money import plain, spoken


@dataclass(frozen=True, slots=True)
class Cause:
    """The document behind a movement. `recorded_on` never changes for a document, so a replay is recognised."""

    type: str
    id: str
    recorded_on: dt.date
    occurred_at: dt.datetime
    business_date: dt.date
    actor: str


@dataclass(frozen=True, slots=True)
class Spot:
    """One stock level's address, without the variant."""

    location_id: int
    owner_id: int
    condition: str = "saleable"


@dataclass(frozen=True, slots=True)
class Move:
    """So many pieces from one spot to another; None is the world outside (supplier, customer, loss).

    `from_place` and `to_place` are ids of places inside the locations, where they are certain. What leaves may be known to have
    been taken from some places (`taken`: place id and quantity, first of all as far as they lie there); the rest goes by
    the rule, unless whoever books sees to the places himself (`is_placed`).
    """

    cause: Cause
    line: int
    kind: str
    variant_id: int
    quantity: Decimal
    source: Spot | None = None
    target: Spot | None = None
    part: int = 0
    from_place: int | None = None
    to_place: int | None = None
    taken: tuple[tuple[int, Decimal], ...] = ()
    is_placed: bool = False


@dataclass(frozen=True, slots=True)
class Want:
    """So many of a variant wanted by one line; without a location, sourcing chooses, and it is sent in a parcel."""

    line: int
    variant_id: int
    quantity: Decimal
    location_id: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """So many of what a want asks for, and the location that is to give them; None where nobody can."""

    position: int  # of the want among those of its request, from 0
    want: Want
    location_id: int | None
    quantity: Decimal

    @property
    def is_sent(self) -> bool:
        """Whether it leaves in a parcel; what has a location of its own is collected there."""
        return self.want.location_id is None


@dataclass(frozen=True, slots=True)
class Shortage:
    """What could not be promised: wanted in all by the wants at these positions (from 0), and how much there still is."""

    positions: tuple[int, ...]
    variant_id: int
    wanted: Decimal
    available: Decimal


class InsufficientStock(DomainError):
    """Less is available than wanted. Nothing was reserved. `shortages` says what there still is."""

    code = "insufficient_stock"

    def __init__(self, shortages: list[Shortage]) -> None:
        self.shortages = shortages
        detail = _("There is not enough stock.")
        faults = [
            Fault(
                code=self.code,
                detail=_("%(available)s available, %(wanted)s wanted.")
                % {"available": spoken(plain(s.available)), "wanted": spoken(plain(s.wanted))},
                attr=f"lines.{position}.quantity",
                extra={"available": plain(s.available)},
            )
            for s in shortages
            for position in s.positions
        ]
        super().__init__(detail, faults=faults)

    def standing_at(self, positions: Sequence[int]) -> "InsufficientStock":
        """The same, of wants that stand at `positions` among all that was asked for."""
        return InsufficientStock(self._moved(positions))

    def _moved(self, positions: Sequence[int]) -> list[Shortage]:
        return [replace(s, positions=tuple(positions[n] for n in s.positions)) for s in self.shortages]


class Recalled(InsufficientStock):
    """As InsufficientStock, of goods that are recalled: they are not for sale, whatever lies there."""

    code = "recalled"

    def __init__(self, shortages: list[Shortage], recalled: set[int]) -> None:
        super().__init__(shortages)
        self._recalled = recalled
        self.detail = _("This is recalled and not for sale.")
        of_recalled = {position for s in shortages if s.variant_id in recalled for position in s.positions}
        self.faults = [
            replace(fault, code=self.code, detail=self.detail)
            if fault.attr in {f"lines.{position}.quantity" for position in of_recalled}
            else replace(fault, code=InsufficientStock.code)
            for fault in self.faults
        ]

    def standing_at(self, positions: Sequence[int]) -> "InsufficientStock":
        return Recalled(self._moved(positions), self._recalled)
