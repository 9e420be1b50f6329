"""Going through the orders of a period once more, by the rules of a profile."""

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import InvalidInput
from apps.core.money import ZERO, spread, to_cents
from apps.inventory.models import SourcingProfile
from apps.inventory.services.choosing import decide, is_in_time
from apps.inventory.services.decisions import Candidate, Profile, Sends, senders
from apps.inventory.services.profiles import as_rules, profile_in_force
from apps.network.directory import Directory, locations
from apps.orders.models import DryRun, Refusal
from apps.orders.services.dry_runs.measures import SentOrder
from apps.orders.services.dry_runs.outcome import Outcome
from apps.orders.services.dry_runs.past import (
    Changes,
    PastLine,
    PastOrder,
    Period,
    Stock,
    read_period,
    read_refusal_rates,
    read_sales,
    read_stock,
)

MOST_ORDERS = 2000
LONGEST = dt.timedelta(days=31)


@transaction.atomic
def try_out(
    *,
    profile: SourcingProfile,
    since: dt.date,
    until: dt.date,
    progress: Callable[[int], None] = lambda done: None,
    expect: Callable[[int], None] = lambda total: None,
) -> DryRun:
    """Replay the orders of a period under a profile and under the one in force, and keep the comparison.

    Stock is what lay there when each day began, less what the run itself sent. Consent, capacity, safety stock and what is
    sold a day are as they are today. Raises InvalidInput for a period that is none, too long, or without orders.
    """
    if until < since or until - since > LONGEST:
        raise InvalidInput(_("Name a period of at most a month."), code="invalid_period")
    period = read_period(since=since, until=until, at_most=MOST_ORDERS)
    if not period.orders:
        raise InvalidInput(_("No orders were to be sent in that period."), code="no_orders")
    directory = locations()
    stock, changes = read_stock(period, directory.willing)
    replay = _Replay(period, directory, stock, changes)
    expect(2 * len(period.orders))
    in_force = profile_in_force()
    return DryRun.objects.create(
        profile=profile,
        against_id=in_force.id,
        since=since,
        until=until,
        placed=period.placed,
        orders=len(period.orders),
        strategies=strategies_of(profile),
        tried=replay.under(as_rules(profile), progress).measure().as_json(),
        in_force=replay.under(in_force, lambda done: progress(len(period.orders) + done)).measure().as_json(),
        as_it_went=replay.as_it_went().measure().as_json(),
    )


def strategies_of(profile: SourcingProfile) -> list[dict[str, Any]]:
    """What a profile says, as JSON, to be kept with what came of it."""
    read: list[dict[str, Any]] = json.loads(
        json.dumps([asdict(strategy) for strategy in as_rules(profile).strategies], cls=DjangoJSONEncoder)
    )
    return read


