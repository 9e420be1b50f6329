"""The audit trail of the object of a page, in words: who, when, through what, what it was and is, and why."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.accounts.naming import names_of
from apps.core.acting import Source
from apps.core.audit.models import Change
from apps.core.audit.trail import Entry, trail_of
from apps.portal import formats
from apps.portal.csv_files import csv_for_people
from apps.portal.registry import contributed

PAGE = 20
MOST = 10_000
"""How many entries go into a file."""


@dataclass(frozen=True)
class FieldChange:
    label: Any
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """An entry as people read it."""

    at: dt.datetime
    what: Any
    who: str
    source: str
    request_id: str
    reason: str
    fields: list[FieldChange]


@dataclass(frozen=True)
class Trail:
    """The newest entries of an object, and the moment before which older ones lie."""

    entries: list[Told]
    before: str

    @classmethod
    def of(cls, object_type: str, object_key: str, before: str = "") -> "Trail":
        moment = _day_or_moment(before)
        moment = moment if isinstance(moment, dt.datetime) else None  # an address that somebody made up
        found = trail_of(object_type, object_key, limit=PAGE + 1, before=moment)
        return cls(_told(found[:PAGE]), found[PAGE - 1].at.isoformat() if len(found) > PAGE else "")


def _day_or_moment(text: str) -> dt.date | dt.datetime | None:
    """The day or the moment that a text says; None for any other text, such as a code that looks like a day."""
    try:
        found = parse_date(text) if len(text) == 10 else parse_datetime(text)
    except ValueError:
        return None
    return None if isinstance(found, dt.datetime) and found.tzinfo is None else found


def trail_file(object_type: str, object_key: str) -> Iterator[bytes]:
    """The whole trail as CSV for a spreadsheet, newest first: a row for each field, one for an act that changed none."""
    heads = [_("When"), _("What"), _("Who"), _("Through"), _("Field"), _("Was"), _("Is"), _("Reason"), _("Request")]
    rows: list[list[Any]] = [heads]
    for told in _told(trail_of(object_type, object_key, limit=MOST)):
        for change in told.fields or [FieldChange("", "", "")]:
            act = [told.at, told.what, told.who, told.source]
            rows.append([*act, change.label, change.before, change.after, told.reason, told.request_id])
    return csv_for_people(rows)


def _told(entries: Sequence[Entry]) -> list[Told]:
    names = names_of(entry.actor for entry in entries if entry.actor)
    words = _Words(entries)
    return [words.tell(entry, names.get(entry.actor, "")) for entry in entries]


class _Words:
    """Turns columns and stored values into labels and words; rows that values point at are read once per model."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.models = {model._meta.db_table: model for model in apps.get_models()}
        self.pointed: dict[tuple[type[Model], Any], str] = {}
        wanted: dict[type[Model], set[Any]] = {}
        for entry in entries:
            for column, values in (entry.fields or {}).items():
                field = self._field(entry.table, column)
                if field is not None and field.is_relation and field.related_model:
                    wanted.setdefault(field.related_model, set()).update(v for v in values if v is not None)
        for model, keys in wanted.items():
            for row in model._base_manager.filter(pk__in=keys):
                self.pointed[model, row.pk] = str(row)

    def tell(self, entry: Entry, name: str) -> Told:
        fields = [self._field_change(entry.table, column, *values) for column, values in (entry.fields or {}).items()]
        source = Source(entry.source).label if entry.source in Source.values else ""
        return Told(entry.at, self._what(entry), name, str(source), entry.request_id, entry.reason, fields)

    def _what(self, entry: Entry) -> Any:
        if entry.topic:
            return contributed.words_for(entry.topic)
        if entry.kind == Change.Kind.REASON:
            return capfirst(str(Change.Kind.REASON.label))
        model = self.models.get(entry.table)
        thing = capfirst(str(model._meta.verbose_name)) if model else entry.table
        return _("%(thing)s %(done)s") % {"thing": thing, "done": Change.Kind(entry.kind).label}

    def _field(self, table: str, column: str) -> "Field[Any, Any] | None":
        model = self.models.get(table)
        fields = model._meta.concrete_fields if model else ()
        return next((field for field in fields if field.column == column), None)

    def _field_change(self, table: str, column: str, before: Any, after: Any) -> FieldChange:
        field = self._field(table, column)
        label = capfirst(str(field.verbose_name)) if field is not None else column
        return FieldChange(label, self._value(field, before), self._value(field, after))

    def _value(self, field: "Field[Any, Any] | None", value: Any) -> str:
        if value is None or value == "":
            return "–"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if field is not None and field.is_relation:
            return self.pointed.get((field.related_model, value), str(value))  # type: ignore[arg-type]  # of a foreign key
        if field is not None and field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, str) and len(value) >= 10 and value[4:5] == "-":
            day = _day_or_moment(value)
            return formats.when(timezone.localtime(day) if isinstance(day, dt.datetime) else day) if day else value
        return formats.quantity(str(value)) if isinstance(value, int | float) else str(value)
