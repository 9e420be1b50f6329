"""Sending what is in the outbox.

A sender takes one message at a time: it leases the row in a short transaction, sends outside any transaction, and writes
down how it went if the lease is still its own. Several senders work side by side. Should one die while sending, the
lease runs out and another sends again, under the same Message-ID: SMTP cannot tell whether the first try arrived, and a
customer is better off with a mail twice than never.
"""

import datetime as dt
import logging
import smtplib
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.customers.services.confirming import stop_link
from apps.customers.services.consenting import may_write_to
from apps.messages.models import Message
from apps.messages.tasks import nudge_sender

log = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=5)  # longer than any try at sending takes
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=15), dt.timedelta(hours=1)
MAX_ATTEMPTS = 10  # over some seven hours
Status = Message.Status


def send_due(*, limit: int = 200) -> int:
    """Send what is due, at most `limit` messages; return how many were sent.

    When the mail server is away nothing is tried, so that an outage costs no message its attempts.
    """
    sent = 0
    connection = get_connection()
    try:
        for _turn in range(limit):
            if not _due().exists():
                break
            connection.open()
            if (message := _lease()) is not None:
                sent += _send(message, connection)
    except OSError:  # smtplib's own errors are among them
        log.exception("the mail server cannot be reached")
    finally:
        _close(connection)
    return sent


def _due() -> QuerySet[Message]:
    return Message.objects.filter(status__in=[Status.QUEUED, Status.SENDING], due_at__lte=timezone.now())


@transaction.atomic
def _lease() -> Message | None:
    """Take the message that has been due longest, so that nobody else sends it meanwhile."""
    message = _due().select_for_update(skip_locked=True).order_by("due_at").first()
    if message is None:
        return None
    message.status = Status.SENDING
    message.attempts += 1
    message.due_at = timezone.now() + LEASE
    message.save(update_fields=["status", "attempts", "due_at"])
    return message


def _send(message: Message, connection: Any) -> bool:
    if not _is_allowed(message):
        _write_down(message, status=Status.WITHHELD, error="")
        return False
    try:
        _as_mail(message, connection).send()
    except Exception as error:  # whatever goes wrong with one message, the next one is sent
        _close(connection)
        _failed(message, error)
        return False
    return _write_down(message, status=Status.SENT, sent_at=timezone.now(), error="")


def _is_allowed(message: Message) -> bool:
    """Marketing is asked about once more: whoever withdrew since it was queued gets nothing."""
    if not message.purpose:
        return True
    record_id = message.source_record_id
    return record_id is not None and may_write_to(record_id, purpose=message.purpose, address=message.address)


def _as_mail(message: Message, connection: Any) -> EmailMessage:
    stop = {}
    if message.purpose and message.source_record is not None:
        link = stop_link(message.source_record, message.purpose)
        stop = {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
    return EmailMessage(
        subject=message.subject,
        body=message.body,
        to=[message.address],
        connection=connection,
        headers={
            "Message-ID": f"<{message.key}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.locale,
            **stop,
        },
    )


def _failed(message: Message, error: Exception) -> None:
    """Try again later, with a growing pause; give up when the other side says that it never will, or after enough tries."""
    log.warning("message %s: attempt %s failed", message.key, message.attempts, exc_info=error)
    final = message.attempts >= MAX_ATTEMPTS or _is_final(error)
    pause = min(FIRST_PAUSE * 4 ** (message.attempts - 1), LONGEST_PAUSE)
    _write_down(
        message,
        status=Status.FAILED if final else Status.QUEUED,
        due_at=timezone.now() + pause,
        error=f"{type(error).__name__}: {error}"[:240],
    )


def _is_final(error: Exception) -> bool:
    """Whether the server refused this message for good (a 5xx reply), rather than being busy or away."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _reply in error.recipients.values())
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return False  # our own settings are wrong, not the message
    return isinstance(error, smtplib.SMTPResponseException) and 500 <= error.smtp_code < 600


def _write_down(message: Message, **outcome: Any) -> bool:
    """Note the outcome, unless the lease ran out and somebody else took the message over."""
    ours = Message.objects.filter(pk=message.pk, status=Status.SENDING, attempts=message.attempts)
    return bool(ours.update(**outcome))


def _close(connection: Any) -> None:
    try:
        connection.close()
    except Exception:
        log.info("the mail connection did not close cleanly", exc_info=True)


def check_failed(message: Message) -> None:
    """Raise Conflict for a message that was sent, or will be."""
    if message.status != Status.FAILED:
        raise Conflict(_("This message has not failed."))


@transaction.atomic
def send_again(*, message: Message) -> Message:
    """Put a message that failed back in the outbox. Raises Conflict for one that did not fail."""
    again = Message.objects.select_for_update().get(pk=message.pk)
    check_failed(again)
    again.status, again.attempts, again.due_at = Status.QUEUED, 0, timezone.now()
    again.save(update_fields=["status", "attempts", "due_at"])
    transaction.on_commit(nudge_sender, robust=True)
    return again
