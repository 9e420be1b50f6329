"""A customer's purchases in their timeline: what, where, how much."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from apps.network.models import Channel
from apps.orders.models import Method, Order, OrderLine
from apps.orders.states import state_of
from apps.orders.ways import collected
from apps.portal import formats
from apps.portal.contributions import Cut, Through, TimelineEntry
from apps.portal.timeline import part_of

_PREFIX = "order:"
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
