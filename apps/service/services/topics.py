"""Keeping the tree of topics."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.service.models import Topic


@transaction.atomic
def put_topic(
    *,
    code: str,
    parent: Topic | None,
    names: Mapping[str, str],
    words: Sequence[str] = (),
    order: int = 100,
    active_from: dt.date,
    active_until: dt.date | None = None,
) -> Topic:
    """Add a topic, or change the one with this code. A name of its own in Dutch and English is what everybody reads.

    Raises InvalidInput where it would be a part of itself or of a part, or where a word means another topic.
    """
    known = Topic.objects.select_for_update().filter(code=code).first()
    topic = known or Topic(code=code)
    if parent is not None:
        if parent.pk == topic.pk or parent.parent_id is not None:
            raise _refused("parent", _("A topic is part of one at the top."))
        if known is not None and known.children.exists():
            raise _refused("parent", _("This topic has parts of its own."))
    folded = sorted({word.strip().casefold() for word in words if word.strip()})
    taken = Topic.objects.exclude(pk=topic.pk).filter(words__overlap=folded).first() if folded else None
    if taken is not None:
        raise _refused("words", _("One of these words means “%(topic)s” already.") % {"topic": taken.name})
    if active_until is not None and active_until < active_from:
        raise _refused("active_until", _("It would end before it begins."))
    topic.parent, topic.order = parent, order
    topic.names = {language: name for language, name in names.items() if name}
    topic.words = folded
    topic.active_from, topic.active_until = active_from, active_until
    topic.save()
    return topic


def _refused(attr: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, faults=[Fault("invalid", detail, attr)])
