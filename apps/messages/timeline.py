"""Mail on the customer's timeline."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.messages.models import Message
from apps.portal.contributions import Cut, Through, TimelineEntry
from apps.portal.timeline import part_of

PREFIX = "message:"
RECEIPT_PREFIX = "receipt:"
RECEIPT = "receipt"


def messages_to(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    """Mail that is no receipt."""
    rows = Message.objects.visible_to(principal).exclude(template=RECEIPT)
    for message in part_of(rows, source_record_ids, limit, cut, at="queued_at", key="key", prefix=PREFIX):
        said = _("Mail to the customer: %(subject)s")
        yield _entry(message, PREFIX, kind="message", icon="mail", title=said % {"subject": message.subject})


def receipts_to(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    """Receipts that were mailed."""
    rows = Message.objects.visible_to(principal).filter(template=RECEIPT)
    for message in part_of(rows, source_record_ids, limit, cut, at="queued_at", key="key", prefix=RECEIPT_PREFIX):
        yield _entry(message, RECEIPT_PREFIX, kind="receipt", icon="receipt", title=message.subject)


def _entry(message: Message, prefix: str, *, kind: str, icon: str, title: str) -> TimelineEntry:
    return TimelineEntry(
        at=message.queued_at,
        key=f"{prefix}{message.key}",
        kind=kind,
        icon=icon,
        title=title,
        where=message.get_status_display(),
        url=message.get_absolute_url(),
        through=Through.ONLINE,
    )
