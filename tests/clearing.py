"""After a test whose work was committed: its rows are deleted, and nothing else is done.

Django would truncate every table and then announce a migration, which takes half a second; hundreds of tests commit.
"""

from functools import cache

from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase

from apps.service import standard

# Written when Django announces a migration, and by nobody else.
_OF_THE_CODE = {"django_content_type", "auth_permission"}


def instead_of_flushing() -> None:
    """From now on that is what happens after a test."""
    TransactionTestCase._fixture_teardown = lambda _self: clear()  # type: ignore[method-assign]  # that is the point


def clear() -> None:
    """Delete the rows of all tables, whoever still writes any being waited for."""
    if not _may_silence_triggers():  # on a server of somebody else's
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute(f"LOCK TABLE {', '.join(_tables())}")
        cursor.execute("SET LOCAL session_replication_role = replica")  # neither triggers nor keys
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in _tables())
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")
    standard.add_standard_topics()


@cache
def _may_silence_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')::boolean")
        return bool(cursor.fetchone()[0])


@cache
def _tables() -> tuple[str, ...]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(connection.ops.quote_name(name) for name in sorted(set(names) - _OF_THE_CODE))
