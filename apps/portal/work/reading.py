"""Reading what waits: how much there is in each store in one statement, and the things themselves by their deadline."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, F, Min, Q, QuerySet, Value
from django.utils import timezone

from apps.core.reach import reach_of
from apps.network.directory import Directory, Entry, locations
from apps.portal.registry import Registry
from apps.portal.work.kinds import Described, WorkKind
from apps.portal.work.times import is_late, times_of

SOON = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Standing:
    """How much of a kind waits in one location, how much of it is late, and since when the oldest waits."""

    kind: str
    location_id: int
    waiting: int
    late: int
    oldest: dt.datetime


@dataclass(frozen=True)
class Waiting:
    """A thing to do, and by when."""

    kind: WorkKind
    key: Any
    place: Entry
    since: dt.datetime
    due: dt.datetime
    said: Described | None = None

    def urgency(self, now: dt.datetime) -> str:
        """ "late", "soon" or ""."""
        return "late" if self.due <= now else "soon" if self.due <= now + SOON else ""


def standing(registry: Registry, principal: Any, *, now: dt.datetime | None = None) -> list[Standing]:
    """How things stand wherever the principal works, per kind and location. One statement, and one for the times."""
    kinds = registry.work_for(principal)
    if not kinds:
        return []
    moment, times, places = now or timezone.now(), times_of(kinds), _places_of(principal)
    first, *others = (_counted(kind, principal, is_late(kind, times[kind.name], moment, places)) for kind in kinds)
    return [Standing(*row) for row in (first.union(*others, all=True) if others else first)]


def standing_now(registry: Registry, principal: Any) -> list[Standing]:
    """The same, read once for all that one page says of it below its frame: kept with the principal, who is read anew for each
    request. The frame counts it with the rest of its links (`things_to_do`), as on pages that show none of it."""
    known: list[Standing] | None = getattr(principal, "_standing", None)
    if known is None:
        known = principal._standing = standing(registry, principal)
    return known


def _places_of(principal: Any) -> list[Entry]:
    """The locations where the principal works, as far as they are known."""
    reach, by_id = reach_of(principal), locations().by_id
    return list(by_id.values()) if reach.every_location else [by_id[i] for i in reach.location_ids if i in by_id]


def _counted(kind: WorkKind, principal: Any, late: Q) -> Any:
    rows = kind.waiting(principal).filter(**{f"{kind.location}__isnull": False})
    named = rows.annotate(_kind=Value(kind.name, CharField()), _place=F(kind.location)).values("_kind", "_place")
    return named.annotate(
        _waiting=Count(kind.key, distinct=True),
        _late=Count(kind.key, distinct=True, filter=late),
        _oldest=Min(kind.since),
    ).values_list("_kind", "_place", "_waiting", "_late", "_oldest")


def things_to_do(registry: Registry, principal: Any) -> list[QuerySet[Any, Any]]:
    """What waits for whoever works in stores, each thing once, for counting; those who look after the chain are not reminded."""
    if reach_of(principal).every_location:
        return []
    return [_things(kind, principal) for kind in registry.work_for(principal)]


def _things(kind: WorkKind, principal: Any) -> QuerySet[Any, Any]:
    rows = kind.waiting(principal).filter(**{f"{kind.location}__isnull": False})
    return rows.values_list(kind.key, kind.location).distinct()


def first_due(
    kinds: Sequence[WorkKind], principal: Any, *, limit: int, location_ids: Collection[int] | None = None
) -> list[Waiting]:
    """The things that are to be done first, of these kinds and (unless None) in these locations."""
    times, places = times_of(kinds), locations()
    found = [
        waiting for kind in kinds for waiting in _oldest(kind, principal, times[kind.name], places, location_ids, limit)
    ]
    found.sort(key=lambda waiting: (waiting.due, waiting.since, waiting.kind.order))
    return _described(found[:limit], principal)


def _oldest(
    kind: WorkKind,
    principal: Any,
    within: dt.timedelta,
    places: Directory,
    location_ids: Collection[int] | None,
    limit: int,
) -> Iterable[Waiting]:
    rows = kind.waiting(principal)
    rows = rows.filter(**{f"{kind.location}__isnull": False})
    if location_ids is not None:
        rows = rows.filter(**{f"{kind.location}__in": location_ids})
    # One thing may have several rows, of which the first counts.
    things = rows.values(kind.key, kind.location).annotate(_since=Min(kind.since))
    fields: list[str] = [kind.key, kind.location, "_since"]
    order: list[Any] = ["_since", kind.key]
    if kind.due:
        things = things.annotate(_due=Min(kind.due))
        fields, order = [*fields, "_due"], [F("_due").asc(nulls_last=True), *order]
    for key, place_id, since, *due in things.order_by(*order).values_list(*fields)[:limit]:
        place = places.by_id.get(place_id) or locations(knowing=[place_id]).by_id[place_id]
        agreed = due[0] if due and due[0] else place.hours.open_after(since, within)
        yield Waiting(kind, key, place, since, agreed)


def _described(found: Sequence[Waiting], principal: Any) -> list[Waiting]:
    """With words; what went away in the meantime is left out."""
    said = {
        kind.name: kind.describe(principal, [each.key for each in found if each.kind is kind])
        for kind in {each.kind.name: each.kind for each in found}.values()
    }
    return [
        Waiting(each.kind, each.key, each.place, each.since, each.due, said[each.kind.name][each.key])
        for each in found
        if each.key in said[each.kind.name]
    ]
