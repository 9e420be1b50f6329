"""A customer's returns in their timeline: what came back, where, how much."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from apps.core.statements import KeptQuery
from apps.customers.timeline import VISITS
from apps.network.models import Channel, Location
from apps.portal import formats
from apps.portal.contributions import Through, TimelineEntry, TimelineReader
from apps.returns.bons import where_to
from apps.returns.models import Return, ReturnLine, ReturnStatus
from apps.returns.states import state_of

_LATER = dt.timedelta(minutes=5)
"""What comes this much after it was announced was brought on a visit of its own."""


class Returns(TimelineReader[Return]):
    """Returns in every channel, at the moment they were announced or brought."""

    model, prefix, at, key = Return, "return:", "occurred_at", "number"

    def rows(self, principal: Any, through: str) -> QuerySet[Return]:
        returns = super().rows(principal, through)
        in_store = Q(channel__kind=Channel.Kind.STORE)
        return returns.filter(in_store if through == Through.STORE else ~in_store) if through else returns

    def said(self, rows: QuerySet[Return]) -> QuerySet[Return]:
        return rows.select_related("channel", "location")

    def entries(self, rows: Sequence[Return]) -> Iterable[TimelineEntry]:
        lines: dict[int, list[ReturnLine]] = {rma.pk: [] for rma in rows}
        for line in _lines.read(returns=list(lines)):
            lines[line.rma_id].append(line)
        for rma in rows:
            is_over = rma.status in {ReturnStatus.SETTLED, ReturnStatus.WITHDRAWN}
            yield TimelineEntry(
                at=rma.occurred_at,
                key=self.key_of(rma),
                kind="returns",
                icon="undo-2",
                title=_("Return %(number)s") % {"number": rma.number},
                where=rma.location or rma.channel,
                text=_text(rma, lines[rma.pk]),
                amount=None if rma.status == ReturnStatus.WITHDRAWN else -rma.total,
                currency=rma.currency,
                url=rma.get_absolute_url(),
                tone="" if is_over else "now",
                through=Through.STORE if rma.channel.kind == Channel.Kind.STORE else Through.ONLINE,
            )


class Brought(TimelineReader[Return]):
    """Visits with something that was announced before; what is announced at the counter is a return of that moment already."""

    model, prefix, at, key = Return, "brought:", "received_at", "number"

    def rows(self, principal: Any, through: str) -> QuerySet[Return]:
        later = super().rows(principal, through).filter(received_at__gt=F("occurred_at") + _LATER)
        return later.filter(location__kind=Location.Kind.STORE)

    def said(self, rows: QuerySet[Return]) -> QuerySet[Return]:
        return rows.select_related("location")

    def entries(self, rows: Sequence[Return]) -> Iterable[TimelineEntry]:
        for rma in rows:
            assert rma.received_at is not None
            yield TimelineEntry(
                at=rma.received_at,
                key=self.key_of(rma),
                kind=VISITS,
                icon="undo-2",
                title=_("Brought return %(number)s") % {"number": rma.number},
                where=rma.location,
                url=rma.get_absolute_url(),
                through=Through.STORE,
            )


_lines = KeptQuery(lambda asked: ReturnLine.objects.filter(rma__in=asked["returns"]).order_by("line"))


def _text(rma: Return, lines: Iterable[ReturnLine]) -> str:
    goods = ", ".join(_line(line) for line in lines)
    return goods if rma.status == ReturnStatus.SETTLED else f"{goods}. {state_of(rma)[1]}."


def _line(line: ReturnLine) -> str:
    said = f"{formats.quantity(line.quantity)} × {line.name}"
    return f"{said} ({where_to(line.grade)})" if line.grade else said
