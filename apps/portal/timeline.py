"""One timeline out of what every app knows of a customer."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

from django.utils import timezone

from apps.portal.contributions import Moment, TimelineEntry
from apps.portal.registry import Registry, contributed


@dataclass(frozen=True)
class TimelinePage:
    """Entries newest first; `before` is where the next, older page begins, None at the end."""

    entries: list[TimelineEntry]
    before: Moment | None

    @property
    def days(self) -> list[tuple[dt.date, list[TimelineEntry]]]:
        """The entries by local day, newest day first."""
        by_day = groupby(self.entries, key=lambda entry: timezone.localdate(entry.at))
        return [(day, list(entries)) for day, entries in by_day]


def read_timeline(
    *,
    principal: Any,
    source_record_ids: Sequence[int],
    limit: int = 30,
    before: Moment | None = None,
    registry: Registry = contributed,
) -> TimelinePage:
    """Merge the newest `limit` entries over all sources the principal may use, older than `before`."""
    read = [
        source.reader(principal, source_record_ids, limit + 1, before) for source in registry.timeline_for(principal)
    ]
    newest = list(islice(merge(*read, key=attrgetter("moment"), reverse=True), limit + 1))
    page = newest[:limit]
    return TimelinePage(page, page[-1].moment if len(newest) > limit else None)
