"""Mail on the customer's timeline."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.messages.models import Message
from apps.portal.contributions import Through, TimelineEntry, TimelineReader

RECEIPT = "receipt"
_SAID = ("key", "subject", "status", "queued_at")


class Mail(TimelineReader[Message]):
    """Mail that is no receipt."""

    model, prefix, at, key = Message, "message:", "queued_at", "key"

    def rows(self, principal: Any, through: str) -> QuerySet[Message]:
        return super().rows(principal, through).exclude(template=RECEIPT)

    def said(self, rows: QuerySet[Message]) -> QuerySet[Message]:
        return rows.only(*_SAID)

    def entries(self, rows: Sequence[Message]) -> Iterable[TimelineEntry]:
        for message in rows:
            title = _("Mail to the customer: %(subject)s") % {"subject": message.subject}
            yield _entry(message, self.key_of(message), kind="message", icon="mail", title=title)


class Receipts(TimelineReader[Message]):
    """Receipts that were mailed."""

    model, prefix, at, key = Message, "receipt:", "queued_at", "key"

    def rows(self, principal: Any, through: str) -> QuerySet[Message]:
        return super().rows(principal, through).filter(template=RECEIPT)

    def said(self, rows: QuerySet[Message]) -> QuerySet[Message]:
        return rows.only(*_SAID)

    def entries(self, rows: Sequence[Message]) -> Iterable[TimelineEntry]:
        for message in rows:
            yield _entry(message, self.key_of(message), kind="receipt", icon="receipt", title=message.subject)


def _entry(message: Message, key: str, *, kind: str, icon: str, title: str) -> TimelineEntry:
    return TimelineEntry(
        at=message.queued_at,
        key=key,
        kind=kind,
        icon=icon,
        title=title,
        where=message.get_status_display(),
        url=message.get_absolute_url(),
        through=Through.ONLINE,
    )
