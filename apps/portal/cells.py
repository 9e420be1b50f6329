"""How the cells of a table are read and written, found out once for a column instead of once for every cell."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from html import unescape
from inspect import signature
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db.models import Model
from django.utils.html import conditional_escape, format_html, strip_tags
from django.utils.safestring import SafeString
from django_tables2.columns import BoundColumn

from apps.portal.remembering import with_list

Reader = Callable[[Any], Any]


def content_of(column: BoundColumn, table: Any, record: Any) -> Any:
    """What a column says of a record, as it stands on the page; the column's default where it says nothing."""
    kind: Any = type(record)
    value = _reader_of(kind, str(column.accessor))(record)
    if value in column.column.empty_values:
        return column.default
    render = column.render
    offered = {"value": value, "record": record, "column": column.column, "bound_column": column, "table": table}
    content = render(**{name: offered[name] for name in _wanted(render.__func__)})
    return _linked(column, table, record, content) if column.link else content


def value_of(column: BoundColumn, table: Any, record: Any) -> Any:
    """What a column says of a record, for a file: numbers and moments as they are, all else as text without markup."""
    kind: Any = type(record)
    value = _reader_of(kind, str(column.accessor))(record)
    return value if column.column.keeps_value and value is not None else _text(content_of(column, table, record))


def stored_of(column: BoundColumn, table: Any, record: Any) -> Any:
    """As `value_of`, with codes for words: what a program can compare."""
    kind: Any = type(record)
    value = _reader_of(kind, str(column.accessor), worded=False)(record)
    is_plain = isinstance(value, str | int | Decimal | dt.date)
    return value if is_plain else _text(content_of(column, table, record))


def _text(content: Any) -> str:
    return unescape(strip_tags(str(content))).replace("\N{NO-BREAK SPACE}", " ").strip()


@cache
def _reader_of(kind: Any, path: str, *, worded: bool = True) -> Reader:
    """How the value at a path ("contact__name") is read from records of a kind: the words of a choice, else the value."""
    if not issubclass(kind, Model):
        return lambda record: _resolve(record, path)
    labels = _labels_of(kind, path) if worded else None
    names = path.split("__")

    def read(record: Any) -> Any:
        try:
            for name in names:
                record = getattr(record, name)
                if record is None:
                    return None
        except (ObjectDoesNotExist, AttributeError):  # nothing there, or a column that only its own `render` fills
            return None
        if labels is not None:
            return str(labels.get(record, record))
        return record() if callable(record) else record

    return read


def _resolve(record: Any, path: str) -> Any:
    for name in path.split("__"):
        record = record[name] if isinstance(record, dict) else getattr(record, name)
    return record() if callable(record) else record


def _labels_of(kind: Any, path: str) -> dict[Any, Any] | None:
    """The words of the choices of the field at the end of a path, if it is a field with choices."""
    *way, last = path.split("__")
    try:
        for name in way:
            kind = kind._meta.get_field(name).related_model
        choices = kind._meta.get_field(last).flatchoices
    except (FieldDoesNotExist, AttributeError):
        return None
    return dict(choices) or None


@cache
def _wanted(render: Callable[..., Any]) -> tuple[str, ...]:
    _self, *names = signature(render).parameters
    return tuple(names)


def _linked(column: BoundColumn, table: Any, record: Any, content: Any) -> SafeString:
    """The content as a link to the object the column is about, else to the record, which learns what list it stood in."""
    own: Any = getattr(record, column.name, None)
    other = hasattr(own, "get_absolute_url")
    url = own.get_absolute_url() if other else with_list(record.get_absolute_url(), table.address)
    return format_html('<a href="{}">{}</a>', url, conditional_escape(content))
