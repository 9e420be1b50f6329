"""What came of a count, line by line: for whoever submits, approves, or looks back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from apps.catalogue.models import Variant
from apps.core.money import ZERO
from apps.core.reach import reach_of
from apps.inventory.models import Count, CountedLine
from apps.inventory.services.counts.differing import Difference, Tally, differences_of, left_of, tallies_of


@dataclass(frozen=True)
class ReportLine:
    """A variant of a count. What the books say is None where the reader may not know it yet.

    `said_then` is what they said when it was scanned, where they know better now: a till reported late, or another count was
    booked.
    """

    variant: Variant
    counted: Decimal
    shelves: tuple[tuple[str, Decimal], ...] = ()
    missed: tuple[str, ...] = ()
    earlier: tuple[Decimal, ...] = ()
    expected: Decimal | None = None
    moved_since: Decimal | None = None
    moved_between: Decimal | None = None
    said_then: Decimal | None = None
    difference: Decimal | None = None
    value: Decimal | None = None
    is_assumed: bool = False

    @property
    def size(self) -> tuple[Decimal, Decimal]:
        """How much it matters: money first, then pieces."""
        return abs(self.value or ZERO), abs(self.difference or ZERO)


def tells_books(count: Count, principal: Any) -> bool:
    """Whether somebody is told what should be there: while a blind count goes on, only who approves, after its first round."""
    if not count.blind or count.status in {Count.Status.SUBMITTED, Count.Status.CLOSED}:
        return True
    return count.round > 1 and reach_of(principal).may("inventory.count_approve")


class Report:
    """The lines of a count, those that matter most first. The number of queries does not depend on how many there are."""

    def __init__(self, count: Count, principal: Any) -> None:
        self.count = count
        self.tells_books = tells_books(count, principal)

    @cached_property
    def _tallies(self) -> dict[int, Tally]:
        return tallies_of(self.count)

    @cached_property
    def _variants(self) -> dict[int, Variant]:
        ids = {*self._tallies, *self._left}
        return Variant.objects.select_related("product").prefetch_related("product__texts").in_bulk(ids)

    @cached_property
    def _left(self) -> Sequence[int]:
        return left_of(self.count, self._tallies).all

    @cached_property
    def left(self) -> list[Variant]:
        """What was to be counted and was not. Of a closed count: what nothing was assumed of."""
        assumed = {line.variant.pk for line in self.lines if line.is_assumed}
        return [self._variants[variant_id] for variant_id in self._left if variant_id not in assumed]

    @cached_property
    def currency(self) -> str:
        if self.count.status == Count.Status.CLOSED:
            return next((result.currency for result in self._results), "")
        return next((each.currency for each in self._differences.values()), "")

    @cached_property
    def _results(self) -> list[Any]:
        return list(self.count.results.all())

    @cached_property
    def _differences(self) -> dict[int, Difference]:
        return differences_of(self.count, self._tallies) if self.tells_books else {}

    @cached_property
    def _earlier(self) -> dict[int, tuple[Decimal, ...]]:
        """What was counted in the rounds before the one that counts: {variant id: quantities, oldest first}."""
        if self.count.round == 1 or not self.tells_books:
            return {}
        standing = (
            CountedLine.objects.filter(count=self.count)
            .order_by("variant_id", "round", "shelf", "-pk")
            .distinct("variant_id", "round", "shelf")
        )
        sums: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for variant_id, in_round, quantity in standing.values_list("variant_id", "round", "quantity"):
            sums[variant_id][in_round] += quantity
        return {v: tuple(by[n] for n in sorted(by) if n < self._tallies[v].round) for v, by in sums.items()}

    @cached_property
    def lines(self) -> list[ReportLine]:
        found = self._booked() if self.count.status == Count.Status.CLOSED else self._so_far()
        by_name = sorted(found, key=lambda line: line.variant.sku)
        return sorted(by_name, key=lambda line: line.size, reverse=True) if self.tells_books else by_name

    def _so_far(self) -> Iterable[ReportLine]:
        for variant_id, tally in self._shown.items():
            line = ReportLine(
                variant=self._variants[variant_id],
                counted=tally.quantity,
                shelves=tally.shelves,
                missed=tally.missed,
                earlier=self._earlier.get(variant_id, ()),
            )
            beside = self._differences.get(variant_id)
            yield (
                line
                if beside is None
                else replace(
                    line,
                    expected=beside.expected,
                    moved_since=beside.moved_since,
                    moved_between=beside.moved_between,
                    said_then=tally.book if beside.learnt_since else None,
                    difference=beside.quantity,
                    value=beside.value,
                )
            )

    @property
    def _shown(self) -> dict[int, Tally]:
        """Whoever counts once more is not told what was counted first."""
        if self.tells_books:
            return self._tallies
        return {v: tally for v, tally in self._tallies.items() if tally.round == self.count.round}

    def _booked(self) -> Iterable[ReportLine]:
        for result in self._results:
            tally = None if result.is_assumed else self._tallies[result.variant_id]
            yield ReportLine(
                variant=self._variants[result.variant_id],
                counted=result.quantity,
                shelves=tally.shelves if tally else (),
                earlier=self._earlier.get(result.variant_id, ()),
                expected=result.expected,
                difference=result.difference,
                value=result.value,
                is_assumed=result.is_assumed,
            )

    @property
    def gained(self) -> Decimal:
        """What was found more is worth."""
        return sum((line.value for line in self.lines if line.value and line.value > 0), ZERO)

    @property
    def lost(self) -> Decimal:
        """What was found less is worth, as a positive amount."""
        return -sum((line.value for line in self.lines if line.value and line.value < 0), ZERO)

    @property
    def agreeing(self) -> int:
        """How many lines have no difference."""
        return sum(1 for line in self.lines if line.difference == 0)
