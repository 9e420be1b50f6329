"""Contact moments on the customer's timeline."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q

from apps.portal.contributions import Cut, Through, TimelineEntry
from apps.portal.timeline import part_of
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


def contact_moments(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    rows = ContactMoment.objects.visible_to(principal).select_related("location")
    if cut.through:
        in_store = Q(channel=ContactMoment.Channel.STORE)
        rows = rows.filter(in_store if cut.through == Through.STORE else ~in_store)
    for moment in part_of(rows, source_record_ids, limit, cut, at="occurred_at", key="key", prefix=PREFIX):
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
            through=Through.STORE if moment.channel == ContactMoment.Channel.STORE else Through.DESK,
        )
