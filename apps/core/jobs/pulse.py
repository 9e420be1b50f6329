"""The sign of life of a running job, on a connection of its own.

A thread renews the lease and publishes progress every second, whatever the work does meanwhile; that way work in one long
transaction shows how far it is too. It also learns that somebody asked to stop, or that another runner took over.
"""

import logging
import threading
from types import TracebackType
from typing import Self

from django.db import connection

from apps.core.jobs.models import Job

log = logging.getLogger(__name__)

LEASE_S = 30
BEAT_S = 1.0


class Pulse:
    """Renews the lease of one attempt while the `with` block runs. `cancelled` and `lost` tell what it learnt."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.cancelled = False
        self.lost = False
        self.done, self.total, self.message = job.done, job.total, job.message
        self._over = threading.Event()
        # Inside somebody's transaction no other connection sees the job yet, nor can anybody take it over.
        self._thread = None if connection.in_atomic_block else threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._over.wait(BEAT_S) and not self.lost:
                try:
                    self._write()
                except Exception:
                    # The lease may run out now; whoever took over is told apart by the attempt.
                    log.warning("job %s: no sign of life could be given", self.job.key, exc_info=True)
                    connection.close()
        finally:
            connection.close()

    def _write(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE core_job SET lease_until = statement_timestamp() + make_interval(secs => %s::float8),
                       done = %s, total = %s, message = %s
                 WHERE id = %s AND attempt = %s AND state = 'running' RETURNING cancel_asked_at
                """,
                [LEASE_S, self.done, self.total, self.message[:240], self.job.pk, self.job.attempt],
            )
            row = cursor.fetchone()
        if row is None:
            # Also when the work has just written that it is done; then nobody asks any more.
            self.lost = True
        elif row[0] is not None:
            self.cancelled = True
