"""One timeline out of what every app knows of a customer."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.portal.contributions import Cut, Moment, TimelineEntry
from apps.portal.discretion import Tag, TagOf
from apps.portal.entries import TimelineSource
from apps.portal.registry import Registry, contributed

M = TypeVar("M", bound=Model)

AROUND = 5
"""How many newer entries stand above the one that an address leads to."""


@dataclass(frozen=True)
class TimelinePage:
    """Entries newest first. `before` is where the next, older page begins, None at the end; `after` where a newer one does.

    `continues` is the day that stands above already, where this is the next part of a timeline: it has no heading twice.
    """

    entries: list[TimelineEntry]
    before: Moment | None
    after: Moment | None = None
    continues: dt.date | None = None

    @property
    def days(self) -> list[tuple[dt.date, list[TimelineEntry]]]:
        """The entries by local day, newest day first."""
        by_day = groupby(self.entries, key=lambda entry: timezone.localdate(entry.at))
        return [(day, list(entries)) for day, entries in by_day]


def _careful(datum: str) -> Tag:
    return Tag.DISCREET


def read_timeline(
    *,
    principal: Any,
    source_record_ids: Sequence[int],
    limit: int = 30,
    before: Moment | None = None,
    after: Moment | None = None,
    around: Moment | None = None,
    kind: str = "",
    through: str = "",
    tag_of: TagOf = _careful,
    registry: Registry = contributed,
) -> TimelinePage:
    """Merge at most `limit` entries over all sources the principal may use.

    They are the newest, or those just `before` or just `after` a place, or (`around`) a place with some newer ones above it.
    `kind` and `through` narrow them; a source that has nothing of that is not read. `tag_of(datum)` says how much of each may be
    said: a source whose datum is hidden is not read either, and a single entry that is hidden is left out of its part, which
    ends where it would end for anybody else.
    """
    sources = [
        source
        for source in registry.timeline_for(principal)
        if _has(source, kind, through) and tag_of(source.datum) != Tag.HIDDEN
    ]

    def part(cut: Cut, most: int) -> tuple[list[TimelineEntry], bool]:
        """The entries of a cut in its order, and whether there are more."""
        read = [_tagged(s, s.reader(principal, source_record_ids, most + 1, cut), tag_of) for s in sources]
        found = list(islice(merge(*read, key=attrgetter("moment"), reverse=cut.after is None), most + 1))
        return found[:most], len(found) > most

    if after is not None:
        newer, more = part(Cut(after=after, through=through), limit)
        entries = newer[::-1]
        return TimelinePage(
            _shown(entries), entries[-1].moment if entries else None, entries[0].moment if more else None
        )
    if around is not None:
        newer, more_above = part(Cut(after=around, through=through), AROUND)
        older, more = part(Cut(before=around, including=True, through=through), limit)
        entries = [*newer[::-1], *older]
        return TimelinePage(
            _shown(entries), older[-1].moment if more and older else None, entries[0].moment if more_above else None
        )
    entries, more = part(Cut(before=before, through=through), limit)
    continues = timezone.localdate(before[0]) if before else None
    return TimelinePage(_shown(entries), entries[-1].moment if more else None, continues=continues)


def _tagged(source: TimelineSource, entries: Iterable[TimelineEntry], tag_of: TagOf) -> Iterator[TimelineEntry]:
    for entry in entries:
        yield replace(entry, tag=tag_of(entry.datum or source.datum))


def _shown(entries: list[TimelineEntry]) -> list[TimelineEntry]:
    return [entry for entry in entries if entry.tag != Tag.HIDDEN]


def kinds_of(principal: Any, *, tag_of: TagOf = _careful, registry: Registry = contributed) -> list[tuple[str, Any]]:
    """The kinds of entries that somebody may see and choose from, with their labels."""
    shown = (s for s in registry.timeline_for(principal) if s.label and tag_of(s.datum) != Tag.HIDDEN)
    return list({s.kind: (s.kind, s.label) for s in shown}.values())


def _has(source: TimelineSource, kind: str, through: str) -> bool:
    return kind in ("", source.kind) and (not through or (source.through is not None and through in source.through))


def spelled(moment: Moment) -> str:
    """A place on a timeline as it stands in an address."""
    return f"{moment[0].isoformat()}~{moment[1]}"


def read_moment(text: str) -> Moment | None:
    """A place on a timeline as it stands in an address; None for what is no such place."""
    stamp, _tilde, key = text.partition("~")
    try:
        at = parse_datetime(stamp)
    except ValueError:
        return None
    return (at, key.replace("\x00", "")) if at is not None and at.tzinfo is not None else None


def part_of(
    rows: QuerySet[M],
    owner_ids: Iterable[int],
    limit: int,
    cut: Cut,
    *,
    at: str,
    key: str,
    prefix: str,
    owner: str = "source_record",
) -> QuerySet[M]:
    """At most `limit` rows of these source records in the part that is asked for: the way for a source to read.

    `at` and `key` name the row's time and its unique key; its entries have the key `prefix` + key, where the prefix
    ("contact:") is the source's own, so that entries of one moment have one order over all sources. `owner` is the column
    that names whose they are. Each owner's rows are read by an index on (owner, time), never more than `limit` of them,
    however many there are.
    """
    ids = list(owner_ids)
    parts = [_cut(rows.filter(**{owner: each}), cut, at=at, key=key, prefix=prefix)[:limit] for each in ids]
    if len(parts) < 2:
        return parts[0] if parts else rows.none()
    first, *others = (part.values("pk") for part in parts)
    nearest = rows.model._base_manager.filter(pk__in=first.union(*others, all=True))
    nearest.query.select_related = rows.query.select_related
    nearest = nearest.prefetch_related(*rows._prefetch_related_lookups)  # type: ignore[attr-defined]  # Django's own
    return nearest.order_by(*_order(cut, at, key))[:limit]


def _order(cut: Cut, at: str, key: str) -> tuple[str, str]:
    return (at, key) if cut.after is not None else (f"-{at}", f"-{key}")


def _cut(rows: QuerySet[M], cut: Cut, *, at: str, key: str, prefix: str) -> QuerySet[M]:
    """Rows whose entries lie in the part that is asked for, in its order."""
    rows = rows.order_by(*_order(cut, at, key))
    if cut.place is None:
        return rows
    moment, last = cut.place
    way = "gt" if cut.after is not None else "lt"
    beyond, up_to = Q(**{f"{at}__{way}": moment}), Q(**{f"{at}__{way}e": moment})
    if not last.startswith(prefix):
        same_moment_too = prefix > last if way == "gt" else prefix < last
        return rows.filter(up_to if same_moment_too else beyond)
    try:
        field: Any = rows.model._meta.get_field(key)
        shown = field.to_python(last.removeprefix(prefix))
    except ValidationError:  # an address that somebody made up
        return rows.filter(beyond)
    same = Q(**{at: moment, f"{key}__{way}{'e' if cut.including else ''}": shown})
    return rows.filter(up_to, beyond | same)  # the first bounds what is read of the index, the second is exact
