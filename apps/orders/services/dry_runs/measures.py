"""What apps above measure of a dry run beside its own figures: they register a measure, this app knows none of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class SentOrder:
    """What was, or would have been, sent of an order: {location code: value of the goods, without VAT}."""

    number: str
    sent: Mapping[str, Decimal]


class DryRunMeasure(Protocol):
    """An amount per location, worked out of what an outcome sends. `name` is kept with the figures: never change it."""

    name: str
    label: Any
    explanation: Any
    nowhere: Any
    """What the location with the blank code is called."""

    def measure(self, orders: Sequence[SentOrder]) -> Mapping[str, Decimal]:
        """{location code, or blank for none: amount}; nothing where it cannot be said. Writes nothing."""
        ...


_measures: dict[str, DryRunMeasure] = {}


def register(measure: DryRunMeasure) -> None:
    """Add a measure, as its app is loaded."""
    if measure.name in _measures:
        raise ValueError(f"two measures are called {measure.name}")
    _measures[measure.name] = measure


def measures() -> list[DryRunMeasure]:
    """Those that are registered, by name."""
    return [_measures[name] for name in sorted(_measures)]
