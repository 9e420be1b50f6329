"""What a count comes to: counted, in the books at that moment, moved since, and what the difference is worth."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from apps.catalogue.services.pricing import prices_in_force
from apps.catalogue.showing import channel_shown
from apps.core.money import ZERO, to_cents
from apps.inventory.models import Count, CountedLine, CountItem, PlaceLevel
from apps.inventory.services.counting import expected_at

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted of a variant in all, over its shelves, in the last round in which anybody counted it.

    `since` is the moment of the first shelf, `at` that of the last. `missed` are shelves where it should lie too and where
    nobody counted it.
    """

    variant_id: int
    quantity: Decimal
    since: dt.datetime
    at: dt.datetime
    round: int
    book: Decimal
    shelves: tuple[tuple[str, Decimal], ...]
    missed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A tally beside the books.

    `expected` is what should have lain there at the last shelf, `moved_between` what came or went while people went from
    shelf to shelf: nobody can tell from which shelf, so the difference may be off by that much.
    """

    tally: Tally
    expected: Decimal
    moved_since: Decimal
    moved_between: Decimal
    price: Decimal | None
    currency: str

    @property
    def quantity(self) -> Decimal:
        return self.tally.quantity - self.expected

    @property
    def value(self) -> Decimal | None:
        """What the difference is worth; None for what has no price."""
        return None if self.price is None else to_cents(self.quantity * self.price)

    @property
    def learnt_since(self) -> Decimal:
        """How much more the books say by now of the moment of the scan: a till reported late, or another count was booked."""
        return self.expected - self.tally.book

    @property
    def is_doubtful(self) -> bool:
        return bool(self.moved_between or self.tally.missed)

    @property
    def at_worst(self) -> Decimal:
        """How many pieces it may be off by."""
        return max(abs(self.quantity), abs(self.quantity + self.moved_between))


def tallies_of(count: Count) -> dict[int, Tally]:
    """What was counted: {variant id: tally}. Two queries."""
    standing = (
        CountedLine.objects.filter(count=count)
        .order_by("round", "variant_id", "shelf", "-pk")
        .distinct("round", "variant_id", "shelf")
    )
    rounds: dict[int, dict[int, list[CountedLine]]] = defaultdict(lambda: defaultdict(list))
    for line in standing:
        rounds[line.variant_id][line.round].append(line)
    known = _shelves(count, rounds)
    return {
        variant_id: _tally(variant_id, max(by_round), by_round[max(by_round)], known.get(variant_id, set()))
        for variant_id, by_round in rounds.items()
    }


def _shelves(count: Count, variant_ids: Iterable[int]) -> dict[int, set[str]]:
    placed = PlaceLevel.objects.filter(
        location=count.location_id, variant__in=list(variant_ids), condition="saleable", quantity__gt=0
    )
    shelves: dict[int, set[str]] = defaultdict(set)
    for variant_id, code in placed.values_list("variant_id", "place__code"):
        shelves[variant_id].add(code)
    return shelves


def _tally(variant_id: int, last: int, lines: list[CountedLine], known: Collection[str]) -> Tally:
    seen = {line.shelf for line in lines}
    # Who counted without a shelf counted all there is.
    missed = () if "" in seen else tuple(sorted(set(known) - seen))
    return Tally(
        variant_id=variant_id,
        quantity=sum((line.quantity for line in lines), NOTHING),
        since=min(line.counted_at for line in lines),
        at=max(line.counted_at for line in lines),
        round=last,
        book=max(lines, key=lambda line: line.counted_at).book,
        shelves=tuple(sorted((line.shelf, line.quantity) for line in lines)),
        missed=missed,
    )


def differences_of(count: Count, tallies: Mapping[int, Tally]) -> dict[int, Difference]:
    """Tallies beside the books as they are known now: {variant id: difference}. Six queries, whatever their number."""
    if not tallies:
        return {}
    last, first = (
        expected_at(location=count.location, moments=moments)
        for moments in (
            {variant_id: tally.at for variant_id, tally in tallies.items()},
            {variant_id: tally.since for variant_id, tally in tallies.items()},
        )
    )
    prices, currency = prices_at(count, tallies)
    found = {}
    for variant_id, tally in tallies.items():
        at_last, at_first = last.get(variant_id), first.get(variant_id)
        expected = at_last.quantity if at_last else NOTHING
        found[variant_id] = Difference(
            tally=tally,
            expected=expected,
            moved_since=at_last.moved_since if at_last else NOTHING,
            moved_between=expected - (at_first.quantity if at_first else NOTHING),
            price=prices.get(variant_id),
            currency=currency,
        )
    return found


def prices_at(count: Count, variant_ids: Iterable[int]) -> tuple[dict[int, Decimal], str]:
    """What variants cost in the shop of the location: {variant id: price}, and the currency."""
    channel = channel_shown(count.location)
    if channel is None:
        return {}, ""
    return prices_in_force(channel=channel, variant_ids=variant_ids, at=timezone.now()), channel.currency


@dataclass(frozen=True, slots=True)
class Left:
    """What was to be counted and was not: `never` in no round, `again` not in this one, though somebody asked for it."""

    never: tuple[int, ...]
    again: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        return (*self.never, *self.again)


def left_of(count: Count, tallies: Mapping[int, Tally]) -> Left:
    """The variants that nobody counted, in the order in which they were chosen. One query."""
    asked = list(CountItem.objects.filter(count=count).order_by("pk").values_list("variant_id", "round"))
    never = tuple(dict.fromkeys(variant_id for variant_id, _round in asked if variant_id not in tallies))
    again = tuple(
        variant_id
        for variant_id, asked_in in asked
        if asked_in == count.round and variant_id in tallies and tallies[variant_id].round < count.round
    )
    return Left(never, again)


def needs_approval(differences: Collection[Difference], left: Left) -> bool:
    """Whether somebody has to look at it: many pieces of one variant, much money in all, shelves that nobody went past,
    or products that were to be counted again and were not."""
    if left.again:
        return True
    worth = sum((abs(each.price * each.at_worst) for each in differences if each.price is not None), ZERO)
    return (
        worth > settings.COUNT_VALUE
        or any(each.at_worst > settings.COUNT_PIECES for each in differences)
        or any(each.tally.missed and each.quantity for each in differences)
    )
