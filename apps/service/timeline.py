"""Contact moments on the customer's timeline."""

from collections.abc import Iterable, Sequence
from typing import Any

from apps.portal.contributions import Moment, TimelineEntry
from apps.portal.timeline import older_than
from apps.service.models import ContactMoment

PREFIX = "contact:"
ICONS = {
    "phone": "phone",
    "email": "mail",
    "chat": "message-circle",
    "social": "share-2",
    "store": "store",
    "letter": "mail-open",
}


def contact_moments(
    principal: Any, source_record_ids: Sequence[int], limit: int, before: Moment | None
) -> Iterable[TimelineEntry]:
    visible = ContactMoment.objects.visible_to(principal).filter(source_record__in=source_record_ids)
    rows = older_than(visible, before, at="occurred_at", key="key", prefix=PREFIX)
    for moment in rows.select_related("location")[:limit]:
        where = [moment.get_channel_display(), moment.handled_by, moment.location.name if moment.location else ""]
        yield TimelineEntry(
            at=moment.occurred_at,
            key=f"{PREFIX}{moment.key}",
            kind="contact",
            icon=ICONS.get(moment.channel, "message-square"),
            title=moment.get_topic_display(),
            where=", ".join(part for part in where if part),
            text=moment.text,
            url=moment.get_absolute_url(),
        )
