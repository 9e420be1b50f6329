"""Two transactions about the same rows, the second of which has to wait for the first: real threads."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction


def while_another_waits(
    first: Callable[[], Any], second: Callable[[], Any], *, then: Callable[[], Any] = lambda: None
) -> Any:
    """Run `first`, begin `second` in a thread, end the transaction of `first` once `second` waits for it; what `second` gave.

    `then` is what the first one does while the second waits.
    """

    def run() -> Any:
        try:
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            running: Future[Any] = pool.submit(run)
            until = time.monotonic() + 20
            while not _somebody_waits_for_me():
                assert not running.done(), "the second did not wait for the first"
                assert time.monotonic() < until, "the second waited for something else"
                time.sleep(0.01)
            then()
        return running.result(timeout=30)


def until_so_many_wait(number: int) -> None:
    """Come back once so many connections to this database wait for a lock."""
    until = time.monotonic() + 20
    while _waiting() < number:
        assert time.monotonic() < until, "they do not wait"
        time.sleep(0.01)


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # who came since this transaction began
        cursor.execute(
            """
            SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
             WHERE NOT granted AND datname = current_database()
            """
        )
        return int(cursor.fetchone()[0])


def _somebody_waits_for_me() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])
