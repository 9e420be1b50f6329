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
    -- What comes into being while nobody acts (the demo, a migration) is a beginning, not a change.
    IF kind = 'insert' AND COALESCE(act ->> 'source', 'system') = 'system' THEN RETURN; END IF;
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


def audited(
    object_type: str, *, key: str, table: str, unsaid: tuple[str, ...] = (), made_too: bool = False
) -> pgtrigger.Trigger:
    """A trigger that writes changes of a table down. `key` is SQL over `row` for the key of the thing it belongs to;
    columns that are nobody's business (passwords) are `unsaid`. With `made_too` rows that are added count as a change:
    for parts of a thing, such as its prices."""
    _tables.add(table)
    hidden = "ARRAY[" + ", ".join(f"'{name}'" for name in unsaid) + "]::text[]"
    operation = pgtrigger.Update | pgtrigger.Delete
    return pgtrigger.Trigger(
        name="audited",
        when=pgtrigger.After,
        operation=operation | pgtrigger.Insert if made_too else operation,
        declare=[("row", "record")],
        func=f"""
            IF TG_OP = 'DELETE' THEN row := OLD; ELSE row := NEW; END IF;
            PERFORM core_write_down_change(
                '{object_type}', ({key})::text, '{table}', lower(TG_OP),
                CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) END,
                CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) END, {hidden});
            RETURN NULL;
        """,
    )


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
        act = current_act()
        told = {"actor": act.actor, "source": act.source, "request_id": act.request_id, "reason": act.reason}
        # By the cursor's own connection, past this wrapper: no endless loop, and it holds for the next statement.
        with context["connection"].connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, json.dumps(told)])
    return execute(sql, params, many, context)
