"""Background work of the mechanisms."""

import logging
import time

from celery import shared_task

from apps.core.events.subscribers import catch_up
from apps.core.idempotency.service import forget_older_than

log = logging.getLogger(__name__)


@shared_task(name="core.read_events", ignore_result=True)
def read_events() -> None:
    """Let subscribers read on. Sent after each commit that recorded an event, and by a sweep every few seconds."""
    catch_up()


@shared_task(name="core.forget_idempotency_keys", ignore_result=True)
def forget_idempotency_keys() -> None:
    """Drop keys older than the seven days that callers may repeat them."""
    forget_older_than(7)


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
