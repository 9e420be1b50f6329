"""A customer's returns in their timeline: what came back, where, how much."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext as _

from apps.customers.timeline import VISITS
from apps.network.models import Channel, Location
from apps.portal import formats
from apps.portal.contributions import Cut, Through, TimelineEntry
from apps.portal.timeline import part_of
from apps.returns.bons import where_to
from apps.returns.models import Return, ReturnLine, ReturnStatus
from apps.returns.states import state_of

PREFIX = "return:"
BROUGHT = "brought:"
_LATER = dt.timedelta(minutes=5)
"""What comes this much after it was announced was brought on a visit of its own."""


def returns_of(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    """Returns in every channel, at the moment they were announced or brought."""
    rows = Return.objects.visible_to(principal)
    if cut.through:
        in_store = Q(channel__kind=Channel.Kind.STORE)
        rows = rows.filter(in_store if cut.through == Through.STORE else ~in_store)
    lines = Prefetch("lines", ReturnLine.objects.order_by("line"))
    rows = rows.select_related("channel", "location").prefetch_related(lines)
    for rma in part_of(rows, source_record_ids, limit, cut, at="occurred_at", key="number", prefix=PREFIX):
        is_over = rma.status in {ReturnStatus.SETTLED, ReturnStatus.WITHDRAWN}
        yield TimelineEntry(
            at=rma.occurred_at,
            key=f"{PREFIX}{rma.number}",
            kind="returns",
            icon="undo-2",
            title=_("Return %(number)s") % {"number": rma.number},
            where=rma.location or rma.channel,
            text=_text(rma),
            amount=None if rma.status == ReturnStatus.WITHDRAWN else -rma.total,
            currency=rma.currency,
            url=rma.get_absolute_url(),
            tone="" if is_over else "now",
            through=Through.STORE if rma.channel.kind == Channel.Kind.STORE else Through.ONLINE,
        )


def brought(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    """Visits with something that was announced before; what is announced at the counter is a return of that moment already."""
    rows = Return.objects.visible_to(principal).filter(
        location__kind=Location.Kind.STORE, received_at__gt=F("occurred_at") + _LATER
    )
    rows = rows.select_related("location")
    for rma in part_of(rows, source_record_ids, limit, cut, at="received_at", key="number", prefix=BROUGHT):
        assert rma.received_at is not None
        yield TimelineEntry(
            at=rma.received_at,
            key=f"{BROUGHT}{rma.number}",
            kind=VISITS,
            icon="undo-2",
            title=_("Brought return %(number)s") % {"number": rma.number},
            where=rma.location,
            url=rma.get_absolute_url(),
            through=Through.STORE,
        )


def _text(rma: Return) -> str:
    goods = ", ".join(_line(line) for line in rma.lines.all())
    return goods if rma.status == ReturnStatus.SETTLED else f"{goods}. {state_of(rma)[1]}."


def _line(line: ReturnLine) -> str:
    said = f"{formats.quantity(line.quantity)} × {line.name}"
    return f"{said} ({where_to(line.grade)})" if line.grade else said
