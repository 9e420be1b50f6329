"""Writing many rows at once: the way a hundred thousand sales go through the same code as one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection, models
from psycopg.types.json import Jsonb

from apps.core.audit.triggers import tell_who_acts

_COPY_FROM = 500  # rows; fewer are in sooner by one INSERT


def copy_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a model's table, in the caller's transaction. `fields` are model field names, rows hold raw values.

    Foreign keys take ids, JSON fields plain JSON. Database defaults apply to fields left out, Django defaults do not.
    Raises what an INSERT would.
    """
    found: list[Any] = [model._meta.get_field(name) for name in fields]
    names = ", ".join(connection.ops.quote_name(f.column) for f in found)
    table = connection.ops.quote_name(model._meta.db_table)
    is_json = [isinstance(f, models.JSONField) for f in found]
    tell_who_acts(connection.connection, model._meta.db_table)
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        if any(is_json):
            for row in rows:
                copy.write_row([Jsonb(v, _dumps) if j else v for v, j in zip(row, is_json, strict=True)])
        else:
            for row in rows:
                copy.write_row(row)


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Draw `count` primary keys from the model's sequence, so that rows can refer to each other before they are copied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        sequence = cursor.fetchone()[0]
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, count])
        return [row[0] for row in cursor.fetchall()]


def _column(model: type[models.Model], field: str) -> str:
    column: str = getattr(model._meta.get_field(field), "column")  # noqa: B009  relations have none, and are not written
    return column


@lru_cache(maxsize=256)
def _insert_sql(
    model: type[models.Model], fields: tuple[str, ...], returning: tuple[str, ...], on_conflict: str
) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(_column(model, name)) for name in fields)
    # `rel_db_type` is the plain type that a foreign key or an identity column has, without its sequence.
    types = ", ".join(f"{quote(_column(model, n))} {_plain_type(model._meta.get_field(n))}" for n in fields)
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) SELECT {columns} FROM json_to_recordset(%s) AS r({types})"
    if on_conflict:
        sql += f" ON CONFLICT {on_conflict}"
    if returning:
        sql += " RETURNING " + ", ".join(quote(_column(model, name)) for name in returning)
    return sql


def _plain_type(field: Any) -> str:
    if field.is_relation:
        return _plain_type(field.target_field)
    if isinstance(field, models.AutoField | models.BigAutoField):
        return "bigint"
    return str(field.db_type(connection)).split(" CHECK")[0]


def _default(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"cannot write a {type(value).__name__}")


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value, default=_default)


def insert_rows(
    model: type[models.Model],
    fields: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    returning: Sequence[str] = (),
    on_conflict: str = "",
) -> list[tuple[Any, ...]]:
    """Insert any number of rows in one statement, in the caller's transaction; a great many go by COPY.

    `fields` are model field names, `rows` hold their raw values in that order (ids for foreign keys, plain JSON for JSON
    fields). Returns the `returning` columns of the rows that were written; with `on_conflict="DO NOTHING"` those are the
    new ones only.
    """
    if not rows:
        return []
    if len(rows) >= _COPY_FROM and not returning and not on_conflict:
        copy_rows(model, fields, rows)
        return []
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(model, tuple(fields), tuple(returning), on_conflict), [_json(model, fields, rows)])
        return cursor.fetchall() if returning else []


def _json(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    columns = [_column(model, name) for name in fields]
    return orjson.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=_default).decode()


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table: `fields` are model field names, `rows` hold their raw values in that order."""

    model: type[models.Model]
    fields: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


def insert_documents(heads: Rows, parts: Sequence[Rows], *, key: str) -> list[int]:
    """Insert documents with their parts in one statement; return the ids of the documents in their order.

    `key` is the field of a document that is unique. The first field of a part refers to its document, and each of its rows
    begins with the document's key. A great many parts go by COPY.
    """
    if not heads.rows:
        return []
    filled = [part for part in parts if part.rows]
    by_copy = sum(len(part.rows) for part in filled) >= _COPY_FROM
    written = () if by_copy else tuple((part.model, part.fields) for part in filled)
    bodies = [_json(rows.model, rows.fields, rows.rows) for rows in (heads, *(() if by_copy else filled))]
    with connection.cursor() as cursor:
        cursor.execute(_documents_sql(heads.model, heads.fields, written, key), bodies)
        ids = dict(cursor.fetchall())
    if by_copy:
        for part in filled:
            copy_rows(part.model, part.fields, [(ids[row[0]], *row[1:]) for row in part.rows])
    at = heads.fields.index(key)
    return [ids[row[at]] for row in heads.rows]


@lru_cache(maxsize=64)
def _documents_sql(
    head: type[models.Model],
    fields: tuple[str, ...],
    parts: tuple[tuple[type[models.Model], tuple[str, ...]], ...],
    key: str,
) -> str:
    quote = connection.ops.quote_name
    key_column, key_type = quote(_column(head, key)), _plain_type(head._meta.get_field(key))
    steps = [f"head AS ({_insert_sql(head, fields, (key, 'id'), '')})"]
    for n, (model, (link, *own)) in enumerate(parts):
        to_head = quote(_column(model, link))
        columns = "".join(f", {quote(_column(model, name))}" for name in own)
        types = "".join(f", {quote(_column(model, name))} {_plain_type(model._meta.get_field(name))}" for name in own)
        steps.append(
            f"part{n} AS (INSERT INTO {quote(model._meta.db_table)} ({to_head}{columns}) SELECT head.id{columns}"
            f" FROM json_to_recordset(%s) AS r({to_head} {key_type}{types}) JOIN head ON head.{key_column} = r.{to_head})"
        )
    return f"WITH {', '.join(steps)} SELECT {key_column}, id FROM head"
