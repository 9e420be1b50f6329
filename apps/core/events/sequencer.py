"""The sequencer: gives committed events their position.

Ids are drawn before a transaction commits, so a reader that follows ids misses a row that commits late. The sequencer
stamps, one run at a time, whatever is committed and unstamped; a row that commits later gets a later position. Events of
one object are written under that object's row lock, so within an object id order is commit order.
"""

from django.db import connection, transaction

_LOCK = 7_300_001  # advisory lock key of the sequencer


@transaction.atomic
def stamp(limit: int = 20_000) -> int:
    """Give up to `limit` committed events a position, in id order; return how many were stamped."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(
            """
            WITH head AS (SELECT COALESCE(MAX(position), 0) AS position FROM core_event),
                 fresh AS (
                    SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS n
                      FROM (SELECT id FROM core_event WHERE position IS NULL ORDER BY id LIMIT %s) AS unstamped)
            UPDATE core_event AS event SET position = head.position + fresh.n
              FROM head, fresh WHERE event.id = fresh.id
            """,
            [limit],
        )
        return int(cursor.rowcount)


def head() -> int:
    """The position of the last stamped event; 0 for an empty log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(position), 0) FROM core_event")
        return int(cursor.fetchone()[0])
