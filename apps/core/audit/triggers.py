"""Putting a table under audit: one line in its Meta.

    triggers = [audited("location", key="row.code")]

The trigger knows the tables, the connection knows who acts: `telling` sets it before every statement that writes to an
audited table, and only then, so that ordering and selling pay nothing for it.
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pgtrigger
from django.db.backends.signals import connection_created

from apps.core.acting import current_act

SETTING = "toonbank.act"

WRITE_DOWN = f"""
CREATE OR REPLACE FUNCTION core_write_down_change(
    object_type text, object_key text, tbl text, kind text, before jsonb, after jsonb, unsaid text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    act jsonb := COALESCE(NULLIF(current_setting('{SETTING}', true), ''), '{{}}')::jsonb;
    changed jsonb;
BEGIN
    SELECT jsonb_object_agg(column_name, jsonb_build_array(before -> column_name, after -> column_name)) INTO changed
      FROM (SELECT jsonb_object_keys(COALESCE(after, before)) AS column_name) AS columns
     WHERE (before -> column_name) IS DISTINCT FROM (after -> column_name)
       AND column_name <> 'id' AND NOT column_name = ANY (unsaid);
    IF changed IS NULL THEN RETURN; END IF;
    INSERT INTO core_change (at, object_type, object_key, "table", kind, fields, actor, source, request_id, reason)
    VALUES (clock_timestamp(), object_type, object_key, tbl, kind, changed,
            COALESCE(act ->> 'actor', 'system'), COALESCE(act ->> 'source', 'system'),
            COALESCE(act ->> 'request_id', ''), COALESCE(act ->> 'reason', ''));
END $$;
"""

_tables: set[str] = set()
_WRITES = re.compile(r'\s*(?:WITH\b.*?)?(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE | re.DOTALL)


def audited(object_type: str, *, key: str, table: str, unsaid: tuple[str, ...] = ()) -> pgtrigger.Trigger:
    """A trigger that writes changes of a table down. `key` is SQL over `row` for the key of the thing it belongs to;
    columns that are nobody's business (passwords) are `unsaid`."""
    _tables.add(table)
    return pgtrigger.Trigger(
        name="audited",
        when=pgtrigger.After,
        operation=pgtrigger.Update | pgtrigger.Delete,
        declare=[("row", "record")],
        func=f"""
            IF TG_OP = 'DELETE' THEN row := OLD; ELSE row := NEW; END IF;
            PERFORM core_write_down_change(
                '{object_type}', ({key})::text, '{table}', lower(TG_OP), to_jsonb(OLD),
                CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) END, {_array(unsaid)});
            RETURN NULL;
        """,
    )


def audited_when_added(object_type: str, *, key: str, table: str, unsaid: tuple[str, ...] = ()) -> pgtrigger.Trigger:
    """A trigger that writes down what is added, too: for parts of a thing, such as its prices. Beside `audited`.

    It runs once a statement, not once a row: a file may bring a hundred thousand, and a look-up planned for the first
    of them, when the table was empty, would read all of it for each of the rest.
    """
    _tables.add(table)
    return pgtrigger.Trigger(
        name="audited_when_added",
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="added"),  # type: ignore[no-untyped-call]  # the library leaves it untyped
        declare=[("act", "jsonb")],
        func=f"""
            act := COALESCE(NULLIF(current_setting('{SETTING}', true), ''), '{{}}')::jsonb;
            -- What comes into being while nobody acts (the demo, a migration) is a beginning, not a change.
            IF COALESCE(act ->> 'source', 'system') = 'system' THEN RETURN NULL; END IF;
            INSERT INTO core_change (at, object_type, object_key, "table", kind, fields, actor, source, request_id, reason)
            SELECT clock_timestamp(), '{object_type}', ({key})::text, '{table}', 'insert',
                   (SELECT jsonb_object_agg(said.key, jsonb_build_array(NULL, said.value))
                      FROM jsonb_each(to_jsonb(row)) AS said
                     WHERE said.key <> 'id' AND NOT said.key = ANY ({_array(unsaid)})),
                   COALESCE(act ->> 'actor', 'system'), act ->> 'source', COALESCE(act ->> 'request_id', ''),
                   COALESCE(act ->> 'reason', '')
              FROM added AS row;
            RETURN NULL;
        """,
    )


def _array(names: tuple[str, ...]) -> str:
    return "ARRAY[" + ", ".join(f"'{name}'" for name in names) + "]::text[]"


def listen() -> None:
    """Have every connection tell who acts, from the moment it is made."""
    connection_created.connect(_listen_on, dispatch_uid="audit")


def _listen_on(connection: Any, **_kwargs: Any) -> None:
    if telling not in connection.execute_wrappers:
        connection.execute_wrappers.append(telling)


@lru_cache(maxsize=4096)
def _writes_audited(sql: str) -> bool:
    """Whether a statement writes to an audited table. The same texts come again and again; looking through one takes as long
    as the statement itself."""
    written = _WRITES.match(sql)
    return written is not None and written[1] in _tables


def telling(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """An execute wrapper: before a statement that writes to an audited table, tell the database who acts."""
    if isinstance(sql, str) and _writes_audited(sql):
        _tell(context["connection"].connection)
    return execute(sql, params, many, context)


def tell_who_acts(raw: Any, table: str) -> None:
    """The same before rows are copied into a table, which no execute wrapper sees; `raw` is psycopg's connection."""
    if table in _tables:
        _tell(raw)


def _tell(raw: Any) -> None:
    act = current_act()
    told = {"actor": act.actor, "source": act.source, "request_id": act.request_id, "reason": act.reason}
    # By psycopg's own cursor, past the wrapper: no endless loop, and it holds for the next statement.
    with raw.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, json.dumps(told)])
