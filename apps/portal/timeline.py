"""One timeline out of what every app knows of a customer.

One statement over all sources says what lies in a part of it, as places; then what is shown is read, from each source its own
(docs/decisions/0046-one-statement-says-what-comes-next.md).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.core.statements import Statements
from apps.portal.contributions import Moment, TimelineEntry, TimelineReader
from apps.portal.discretion import Tag, TagOf
from apps.portal.entries import TimelineSource
from apps.portal.registry import Registry, contributed

PART = 20
"""How many entries are read at once: more than a screen holds, and the next come as one reads on."""

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
    limit: int = PART,
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

    def part(cut: _Cut, most: int) -> tuple[list[_Place], bool]:
        """The places of a cut in its order, and whether there are more."""
        found = _nearest(sources, principal, source_record_ids, cut, through, most + 1)
        return found[:most], len(found) > most

    if after is not None:
        newer, more = part(_Cut(after=after), limit)
        places = newer[::-1]
        entries = _told(places, tag_of)
        return TimelinePage(entries, places[-1].moment if places else None, places[0].moment if more else None)
    if around is not None:
        newer, more_above = part(_Cut(after=around), AROUND)
        older, more = part(_Cut(before=around, including=True), limit - AROUND)
        places = [*newer[::-1], *older]
        return TimelinePage(
            _told(places, tag_of), older[-1].moment if more else None, places[0].moment if more_above else None
        )
    places, more = part(_Cut(before=before), limit)
    continues = timezone.localdate(before[0]) if before else None
    return TimelinePage(_told(places, tag_of), places[-1].moment if more else None, continues=continues)


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


# --- what lies where --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Cut:
    """Which part of a timeline is read: what came before a place, newest first; or what came after it, nearest first.

    Without a place it begins at the newest. `including` takes the place itself along.
    """

    before: Moment | None = None
    after: Moment | None = None
    including: bool = False

    @property
    def place(self) -> Moment | None:
        return self.after or self.before

    @property
    def way(self) -> str:
        """How the places of it compare to its own: <, <=, > or >=; "" where it has none."""
        return "" if self.place is None else (">" if self.after else "<") + ("=" if self.including else "")


@dataclass(frozen=True)
class _Place:
    """Where an entry of a source lies."""

    source: TimelineSource
    moment: Moment


# Of each owner the nearest rows, by the index on owner and time. The planner opens up what the source says of its rows.
_OF_A_SOURCE = """
SELECT {number} AS source, nearest.at, nearest.key FROM ({owners}) AS whose(id) CROSS JOIN LATERAL (
    SELECT told.at, {key} AS key FROM ({rows}) AS told(owner, at, key)
     WHERE told.owner = whose.id{within} ORDER BY 1 {way}, 2 {way} LIMIT {most}) AS nearest"""
_OF_ALL = "SELECT source, at, key FROM ({each}) AS found ORDER BY at {way}, key {way} LIMIT {most}"


def _nearest(
    sources: Sequence[TimelineSource],
    principal: Any,
    source_record_ids: Sequence[int],
    cut: _Cut,
    through: str,
    most: int,
) -> list[_Place]:
    """At most `most` places of a cut in its order, over all sources, in one statement; no source reads more of an owner."""
    at, key = cut.place or (None, None)
    readers = tuple(source.reader for source in sources)
    found = _places.ask(principal, readers, through, cut.way, most, records=source_record_ids, at=at, key=key)
    return [_Place(sources[number], (at, key)) for number, at, key in found]


def _written(
    principal: Any, blanks: Mapping[str, Any], readers: Sequence[TimelineReader[Any]], through: str, way: str, most: int
) -> tuple[str, list[Any]]:
    """The statement over these readers, for a cut of this way.

    How many places it gives stands in its text, and one record in no array: the database then knows without their values that
    there is little to do, and plans it once.
    """
    order = "ASC" if ">" in way else "DESC"
    records = blanks["records"]
    if not records:
        return "", []
    themselves = (
        ("SELECT %s::bigint", list(records))
        if len(records) == 1
        else ("SELECT unnest(%s::bigint[])", [blanks["records_array"]])
    )
    each: list[str] = []
    parameters: list[Any] = []
    for number, reader in enumerate(readers):
        try:
            rows, of_rows = _sql(reader.rows(principal, through).values_list(reader.owner, reader.at, reader.key))
            named = reader.owners(principal, records)
            owners, of_owners = themselves if named is None else _sql(named)
        except EmptyResultSet:  # nothing of it is within reach
            continue
        key = "lpad(told.key::text, 20, '0')" if reader.has_numbers else "told.key::text"
        key = f"('{reader.prefix}' || {key}) COLLATE \"C\""  # as texts are compared here too
        within, of_cut = _within(way, key, blanks)
        each.append(
            _OF_A_SOURCE.format(number=number, owners=owners, key=key, rows=rows, within=within, way=order, most=most)
        )
        parameters += [*of_owners, *of_rows, *of_cut]
    if not each:
        return "", []
    return _OF_ALL.format(each=" UNION ALL ".join(each), way=order, most=most), parameters


_places = Statements(_written)


def _sql(rows: QuerySet[Any, Any]) -> tuple[str, Sequence[Any]]:
    return rows.order_by().query.sql_with_params()


def _within(way: str, key: str, blanks: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The condition that a row lies in a cut. Its first half bounds what is read of the index, the second is exact."""
    if not way:
        return "", []
    condition = f" AND told.at {way[0]}= %s AND (told.at {way[0]} %s OR {key} {way} %s)"
    return condition, [blanks["at"], blanks["at"], blanks["key"]]


# --- what is said of it -----------------------------------------------------------------------------------------------


def _told(places: Sequence[_Place], tag_of: TagOf) -> list[TimelineEntry]:
    """The entries of places, in their order and without what is hidden; those of one source are read together."""
    keys: dict[str, list[str]] = {}
    by_name = {place.source.name: place.source for place in places}
    for place in places:
        keys.setdefault(place.source.name, []).append(place.moment[1])
    told = {}
    for name, source in by_name.items():
        reader = source.reader
        for entry in reader.entries(reader.read(keys[name])):
            told[entry.key] = replace(entry, tag=tag_of(entry.datum or source.datum))
    entries = (told[place.moment[1]] for place in places if place.moment[1] in told)
    return [entry for entry in entries if entry.tag != Tag.HIDDEN]
