"""Cards of an old programme that keep working, with their points: the loyalty programme, on a floor above, takes them over."""

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

    def have_brought(self, source_record_ids: Sequence[int]) -> set[int]:
        """Those of the records whose points were brought along before."""
        ...

    def bring_along(self, points: Mapping[int, tuple[str, int]], *, actor: str) -> int:
        """Book opening balances, {source record id: (card, points)}, in the caller's transaction; return how many.

        Each record brings its points once, whatever is asked afterwards; a card that does not work brings none.
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


def have_brought_points(source_record_ids: Sequence[int]) -> set[int]:
    """Those of the records whose points of an old programme were brought along before."""
    return _keepers[0].have_brought(source_record_ids) if _keepers and source_record_ids else set()


def bring_points_along(points: Mapping[int, tuple[str, int]], *, actor: str) -> int:
    """Book balances of an old programme as the opening of cards: {source record id: (card, points)}."""
    return _keepers[0].bring_along(points, actor=actor) if _keepers and points else 0
