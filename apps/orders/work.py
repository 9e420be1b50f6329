"""Customers' orders that wait for the people of a store: to pick, to send, to hand over."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from apps.core.reach import reach_of
from apps.orders.acts import TO_PICK
from apps.orders.models import LineStatus, Method, Order, OrderLine
from apps.orders.querysets import OrderLineQuerySet
from apps.portal.work.kinds import Described, WorkKind

_UNPICKED = Exists(
    OrderLine.objects.filter(
        order=OuterRef("order"),
        location=OuterRef("location"),
        method=OuterRef("method"),
        status__in=TO_PICK,
        quantity_picked__lt=F("quantity") - F("quantity_cancelled"),
    )
)


def lines_to_pick(principal: Any) -> OrderLineQuerySet:
    """What is to be taken from the shelf, and what was and is still to be made ready."""
    lines: OrderLineQuerySet = OrderLine.objects.visible_to(principal).to_pick()
    # What was sent on to the store waits since it came.
    waiting = lines.annotate(waits_since=Coalesce("travelled_at", "order__placed_at"))
    return waiting.filter(Q(method=Method.COLLECT) | _UNPICKED)


def lines_to_send(principal: Any) -> OrderLineQuerySet:
    """What was picked for a parcel that has not left."""
    lines: OrderLineQuerySet = OrderLine.objects.visible_to(principal).to_pick()
    return lines.filter(~_UNPICKED, method=Method.DELIVERY)


def lines_to_hand_over(principal: Any) -> OrderLineQuerySet:
    """What lies ready for customers."""
    lines: OrderLineQuerySet = OrderLine.objects.visible_to(principal)
    return lines.filter(status=LineStatus.READY)


def _described(what: Any, route: str, statuses: Collection[str]) -> Any:
    """Describes orders by `what` is to be done, with how many lines and, to whoever does it, for whom."""

    def describe(principal: Any, keys: Collection[Any]) -> dict[Any, Described]:
        reach = reach_of(principal)
        does_it = not reach.every_location and reach.may("orders.fulfil")
        here = Q(lines__status__in=statuses) & reach.q("lines__location")
        orders = Order.objects.visible_to(principal).filter(pk__in=keys).select_related("contact")
        return {
            order.pk: Described(
                what=what % {"number": order.number},
                url=reverse(route, kwargs={"number": order.number}) if does_it else order.get_absolute_url(),
                meta=_goods(order.goods, order.contact.name if does_it and hasattr(order, "contact") else ""),
            )
            for order in orders.annotate(goods=Count("lines", filter=here))
        }

    return describe


def _goods(lines: int, name: str) -> str:
    said = ngettext("%(count)s line", "%(count)s lines", lines) % {"count": lines}
    return f"{said}, {name}" if name else said


PICK = WorkKind(
    name="orders.pick",
    label=gettext_lazy("To pick"),
    icon="clipboard-list",
    permission="orders.fulfil",
    seen_with="orders.view",
    rows=lines_to_pick,
    describe=_described(gettext_lazy("Pick %(number)s"), "orders:pick", TO_PICK),
    within=dt.timedelta(hours=2),
    order=10,
    route="orders:pick-list",
    key="order_id",
    since="waits_since",
    due="handle_by",
)
SEND = WorkKind(
    name="orders.ship",
    label=gettext_lazy("To send"),
    icon="truck",
    permission="orders.fulfil",
    seen_with="orders.view",
    rows=lines_to_send,
    describe=_described(gettext_lazy("Send %(number)s"), "orders:ship", TO_PICK),
    within=dt.timedelta(hours=4),
    order=20,
    route="orders:pick-list",
    key="order_id",
    since="order__placed_at",
    due="handle_by",
)
HAND_OVER = WorkKind(
    name="orders.collect",
    label=gettext_lazy("To hand over"),
    icon="package-check",
    permission="orders.fulfil",
    seen_with="orders.view",
    rows=lines_to_hand_over,
    describe=_described(gettext_lazy("Hand over %(number)s"), "orders:hand-over", (LineStatus.READY,)),
    within=dt.timedelta(hours=63),
    order=30,
    route="orders:collect",
    key="order_id",
    since="order__ready_at",
    due="order__collect_until",
)
KINDS = (PICK, SEND, HAND_OVER)
