"""The decision where goods come from, on figures that were read beforehand: nothing here asks the database.

A profile is a list of strategies. The first that applies and can send the whole order decides. Within a strategy locations
drop out for a reason, the others are put in order by its criteria, and the best takes every line it can send; what is left goes
to the best for that, and so on. What no location has enough of is divided over several, where the strategy allows it.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from itertools import count
from typing import Any

from apps.inventory.models.sourcing import Criterion
from apps.inventory.services.decisions import (
    ANYWHERE,
    IN_ITS_SLOT,
    KEPT,
    Candidate,
    Decision,
    Judged,
    Occasion,
    Profile,
    Sends,
    Strategy,
    Verdict,
    senders,
)
from apps.inventory.services.promise_dates import dispatch, what_takes_long
from apps.network.directory import Entry
from apps.network.models import Location

ZERO = Decimal(0)


def decide(
    *,
    profile: Profile,
    occasion: Occasion,
    needed: Mapping[int, Decimal],
    candidates: Sequence[Candidate],
    divides: bool = False,
) -> Decision:
    """Choose a location for each variant wanted: {variant id: quantity}. `divides` says whether who asks can take what one
    line wants from several locations; if not, no strategy does so. What has waited is tried without its promised day after all,
    where a profile would leave it waiting."""
    if occasion.brought_by is not None:
        trial = _Trial(IN_ITS_SLOT, occasion, needed, candidates, divides=False)
        return Decision(None, IN_ITS_SLOT, trial.with_what_there_is(), *trial.judged())
    passed: list[tuple[str, int | None]] = []
    for strategy in profile.strategies:
        if not strategy.applies(occasion):
            continue
        trial = _Trial(strategy, occasion, needed, candidates, divides=divides and strategy.divides)
        missing = len(needed) - len(trial.sends)
        parcels = len(senders(trial.sends))
        if not missing and (strategy.most_parcels is None or parcels <= strategy.most_parcels):
            return Decision(profile.id, strategy, trial.sends, *trial.judged(), passed)
        passed.append((strategy.name, missing or None))
    trial = _Trial(ANYWHERE, occasion, needed, candidates, divides=divides)
    if profile.strategies and not profile.takes_from_anywhere:
        if occasion.has_waited and occasion.by is not None:
            late = replace(occasion, by=None)  # better late than never
            again = decide(profile=profile, occasion=late, needed=needed, candidates=candidates, divides=divides)
            return replace(again, passed=list(dict.fromkeys([*passed, *again.passed])), without_day=True)
        return Decision(profile.id, ANYWHERE, {}, [], Counter({Verdict.LATER: len(candidates)}), passed)
    return Decision(profile.id, ANYWHERE, trial.with_what_there_is(), *trial.judged(), passed)


class _Trial:
    """One strategy on these candidates: who can, who sends what, and how they compare at the first choice."""

    def __init__(
        self,
        strategy: Strategy,
        occasion: Occasion,
        needed: Mapping[int, Decimal],
        candidates: Sequence[Candidate],
        *,
        divides: bool,
    ) -> None:
        self.strategy, self.needed, self.divides, self.asked_at = strategy, needed, divides, occasion.asked_at
        self.out: list[tuple[Candidate, Verdict]] = []
        self.able: dict[int, tuple[Candidate, set[int]]] = {}
        for candidate in candidates:
            verdict, covers = _stands(candidate, strategy, occasion, needed)
            if covers:
                self.able[candidate.place.id] = (candidate, covers)
            else:
                self.out.append((candidate, verdict))
        self.sends: dict[int, dict[int, Decimal]] = {}
        self.first: dict[int, tuple[Any, ...]] = {}
        left = self._choose()
        if divides and left:
            self._divide(left)

    def _choose(self) -> set[int]:
        """Give each variant to a location that has enough of it; return those of which none has."""
        weights = [_WEIGHTS[criterion] for criterion in self.strategy.criteria]
        left = set(self.needed)
        while left:
            keys = {
                id_: tuple([weigh(candidate, covers & left) for weigh in weights])
                for id_, (candidate, covers) in self.able.items()
                if not covers.isdisjoint(left)
            }
            if not keys:
                break
            self.first = self.first or keys
            best = min(keys, key=lambda id_: (keys[id_], id_))
            taken = self.able[best][1] & left
            self.sends |= {variant_id: {best: self.needed[variant_id]} for variant_id in taken}
            left -= taken
        return left

    def _divide(self, left: Iterable[int]) -> None:
        """Give each of these variants to several locations, as few as the criteria allow; or to none, if all together have not
        enough."""
        small = [c for c, verdict in self.out if verdict in _HAVE_TOO_LITTLE]
        eligible = [*(c for c, _covers in self.able.values()), *small]
        for variant_id in sorted(left):
            shares = self._shares(variant_id, eligible)
            if sum(shares.values(), ZERO) == self.needed[variant_id]:
                self.sends[variant_id] = shares
        chosen = senders(self.sends)
        self.able |= {c.place.id: (c, set()) for c in small if c.place.id in chosen}
        self.out = [(c, verdict) for c, verdict in self.out if c.place.id not in chosen]

    def _shares(self, variant_id: int, eligible: Sequence[Candidate]) -> dict[int, Decimal]:
        """What each of the best locations has of a variant, up to what is needed."""
        missing = self.needed[variant_id]
        spare = {c.place.id: _spare(c, self.strategy, variant_id) for c in eligible}
        if missing == missing.to_integral_value():
            spare = {id_: quantity.to_integral_value(ROUND_FLOOR) for id_, quantity in spare.items()}
        waiting = {c.place.id: c for c in eligible if spare[c.place.id] > 0}
        sending = senders(self.sends)
        shares: dict[int, Decimal] = {}
        while missing and waiting:
            keys = {
                id_: tuple(
                    (id_ not in sending, -min(spare[id_], missing))
                    if criterion == Criterion.FEWEST_PARCELS
                    else _WEIGHTS[criterion](candidate, {variant_id})
                    for criterion in self.strategy.criteria
                )
                for id_, candidate in waiting.items()
            }
            self.first = self.first or keys
            best = min(keys, key=lambda id_: (keys[id_], id_))
            shares[best] = min(spare[best], missing)
            missing -= shares[best]
            del waiting[best]
        return shares

    def judged(self) -> tuple[list[Judged], Counter[Verdict]]:
        """The chosen, then who came later and by which criterion, then who dropped out; and how many more of each."""
        chosen = senders(self.sends)
        best = min(((self.first[id_], id_) for id_ in chosen if id_ in self.first), default=None)
        ranked = heapq.nsmallest(KEPT, self.able, key=lambda id_: (id_ not in chosen, self.first.get(id_, ()), id_))
        judged = [self._ranked(id_, best[0] if best else ()) for id_ in ranked]
        rest = self.out[: KEPT - len(judged)]
        judged += [
            Judged(candidate.place, verdict, candidate.km, detail=self._why(candidate, verdict))
            for candidate, verdict in rest
        ]
        others = Counter(verdict for _candidate, verdict in self.out[len(rest) :])
        others[Verdict.LATER] += len(self.able) - len(ranked)
        return judged, +others

    def _why(self, candidate: Candidate, verdict: Verdict) -> str:
        if verdict != Verdict.TOO_LATE or self.asked_at is None:
            return ""
        return what_takes_long(candidate.place.hours, self.asked_at)

    def _ranked(self, id_: int, best: tuple[Any, ...]) -> Judged:
        candidate, _covers = self.able[id_]
        mine = tuple(sorted(variant_id for variant_id, shares in self.sends.items() if id_ in shares))
        if mine:
            return Judged(candidate.place, Verdict.CHOSEN, candidate.km, mine)
        differs = next((n for n, a, b in zip(count(), self.first.get(id_, ()), best, strict=False) if a != b), None)
        detail = self.strategy.criteria[differs] if differs is not None else ""
        return Judged(candidate.place, Verdict.LATER, candidate.km, detail=detail)

    def with_what_there_is(self) -> Sends:
        """For what cannot be sent in full the location where most of it lies, or all that have some where a line is divided."""
        sends = dict(self.sends)
        never = (Verdict.REFUSED, Verdict.OTHER_TIME, Verdict.ITSELF, Verdict.NO_CONSENT)
        may_send = [c for c, _covers in self.able.values()] + [c for c, verdict in self.out if verdict not in never]
        for variant_id in self.needed.keys() - sends.keys():
            if self.divides:
                sends[variant_id] = self._shares(variant_id, may_send)
            elif having := [c for c in may_send if c.free.get(variant_id)]:
                most = max(having, key=lambda c: (c.free[variant_id], -c.place.id))
                sends[variant_id] = {most.place.id: self.needed[variant_id]}
        return sends


def _stands(
    candidate: Candidate, strategy: Strategy, occasion: Occasion, needed: Mapping[int, Decimal]
) -> tuple[Verdict, set[int]]:
    """The variants that a location can send under a strategy; without any the reason."""
    place = candidate.place
    if place.id in occasion.refused:
        return Verdict.REFUSED, set()
    if occasion.brought_by not in (None, place.id):
        return Verdict.OTHER_TIME, set()
    if place.id == occasion.goes_to:
        return Verdict.ITSELF, set()
    if not place.sends:
        return Verdict.NO_CONSENT, set()
    if strategy.sources not in ("all", place.kind):
        return Verdict.OTHER_KIND, set()
    if strategy.only_own and place.is_franchised:
        return Verdict.FRANCHISED, set()
    if strategy.most_km is not None and (candidate.km is None or candidate.km > strategy.most_km):
        return Verdict.TOO_FAR, set()
    if strategy.in_time and not is_in_time(place, occasion):
        return Verdict.TOO_LATE, set()
    if strategy.minds_capacity and place.parcels_a_day is not None and candidate.parcels >= place.parcels_a_day:
        return Verdict.FULL, set()
    enough = {v for v, quantity in needed.items() if candidate.free.get(v, ZERO) >= quantity}
    if not enough:
        return Verdict.TOO_LITTLE, set()
    if strategy.keep_days and place.kind == Location.Kind.STORE:
        return Verdict.KEEPS, {v for v in enough if _spare(candidate, strategy, v) >= needed[v]}
    return Verdict.CHOSEN, enough


def is_in_time(place: Entry, occasion: Occasion) -> bool:
    """Whether a parcel from there comes by the promised day; without one, whenever it comes."""
    if occasion.by is None or occasion.asked_at is None:
        return True
    sent = dispatch(place.hours, occasion.asked_at)
    return sent is not None and sent.comes_on <= occasion.by


_HAVE_TOO_LITTLE = (Verdict.TOO_LITTLE, Verdict.KEEPS)


def _spare(candidate: Candidate, strategy: Strategy, variant_id: int) -> Decimal:
    """What a location can send of a variant: all that is free, less what the strategy leaves a store for its own customers."""
    free = candidate.free.get(variant_id, ZERO)
    if strategy.keep_days and candidate.place.kind == Location.Kind.STORE:
        free -= candidate.per_day.get(variant_id, ZERO) * strategy.keep_days
    return free


def _days_of_stock(candidate: Candidate, covers: set[int]) -> float:
    """How many days what it could send would last in the place itself."""
    return max(
        float(candidate.free[v] / candidate.per_day[v]) if candidate.per_day.get(v) else float("inf") for v in covers
    )


def _share_of_day(candidate: Candidate) -> float:
    """How much of the parcels it can send a day it was given; nothing where there is no limit."""
    limit = candidate.place.parcels_a_day
    return candidate.parcels / limit if limit else 0.0


# Each criterion as a figure of which less is better.
_WEIGHTS: dict[str, Callable[[Candidate, set[int]], Any]] = {
    Criterion.FEWEST_PARCELS: lambda candidate, covers: -len(covers),
    Criterion.WAREHOUSE_FIRST: lambda candidate, covers: candidate.place.kind != Location.Kind.DC,
    Criterion.OWN_FIRST: lambda candidate, covers: candidate.place.is_franchised,
    Criterion.NEAREST: lambda candidate, covers: float("inf") if candidate.km is None else candidate.km,
    Criterion.LEAST_BUSY: lambda candidate, covers: _share_of_day(candidate),
    Criterion.SLOWEST_STOCK: lambda candidate, covers: -_days_of_stock(candidate, covers),
}
