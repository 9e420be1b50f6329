"""Mail on the customer's timeline."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.messages.models import Message
from apps.portal.contributions import Cut, Through, TimelineEntry
from apps.portal.timeline import part_of

PREFIX = "message:"


def messages_to(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    rows = Message.objects.visible_to(principal)
    for message in part_of(rows, source_record_ids, limit, cut, at="queued_at", key="key", prefix=PREFIX):
        yield TimelineEntry(
            at=message.queued_at,
            key=f"{PREFIX}{message.key}",
            kind="message",
            icon="mail",
            title=_("Mail to the customer: %(subject)s") % {"subject": message.subject},
            where=message.get_status_display(),
            url=message.get_absolute_url(),
            through=Through.ONLINE,
        )
