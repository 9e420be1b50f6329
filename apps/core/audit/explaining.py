"""Keeping why something was done beside what was done, where the act itself leaves no audited change."""

import datetime as dt
from collections.abc import Iterable

from apps.core.acting import current_act
from apps.core.audit.models import Change


def explain(things: Iterable[tuple[str, str]], *, at: dt.datetime) -> None:
    """Write the reason of the act that goes on down for each (type, key); nothing where it has none.

    The trail tells it with the event of the same moment.
    """
    act = current_act()
    if act.reason:
        Change.objects.bulk_create(
            Change(
                at=at,
                object_type=object_type,
                object_key=object_key,
                kind=Change.Kind.REASON,
                fields={},
                actor=act.actor,
                source=act.source,
                request_id=act.request_id,
                reason=act.reason,
            )
            for object_type, object_key in dict.fromkeys(things)
        )
