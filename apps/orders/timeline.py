"""A customer's purchases in their timeline: what, where, how much."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.core.statements import KeptQuery
from apps.customers.timeline import VISITS
from apps.network.models import Channel
from apps.orders.models import Handover, Method, Order, OrderLine
from apps.orders.states import state_of
from apps.orders.ways import collected
from apps.portal import formats
from apps.portal.contributions import Through, TimelineEntry, TimelineReader

_LINES_TOLD = 3
# What is said of them, and nothing else.
_OF_ORDERS = [
    "number",
    "placed_at",
    "method",
    "status",
    "total",
    "currency",
    "channel__name",
    "channel__kind",
    "location__name",
]
_OF_LINES = ["order", "line", "name", "method", "quantity", "quantity_cancelled"]


class Purchases(TimelineReader[Order]):
    """Orders of every channel, on the day they were placed."""

    model, prefix, at, key = Order, "order:", "placed_at", "number"

    def rows(self, principal: Any, through: str) -> QuerySet[Order]:
        orders = super().rows(principal, through)
        in_store = Q(channel__kind=Channel.Kind.STORE)
        return orders.filter(in_store if through == Through.STORE else ~in_store) if through else orders

    def said(self, rows: QuerySet[Order]) -> QuerySet[Order]:
        return rows.select_related("channel", "location").only(*_OF_ORDERS)

    def entries(self, rows: Sequence[Order]) -> Iterable[TimelineEntry]:
        lines: dict[int, list[OrderLine]] = {order.pk: [] for order in rows}
        for line in _lines.read(orders=list(lines)):
            lines[line.order_id].append(line)
        for order in rows:
            yield _entry(order, lines[order.pk], self.key_of(order))


class Collections(TimelineReader[Handover]):
    """Visits for an order: it was handed over at the counter, to them or to whom they sent."""

    model, prefix, at, key, owner = Handover, "collected:", "at", "id", "order"

    def rows(self, principal: Any, through: str) -> QuerySet[Handover]:
        return Handover.objects.all()

    def owners(self, principal: Any, source_record_ids: Sequence[int]) -> QuerySet[Any, Any]:
        """By their own orders, and not by the table of all orders, handings over are found."""
        orders = Order.objects.visible_to(principal).filter(source_record__in=source_record_ids)
        return orders.filter(collect_code__isnull=False).values_list("pk")

    def said(self, rows: QuerySet[Handover]) -> QuerySet[Handover]:
        return rows.select_related("order__location")

    def entries(self, rows: Sequence[Handover]) -> Iterable[TimelineEntry]:
        for handed in rows:
            yield TimelineEntry(
                at=handed.at,
                key=self.key_of(handed),
                kind=VISITS,
                icon="package-check",
                title=_("Collected order %(number)s") % {"number": handed.order.number},
                where=handed.order.location or "",
                text=_("By somebody they sent.") if handed.collector_id else "",
                url=handed.order.get_absolute_url(),
                through=Through.STORE,
            )


_lines = KeptQuery(lambda asked: OrderLine.objects.filter(order__in=asked["orders"]).order_by("line").only(*_OF_LINES))


def _entry(order: Order, lines: Sequence[OrderLine], key: str) -> TimelineEntry:
    if order.method == Method.CARRY_OUT:
        icon, title, where = "store", _("Bought in the store"), str(order.location or order.channel)
    else:
        icon, title, where = "shopping-bag", _("Ordered"), str(order.channel)
        if collected(lines) and order.location is not None:
            where = _("%(channel)s, collect in %(store)s") % {"channel": order.channel, "store": order.location}
    tone, word = state_of(order)
    going = tone in {"wait", "busy", "bad"}
    goods = _goods(lines)
    return TimelineEntry(
        at=order.placed_at,
        key=key,
        kind="orders",
        icon=icon,
        title=f"{title} {order.number}",
        where=where,
        text=f"{goods}. {word}." if going and goods else goods,
        amount=order.total,
        currency=order.currency,
        url=order.get_absolute_url(),
        tone="now" if going else "",
        through=Through.STORE if order.channel.kind == Channel.Kind.STORE else Through.ONLINE,
    )


def _goods(lines: Sequence[OrderLine]) -> str:
    told = lines[:_LINES_TOLD]
    said = ", ".join(f"{formats.quantity(line.standing or line.quantity)} × {line.name}" for line in told)
    if (more := len(lines) - len(told)) > 0:
        return _("%(goods)s and %(count)s more") % {"goods": said, "count": more}
    return said
