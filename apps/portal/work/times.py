"""How soon work is to be done: what the chain has set, else what comes with the kind."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import Q

from apps.network.directory import Entry
from apps.portal.models import WorkTime
from apps.portal.work.kinds import WorkKind


def times_of(kinds: Collection[WorkKind]) -> dict[str, dt.timedelta]:
    """Within how much opening time each kind is to be done, by its name. One query."""
    chosen = dict(WorkTime.objects.values_list("kind", "minutes"))
    return {
        kind.name: dt.timedelta(minutes=chosen[kind.name]) if kind.name in chosen else kind.within for kind in kinds
    }


@transaction.atomic
def set_work_times(*, minutes: Mapping[str, int]) -> None:
    """From now on work of these kinds is to be done within so many minutes of opening time."""
    for kind, within in sorted(minutes.items()):
        WorkTime.objects.update_or_create(kind=kind, defaults={"minutes": within})


def is_late(kind: WorkKind, within: dt.timedelta, now: dt.datetime, places: Iterable[Entry]) -> Q:
    """A condition on the rows of a kind: the time for it is over. `places` are the locations of the rows.

    Many locations keep hours that come to the same moment, so there are few of those.
    """
    by_moment: dict[dt.datetime, list[int]] = defaultdict(list)
    known = {hours: hours.open_before(now, within) for hours in {entry.hours for entry in places}}
    for entry in places:
        by_moment[known[entry.hours]].append(entry.id)
    by_since = Q(pk__in=[])
    for moment, ids in sorted(by_moment.items()):
        passed = Q(**{f"{kind.since}__lte": moment})
        by_since |= passed & Q(**{f"{kind.location}__in": ids}) if len(by_moment) > 1 else passed
    if not kind.due:
        return by_since
    return Q(**{f"{kind.due}__lte": now}) | (by_since & Q(**{kind.due: None}))
