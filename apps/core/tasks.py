"""Background work of the mechanisms."""

import logging
import time

from celery import shared_task

from apps.core.comparing.runs import compare_if_due
from apps.core.events.subscribers import catch_up
from apps.core.idempotency.service import forget_older_than
from apps.core.jobs.running import run_job
from apps.core.jobs.sweeping import clear_up, send_waiting

log = logging.getLogger(__name__)


@shared_task(name="core.read_events", ignore_result=True)
def read_events() -> None:
    """Let subscribers read on. Sent after each commit that recorded an event, and by a sweep every few seconds."""
    catch_up()


@shared_task(name="core.forget_idempotency_keys", ignore_result=True)
def forget_idempotency_keys() -> None:
    """Drop keys older than the seven days that callers may repeat them."""
    forget_older_than(7)


JOB_MAY_TAKE_S = 6 * 3600


@shared_task(
    name="core.run_job",
    ignore_result=True,
    acks_late=False,  # the job's row says what is still to be done, so a message is only a hint
    soft_time_limit=JOB_MAY_TAKE_S,
    time_limit=JOB_MAY_TAKE_S + 60,
)
def run_queued_job(key: str) -> None:
    """Run a job, if nobody else does. Sent on the commit that wrote it, and by the sweep."""
    run_job(key)


@shared_task(name="core.send_waiting_jobs", ignore_result=True)
def send_waiting_jobs() -> None:
    """Send again what the broker lost, and what a worker left behind."""
    send_waiting()


@shared_task(name="core.clear_up_jobs", ignore_result=True)
def clear_up_jobs() -> None:
    """Delete what was kept of jobs long enough."""
    clear_up()


@shared_task(name="core.compare_books", ignore_result=True)
def compare_books() -> None:
    """Compare every running figure with its ledger, once a day."""
    compare_if_due()


_NUDGE_EVERY_S = 0.25
_last_nudge = 0.0


def nudge_readers() -> None:
    """Ask a worker to read on, at most a few times a second per process; the sweep covers the commits in between.

    A broker that is away is no reason to fail the request either.
    """
    global _last_nudge
    now = time.monotonic()
    if now - _last_nudge < _NUDGE_EVERY_S:
        return
    _last_nudge = now
    try:
        read_events.apply_async(ignore_result=True, retry=False)
    except Exception:
        log.warning("could not nudge the event readers; the sweep will pick it up", exc_info=True)
