"""Background work of access: webhooks."""

import logging

from celery import shared_task

log = logging.getLogger(__name__)


@shared_task(name="accounts.send_webhooks", ignore_result=True)
def send_webhooks() -> None:
    """Send what is due. Asked for after each commit that queued some, and by the clock for what must be tried again."""
    from apps.accounts.webhooks.sending import send_due  # which queues, and so asks for this task

    send_due()


@shared_task(name="accounts.clear_webhooks", ignore_result=True)
def clear_webhooks() -> None:
    """Give up what waited too long, and forget what is old."""
    from apps.accounts.webhooks.clearing import clear_up

    clear_up()


def nudge_sender() -> None:
    """Ask a worker to send; if the broker is away, the clock will."""
    try:
        send_webhooks.apply_async(retry=False)
    except Exception:
        log.warning("could not nudge the sender of webhooks; the clock will", exc_info=True)
