"""Cards of an old programme that keep working: the loyalty programme, on a floor above, takes them over."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class CardKeeper(Protocol):
    """Takes over cards under their own numbers."""

    def working(self, numbers: Sequence[str]) -> set[str]:
        """Those of the cards that work already."""
        ...

    def take_over(self, cards: Mapping[int, str]) -> int:
        """Make cards work, {source record id: number}, in the caller's transaction; return how many did not before.

        A card that works already stays whose it is, and somebody who has a card of this record keeps that one.
        """
        ...


_keepers: list[CardKeeper] = []


def card_keeper(keeper: CardKeeper) -> CardKeeper:
    """Register the loyalty programme."""
    if _keepers and _keepers[0] is not keeper:
        raise ValueError("there is one loyalty programme")
    _keepers[:] = [keeper]
    return keeper


def working_cards(numbers: Sequence[str]) -> set[str]:
    """Those of the cards that work already; all of them where there is no loyalty programme."""
    return _keepers[0].working(numbers) if _keepers else set(numbers)


def take_over_cards(cards: Mapping[int, str]) -> int:
    """Make cards of an old programme work: {source record id: number}."""
    return _keepers[0].take_over(cards) if _keepers and cards else 0
