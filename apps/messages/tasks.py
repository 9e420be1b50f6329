"""Background work of the outbox."""

import logging

from celery import shared_task

log = logging.getLogger(__name__)


@shared_task(name="messages.send_due", ignore_result=True)
def send_due_messages() -> None:
    """Send what is due. Asked for after each commit that queued mail, and by the clock for what must be tried again."""
    from apps.messages.services.sending import send_due  # the services ask for this task

    send_due()


def nudge_sender() -> None:
    """Ask a worker to send; if the broker is away, the clock will."""
    try:
        send_due_messages.apply_async(retry=False)
    except Exception:
        log.warning("could not nudge the sender; the clock will", exc_info=True)