class _Replay:
    """The past, ready to be gone through by any rules."""

    def __init__(self, period: Period, directory: Directory, stock: Stock, changes: Changes) -> None:
        self.period, self.directory, self._stock, self._changes = period, directory, stock, changes
        self._sales: Mapping[tuple[int, int], Decimal] = read_sales(period.variant_ids)
        self._rates = read_refusal_rates()

    def under(self, rules: Profile, progress: Callable[[int], None]) -> Outcome:
        """What the rules would have made of it."""
        stock = {variant_id: dict(at) for variant_id, at in self._stock.items()}
        outcome, day = Outcome(self.period.currency, self.period.left_out), self.period.since
        parcels: Counter[int] = Counter()
        for done, order in enumerate(self.period.orders, start=1):
            if order.day > day:
                parcels.clear()
            while day < order.day:
                for variant_id, location_id, quantity in self._changes.get(day, ()):
                    there = stock.setdefault(variant_id, {})
                    there[location_id] = there.get(location_id, ZERO) + quantity
                day += dt.timedelta(days=1)
            sends = self._decide(rules, order, stock, parcels)
            for variant_id, shares in sends.items():
                for location_id, quantity in shares.items():
                    stock[variant_id][location_id] -= quantity
            sent = [ln for ln in order.lines if ln.variant_id in sends]
            self._note(outcome, order, sent, sends, parcels)
            outcome.refusals += sum(self._rates.get(id_, 0.0) for id_ in senders(sends))
            progress(done)
        return outcome

    def as_it_went(self) -> Outcome:
        """What came of it in fact."""
        outcome, day = Outcome(self.period.currency, self.period.left_out), self.period.since
        parcels: Counter[int] = Counter()
        for order in self.period.orders:
            if order.day > day:
                parcels.clear()
                day = order.day
            sends: dict[int, dict[int, Decimal]] = defaultdict(dict)
            sent = []
            for ln in order.lines:
                if ln.location_id is not None:
                    shares = sends[ln.variant_id]
                    shares[ln.location_id] = shares.get(ln.location_id, ZERO) + ln.quantity
                    sent.append(ln)
            self._note(outcome, order, sent, sends, parcels)
        refused = Refusal.objects.filter(line__order__number__in=self.period.numbers)
        outcome.refusals = refused.values("line__order", "location").distinct().count()
        return outcome

    def _decide(self, rules: Profile, order: PastOrder, stock: Stock, parcels: Counter[int]) -> Sends:
        """Who sends how many of what; what there is not enough of is not in it."""
        needed = order.needed
        found: dict[int, Candidate] = {}
        near = order.occasion.near
        for variant_id in needed:
            for location_id, free in stock.get(variant_id, {}).items():
                if free <= 0:
                    continue
                candidate = found.get(location_id)
                if candidate is None:
                    place = self.directory.by_id[location_id]
                    km = round(near.km_to(place.point), 1) if near and place.point else None
                    candidate = found[location_id] = Candidate(place, km=km, parcels=parcels[location_id])
                candidate.free[variant_id] = free
                if (per_day := self._sales.get((variant_id, location_id))) is not None:
                    candidate.per_day[variant_id] = per_day
        decision = decide(
            profile=rules, occasion=order.occasion, needed=needed, candidates=list(found.values()), divides=True
        )
        return {v: shares for v, shares in decision.sends.items() if _suffice(shares, needed[v], v, found)}

    def _note(
        self, outcome: Outcome, order: PastOrder, lines: Sequence[PastLine], sends: Sends, parcels: Counter[int]
    ) -> None:
        """Count an order of which `lines` are sent, as `sends` has it."""
        value = _shared_out(sends, [(line.variant_id, line.value) for line in lines])
        net = _shared_out(sends, [(line.variant_id, line.net) for line in lines])
        sent = {self.directory.by_id[location_id].code: worth for location_id, worth in net.items()}
        outcome.orders.append(SentOrder(order.number, sent))
        for location_id, worth in value.items():
            place = self.directory.by_id[location_id]
            parcels[location_id] += 1
            near = order.occasion.near
            km = near.km_to(place.point) if near and place.point else None
            is_late = not is_in_time(place, order.occasion) or (
                place.parcels_a_day is not None and parcels[location_id] > place.parcels_a_day
            )
            outcome.send(place.code, worth, km=km, is_late=is_late)
        outcome.split += len(value) > 1
        outcome.unsent += len(lines) < len(order.lines)


def _shared_out(sends: Sends, worths: Sequence[tuple[int, Decimal]]) -> dict[int, Decimal]:
    """What each location sends of the worth of each variant: {location id: worth}, to the cent."""
    worth_of: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for variant_id, worth in worths:
        worth_of[variant_id] += worth
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for variant_id, shares in sends.items():
        parts = spread(to_cents(worth_of[variant_id]), list(shares.values()))
        for location_id, part in zip(shares, parts, strict=True):
            found[location_id] += part
    return found


def _suffice(shares: Mapping[int, Decimal], needed: Decimal, variant_id: int, found: Mapping[int, Candidate]) -> bool:
    """Whether the locations have what they are to send, and that is all of it."""
    return sum(shares.values(), ZERO) >= needed and all(
        found[at].free.get(variant_id, ZERO) >= quantity for at, quantity in shares.items()
    )
