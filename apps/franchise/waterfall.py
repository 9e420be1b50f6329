"""The waterfall: applied when an order is attributed, and again by anyone who wants to check it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Candidate:
    """One kind of evidence. `location` and `legal_entity` are codes, None where the order has no such evidence.

    `source` says where a home store is known from: "order" (the person of the order), "records" (another system's record
    of the same customer) or "card" (the store that issued the loyalty card).
    """

    kind: str
    location: str | None
    legal_entity: str | None
    source: str = ""

    @property
    def is_present(self) -> bool:
        """A store that nobody owned that day cannot be credited."""
        return self.legal_entity is not None

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Self:
        """As an attribution keeps it."""
        return cls(stored["kind"], stored["location"], stored["legal_entity"], stored["source"])


def take(waterfall: Sequence[str], candidates: Iterable[Candidate]) -> Candidate:
    """The candidate that takes the whole line: the first kind in the waterfall that is present."""
    present = {candidate.kind: candidate for candidate in candidates if candidate.is_present}
    return next(present[kind] for kind in waterfall if kind in present)
