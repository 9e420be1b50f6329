"""One timeline out of what every app knows of a customer."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from apps.portal.contributions import Moment, TimelineEntry
from apps.portal.registry import Registry, contributed

M = TypeVar("M", bound=Model)


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


def older_than(rows: QuerySet[M], before: Moment | None, *, at: str, key: str, prefix: str) -> QuerySet[M]:
    """Rows whose entries come after `before` on the timeline, newest first: the way for a source to read its part.

    `at` and `key` name the row's time and its unique key; its entries have the key `prefix` + key, where the prefix
    ("contact:") is the source's own, so that entries of one moment have one order over all sources.
    """
    rows = rows.order_by(f"-{at}", f"-{key}")
    if before is None:
        return rows
    moment, last = before
    earlier = Q(**{f"{at}__lt": moment})
    if not last.startswith(prefix):
        return rows.filter(earlier | Q(**{at: moment}) if prefix < last else earlier)
    try:
        field: Any = rows.model._meta.get_field(key)
        shown = field.to_python(last.removeprefix(prefix))
    except ValidationError:  # an address that somebody made up
        return rows.filter(earlier)
    return rows.filter(earlier | Q(**{at: moment, f"{key}__lt": shown}))
