"""A customer's purchases in their timeline: what, where, how much."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from apps.customers.timeline import VISITS
from apps.network.models import Channel
from apps.orders.models import Handover, Method, Order, OrderLine
from apps.orders.states import state_of
from apps.orders.ways import collected
from apps.portal import formats
from apps.portal.contributions import Cut, Through, TimelineEntry
from apps.portal.timeline import part_of

_PREFIX = "order:"
_COLLECTED = "collected:"
_LINES_TOLD = 3


def purchases(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    """Orders of every channel, on the day they were placed."""
    orders = Order.objects.visible_to(principal)
    if cut.through:
        in_store = Q(channel__kind=Channel.Kind.STORE)
        orders = orders.filter(in_store if cut.through == Through.STORE else ~in_store)
    lines = Prefetch("lines", OrderLine.objects.order_by("line"))
    orders = orders.select_related("channel", "location").prefetch_related(lines)
    for order in part_of(orders, source_record_ids, limit, cut, at="placed_at", key="number", prefix=_PREFIX):
        yield _entry(order)


def collections(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    """Visits for an order: it was handed over at the counter, to them or to whom they sent."""
    orders = Order.objects.visible_to(principal).filter(source_record__in=source_record_ids, collect_code__isnull=False)
    # Their ids first: by them, and not by the table of all orders, handings over are found.
    ids = list(orders.values_list("pk", flat=True))
    rows = Handover.objects.filter(order__in=ids).select_related("order__location")
    owner = "order__source_record"
    for handed in part_of(rows, source_record_ids, limit, cut, at="at", key="id", prefix=_COLLECTED, owner=owner):
        yield TimelineEntry(
            at=handed.at,
            key=f"{_COLLECTED}{handed.pk:020d}",  # padded: keys of one moment are compared as texts
            kind=VISITS,
            icon="package-check",
            title=_("Collected order %(number)s") % {"number": handed.order.number},
            where=handed.order.location or "",
            text=_("By somebody they sent.") if handed.collector_id else "",
            url=handed.order.get_absolute_url(),
            through=Through.STORE,
        )


def _entry(order: Order) -> TimelineEntry:
    if order.method == Method.CARRY_OUT:
        icon, title, where = "store", _("Bought in the store"), str(order.location or order.channel)
    else:
        icon, title, where = "shopping-bag", _("Ordered"), str(order.channel)
        if collected(order.lines.all()) and order.location is not None:
            where = _("%(channel)s, collect in %(store)s") % {"channel": order.channel, "store": order.location}
    tone, word = state_of(order)
    going = tone in {"wait", "busy", "bad"}
    goods = _goods(order.lines.all())
    return TimelineEntry(
        at=order.placed_at,
        key=f"{_PREFIX}{order.number}",
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


def _goods(lines: Iterable[OrderLine]) -> str:
    told = list(lines)
    said = ", ".join(f"{formats.quantity(line.standing or line.quantity)} × {line.name}" for line in told[:_LINES_TOLD])
    if (more := len(told) - _LINES_TOLD) > 0:
        return _("%(goods)s and %(count)s more") % {"goods": said, "count": more}
    return said
