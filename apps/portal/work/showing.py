"""Waiting work as people read it: tasks with a deadline in words, figures, and the stores where it waits."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.reach import reach_of
from apps.network.directory import Entry, locations
from apps.portal import formats
from apps.portal.contributions import Figure, Task, Tasks
from apps.portal.registry import Registry
from apps.portal.work.reading import Standing, Waiting, first_due, standing_now

SHOWN_BEFOREHAND = 6
FIGURES_SHOWN = 4


def address(**parameters: str) -> str:
    """The page with all work, narrowed."""
    asked = {name: value for name, value in parameters.items() if value}
    return f"{reverse('portal:work')}?{urlencode(asked)}" if asked else reverse("portal:work")


def due_in_words(waiting: Waiting, now: dt.datetime) -> str:
    """By when: "before 15:00", "before 24 nov 10:00"; "2 h 10 late" once that has passed."""
    if waiting.due <= now:
        return _("%(duration)s late") % {"duration": formats.duration(now - waiting.due)}
    is_today = timezone.localdate(waiting.due) == timezone.localdate(now)
    return _("before %(time)s") % {"time": formats.clock(waiting.due) if is_today else formats.when(waiting.due)}


def as_task(waiting: Waiting, now: dt.datetime, *, names_place: bool) -> Task:
    """A line in a list of things to do, which says how long it has waited, and where when there are several places."""
    said = waiting.said
    assert said is not None
    age = _("waits %(duration)s") % {"duration": formats.duration(max(now - waiting.since, dt.timedelta(0)))}
    return Task(
        what=said.what,
        url=said.url,
        icon=waiting.kind.icon,
        meta=", ".join(str(part) for part in (said.meta, waiting.place.name if names_place else "", age) if part),
        due=due_in_words(waiting, now),
        urgency=waiting.urgency(now),
    )


def to_do(registry: Registry, principal: Any) -> Tasks | None:
    """What is to be done first, for whoever works in stores; where it waits, for whoever looks after the chain."""
    kinds = registry.work_for(principal)
    if not kinds:
        return None
    stands = standing_now(registry, principal)
    if reach_of(principal).every_location:
        stores = by_store(stands)
        tasks = [_store_task(store) for store in stores[:SHOWN_BEFOREHAND]]
        return Tasks(title=_("Stores where work waits longest"), tasks=tasks, total=len(stores), more_url=address())
    now, total = timezone.now(), sum(each.waiting for each in stands)
    busy = {each.kind for each in stands}
    first = first_due([kind for kind in kinds if kind.name in busy], principal, limit=SHOWN_BEFOREHAND)
    tasks = [as_task(waiting, now, names_place=len(reach_of(principal).location_ids) > 1) for waiting in first]
    return Tasks(title=_("To do first"), tasks=tasks, total=total, more_url=address())


def figures(registry: Registry, principal: Any) -> list[Figure]:
    """How much of each kind waits in the person's own stores; only kinds of which anything does."""
    if reach_of(principal).every_location:
        return []
    stands = standing_now(registry, principal)
    found = []
    for kind in registry.work_for(principal):
        own = [each for each in stands if each.kind == kind.name]
        if own:
            found.append(
                Figure(
                    name=kind.label,
                    value=str(sum(each.waiting for each in own)),
                    url=address(kind=kind.name),
                    change=_late_or_oldest(own),
                    how=_("What waits in your stores, at this moment. Late is what was to be done before now."),
                )
            )
    return found[:FIGURES_SHOWN]


def _late_or_oldest(own: Sequence[Standing]) -> str:
    if late := sum(each.late for each in own):
        return ngettext("%(count)s late", "%(count)s late", late) % {"count": late}
    return _("The oldest since %(time)s") % {"time": formats.when(min(each.oldest for each in own))}


@dataclass(frozen=True)
class StoreWork:
    """How much waits in a store, how much of it is late, and since when the oldest waits."""

    place: Entry
    waiting: int
    late: int
    oldest: dt.datetime

    @property
    def url(self) -> str:
        return address(store=self.place.code)


def by_store(stands: Iterable[Standing]) -> list[StoreWork]:
    """Per store, the one with most that is late first, then the one where something waits longest."""
    places = locations()
    found: dict[int, list[Standing]] = {}
    for each in stands:
        found.setdefault(each.location_id, []).append(each)
    stores = [
        StoreWork(
            places.by_id[place] if place in places.by_id else locations(knowing=[place]).by_id[place],
            sum(each.waiting for each in own),
            sum(each.late for each in own),
            min(each.oldest for each in own),
        )
        for place, own in found.items()
    ]
    return sorted(stores, key=lambda store: (-store.late, store.oldest, store.place.code))


def _store_task(store: StoreWork) -> Task:
    late = ngettext("%(count)s late", "%(count)s late", store.late) % {"count": store.late} if store.late else ""
    return Task(
        what=store.place.name,
        url=store.url,
        icon="store",
        meta=ngettext("%(count)s thing to do", "%(count)s things to do", store.waiting) % {"count": store.waiting},
        due=late or _("since %(time)s") % {"time": formats.when(store.oldest)},
        urgency="late" if late else "",
    )
