"""What came, or would have come, of a number of orders: the figures by which profiles are compared."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from apps.core.money import ZERO
from apps.orders.services.dry_runs.measures import SentOrder, measures


@dataclass(slots=True)
class Outcome:
    """Parcels, and how many orders were split or could not be sent whole; kilometres as the crow flies of the parcels whose way
    is known; late parcels, which come after the promised day by the hours of their location, or are above what it can send that
    day; refusals; and per location (code) parcels and the value of the goods sent, charges left out. `orders` is what was sent
    of each, without VAT, for what other apps measure of it in `measured`: {name of the measure: {location code: amount}}.
    All amounts are in `currency`; `left_out` orders of the period, in other currencies, are in none of the figures.
    """

    currency: str
    left_out: int = 0
    parcels: int = 0
    split: int = 0
    unsent: int = 0
    km: float = 0.0
    ways: int = 0
    late: int = 0
    refusals: float = 0.0
    sent_from: Counter[str] = field(default_factory=Counter)
    value: dict[str, Decimal] = field(default_factory=dict)
    orders: list[SentOrder] = field(default_factory=list)
    measured: dict[str, dict[str, Decimal]] = field(default_factory=dict)

    def send(self, code: str, value: Decimal, *, km: float | None, is_late: bool) -> None:
        """One parcel leaves a location."""
        self.parcels += 1
        self.sent_from[code] += 1
        self.value[code] = self.value.get(code, ZERO) + value
        self.late += is_late
        if km is not None:
            self.km += km
            self.ways += 1

    def measure(self) -> Self:
        """Have all that was sent measured by the apps that do."""
        self.measured = {each.name: dict(each.measure(self.orders)) for each in measures()}
        return self

    def as_json(self) -> dict[str, Any]:
        return {
            "currency": self.currency,
            "left_out": self.left_out,
            "parcels": self.parcels,
            "split": self.split,
            "unsent": self.unsent,
            "km": round(self.km, 1),
            "ways": self.ways,
            "late": self.late,
            "refusals": round(self.refusals, 1),
            "sent_from": {
                code: {"parcels": parcels, "value": str(self.value[code])}
                for code, parcels in sorted(self.sent_from.items())
            },
            "measured": {
                name: {code: str(amount) for code, amount in sorted(amounts.items())}
                for name, amounts in self.measured.items()
            },
        }


def km_a_parcel(outcome: Mapping[str, Any]) -> Decimal | None:
    """How far a parcel goes, of those whose way is known; None when none is."""
    return Decimal(str(round(outcome["km"] / outcome["ways"], 1))) if outcome["ways"] else None
