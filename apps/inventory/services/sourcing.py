"""Choosing the locations that fulfil what names no location, by the profile in force, and keeping why."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.inventory.models import SourcingRun
from apps.inventory.services.availability import THOUSAND, can_be_sent
from apps.inventory.services.choosing import decide
from apps.inventory.services.decisions import Candidate, Decision, Judged, Occasion, Profile, Sends, senders
from apps.inventory.services.drifting import drift
from apps.inventory.services.keeping import rules
from apps.inventory.services.profiles import profile_in_force
from apps.inventory.services.types import Part, Want
from apps.network.directory import Directory, locations
from apps.network.postcodes import Point

# What is free at the locations that send orders, and at those that would if their franchisee agreed. Without a location: what
# waits for stock from anywhere.
_FREE = """
    SELECT level.location_id, level.variant_id, level.on_hand - level.reserved - level.safety_delivery, {sales}
      FROM inventory_stocklevel AS level {join}
     WHERE level.variant_id = ANY(%(variants)s) AND level.condition = 'saleable'
       AND level.location_id = ANY(%(places)s::bigint[])
       AND level.on_hand - level.reserved - level.safety_delivery > 0
     UNION ALL
    SELECT NULL, demand.variant_id, sum(demand.quantity - demand.consumed - demand.released), NULL
      FROM inventory_demand AS demand
     WHERE demand.variant_id = ANY(%(variants)s) AND demand.level_id IS NULL AND demand.wanted_at_id IS NULL
       AND demand.quantity > demand.consumed + demand.released
     GROUP BY demand.variant_id"""
_STOCK = _FREE.format(sales="NULL::numeric", join="")
_STOCK_AND_SALES = _FREE.format(
    sales="sales.per_day",
    join="""LEFT JOIN inventory_sellthrough AS sales
                   ON sales.variant_id = level.variant_id AND sales.location_id = level.location_id""",
)


@dataclass(frozen=True, slots=True)
class Sourced:
    """Where each want is to come from, and the decision behind those that named no location.

    `beyond` are the variants of which the chain may not promise as many as are wanted, because others wait for them or the
    channel keeps some back: {variant id: how many it may}.
    """

    parts: Sequence[Part]
    decision: Decision | None = None
    beyond: Mapping[int, Decimal] = field(default_factory=dict)


def choose_locations(wants: Sequence[Want], occasion: Occasion, *, divides: bool) -> Sourced:
    """Give each want a location, or where it `divides` several if none has all of it. What nobody can fulfil gets what there is.

    The choice reads unlocked rows; whoever reserves checks again under the lock.
    """
    needed: dict[int, Decimal] = defaultdict(lambda: Decimal(0))
    for want in wants:
        if want.location_id is None:
            needed[want.variant_id] += want.quantity
    if not needed:
        return Sourced([Part(n, want, want.location_id, want.quantity) for n, want in enumerate(wants)])
    profile, directory = profile_in_force(), locations()
    candidates, waited_for = read_candidates(needed, directory, profile, occasion, day=timezone.localdate())
    _leave_what_is_collected(candidates, wants)
    decision = decide(profile=profile, occasion=occasion, needed=needed, candidates=candidates, divides=divides)
    return Sourced(
        _parts(wants, decision.sends),
        decision,
        {} if occasion.has_waited else _beyond(needed, waited_for, occasion.channel),
    )


def _leave_what_is_collected(candidates: Sequence[Candidate], wants: Sequence[Want]) -> None:
    """Nothing is sent of what is collected where it lies by the same request."""
    by_place = {candidate.place.id: candidate.free for candidate in candidates}
    for want in wants:
        free = by_place.get(want.location_id) if want.location_id is not None else None
        if free is not None and (left := free.pop(want.variant_id, Decimal(0)) - want.quantity) > 0:
            free[want.variant_id] = left


def _parts(wants: Sequence[Want], sends: Sends) -> list[Part]:
    """Hand out what each location sends to the wants, in their order; a rest that nobody sends is a part without location."""
    left = {variant_id: dict(shares) for variant_id, shares in sends.items()}
    parts = []
    for n, want in enumerate(wants):
        if want.location_id is not None:
            parts.append(Part(n, want, want.location_id, want.quantity))
            continue
        missing, shares = want.quantity, left.get(want.variant_id, {})
        for location_id, share in shares.items():
            if taken := min(share, missing):
                parts.append(Part(n, want, location_id, taken))
                shares[location_id] -= taken
                missing -= taken
        if missing:
            parts.append(Part(n, want, None, missing))
    return parts


def _beyond(needed: Mapping[int, Decimal], waited_for: Collection[int], channel: str) -> dict[int, Decimal]:
    """Asks the one availability there is, where the sum over all locations could say less than each of them does."""
    doubtful = list(needed) if rules().has_threshold(channel) else [id_ for id_ in needed if id_ in waited_for]
    if not doubtful:
        return {}
    sendable = can_be_sent(doubtful, channel)
    allowed = {id_: Decimal(sendable.get(id_, 0)) / THOUSAND for id_ in doubtful}
    return {id_: quantity for id_, quantity in allowed.items() if quantity < needed[id_]}


def read_candidates(
    variant_ids: Collection[int], directory: Directory, profile: Profile, occasion: Occasion, *, day: dt.date
) -> tuple[list[Candidate], set[int]]:
    """The locations that have any of these variants and may send orders, with the figures that the profile looks at; and the
    variants that somebody waits for."""
    found: dict[int, Candidate] = {}
    waited_for: set[int] = set()
    far = profile.looks_at_distance or occasion.brought_by is not None
    gone = drift(variant_ids=variant_ids, location_ids=directory.willing)
    with connection.cursor() as cursor:
        cursor.execute(
            _STOCK_AND_SALES if profile.looks_at_sales else _STOCK,
            {"variants": sorted(variant_ids), "places": "{" + ",".join(map(str, directory.willing)) + "}"},
        )
        for location_id, variant_id, free, per_day in cursor.fetchall():
            if location_id is None:
                waited_for.add(variant_id)
                continue
            free -= gone.get((variant_id, location_id), 0)
            if free <= 0:
                continue
            candidate = found.get(location_id)
            if candidate is None:
                place = directory.by_id[location_id]
                candidate = found[location_id] = Candidate(place, km=_km(occasion.near, place.point) if far else None)
            candidate.free[variant_id] = max(free, candidate.free.get(variant_id, free))
            if per_day:
                candidate.per_day[variant_id] = per_day
        limited = [id_ for id_ in found if directory.by_id[id_].parcels_a_day is not None]
        if limited and profile.strategies:
            cursor.execute(
                "SELECT location_id, parcels FROM inventory_parcelday WHERE day = %s AND location_id = ANY(%s)",
                [day, limited],
            )
            for location_id, parcels in cursor.fetchall():
                found[location_id].parcels = parcels
    return list(found.values()), waited_for


def _km(a: Point | None, b: Point | None) -> float | None:
    return round(a.km_to(b), 1) if a and b else None


# One row each, in order of location, so that two orders never wait for each other in a circle.
_COUNT_PARCELS = """
    INSERT INTO inventory_parcelday AS counted (location_id, day, parcels)
    SELECT k.id, %s, 1 FROM unnest(%s::bigint[], %s::int[]) AS k(id, most) WHERE k.most > 0 ORDER BY k.id
        ON CONFLICT (location_id, day) DO UPDATE SET parcels = counted.parcels + 1
     WHERE counted.parcels < (SELECT k.most FROM unnest(%s::bigint[], %s::int[]) AS k(id, most)
                               WHERE k.id = counted.location_id)
 RETURNING location_id"""
_NO_LIMIT = 2_000_000_000


def count_parcels(decision: Decision) -> bool:
    """Give the chosen locations their parcel of the day; False, with nothing changed, when one of them has its fill by now."""
    by_id = locations().by_id
    limits = {id_: by_id[id_].parcels_a_day for id_ in sorted(senders(decision.sends))}
    limited = {id_: most for id_, most in limits.items() if most is not None}
    if not limited:
        return True
    most = [n if decision.strategy.minds_capacity else _NO_LIMIT for n in limited.values()]
    day, ids = timezone.localdate(), list(limited)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_PARCELS, [day, ids, most, ids, most])
        counted = [row[0] for row in cursor.fetchall()]
        if len(counted) == len(ids):
            return True
        cursor.execute(
            "UPDATE inventory_parcelday SET parcels = parcels - 1 WHERE day = %s AND location_id = ANY(%s)",
            [day, counted],
        )
    return False


def keep_decision(reservation_id: int, decision: Decision) -> None:
    """Write down who sends what, and why not the others."""
    SourcingRun.objects.create(
        reservation_id=reservation_id,
        profile_id=decision.profile_id,
        strategy=decision.strategy.name,
        strategies=[{"name": name, "missing": missing} for name, missing in decision.passed],
        candidates=[_as_stored(judged) for judged in decision.judged],
        others={str(verdict): number for verdict, number in decision.others.items()},
        without_day=decision.without_day,
    )


def _as_stored(judged: Judged) -> dict[str, Any]:
    stored: dict[str, Any] = {"location": judged.place.code, "verdict": str(judged.verdict)}
    if judged.km is not None:
        stored["km"] = judged.km
    if judged.variants:
        stored["variants"] = list(judged.variants)
    if judged.detail:
        stored["detail"] = judged.detail
    return stored
