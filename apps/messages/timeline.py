"""Mail on the customer's timeline."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.messages.models import Message
from apps.portal.contributions import Moment, TimelineEntry
from apps.portal.timeline import older_than

PREFIX = "message:"


def messages_to(
    principal: Any, source_record_ids: Sequence[int], limit: int, before: Moment | None
) -> Iterable[TimelineEntry]:
    visible = Message.objects.visible_to(principal).filter(source_record__in=source_record_ids)
    rows = older_than(visible, before, at="queued_at", key="key", prefix=PREFIX)
    for message in rows[:limit]:
        yield TimelineEntry(
            at=message.queued_at,
            key=f"{PREFIX}{message.key}",
            kind="message",
            icon="mail",
            title=_("Mail to the customer: %(subject)s") % {"subject": message.subject},
            where=message.get_status_display(),
            url=message.get_absolute_url(),
        )
