"""The list of orders."""

from typing import Any, ClassVar

import django_tables2
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from apps.core.actors import actor_of
from apps.orders.acts import cancellable, left_parts
from apps.orders.expected import short_orders
from apps.orders.filters import OrderFilter
from apps.orders.finding import compact, is_order_number, matching
from apps.orders.knowing import KnownContacts
from apps.orders.models import Order
from apps.orders.services.cancelling import cancel
from apps.orders.tables import OrderTable
from apps.orders.waiting import is_own
from apps.portal import formats
from apps.portal.pages import Action, ListPage, ManyAction, Preset
from apps.portal.pages.actions import refused_by


def _not_cancelled(order: Order, principal: Any) -> str:
    """Why an order is left out when many are cancelled."""
    if not is_own(principal, order):
        return _("another store decides about it")
    return refused_by(lambda order: cancellable(order.lines.all()), order)


def _cancel(order: Order, principal: Any) -> Order:
    lines = {line.line for line in cancellable(order.lines.all())}
    return cancel(number=order.number, line_numbers=lines, actor=actor_of(principal))


CANCEL_MANY = ManyAction(
    name="cancel",
    label=gettext_lazy("Cancel orders"),
    permission="orders.cancel",
    icon="ban",
    danger=True,
    asks_reason=True,
    question=ngettext_lazy("Cancel %(count)s order?", "Cancel %(count)s orders?", "number"),
    effect=lambda orders: _("What was paid goes back the way it was paid; the stock is free again at once."),
    passes_over=_not_cancelled,
    act=_cancel,
    prefetch=("lines", left_parts("lines__parcel_lines")),
)


class OrderList(ListPage):
    permission = "orders.view"
    model = Order
    table_class = OrderTable
    filterset_class = OrderFilter
    search_fields = ("number", "external_id", "collect_code")
    select_related = ("channel", "location", "contact", "payment_account", "slot_booking__slot")
    views: ClassVar[tuple[Preset, ...]] = (
        Preset("all", gettext_lazy("All")),
        Preset("waiting", gettext_lazy("Waits for the store"), {"status": ["sourced", "picking"]}),
        Preset("ready", gettext_lazy("Ready to collect"), {"status": "ready"}),
        Preset("brought", gettext_lazy("Brought today"), {"brought": "today"}),
        Preset("late", gettext_lazy("Later than promised"), {"late": "true"}, late=True),
        Preset("short", gettext_lazy("Short"), {"short": "true"}, late=True),
    )
    ordering = ("-placed_at",)
    large = True
    actions: ClassVar[tuple[Action, ...]] = (
        Action(
            label=gettext_lazy("How long goods lie ready"),
            route="orders:collect-terms",
            permission="network.change",
            icon="calendar-clock",
        ),
    )
    many_actions: ClassVar[tuple[ManyAction, ...]] = (CANCEL_MANY,)
    empty_icon = "shopping-bag"
    empty_text = gettext_lazy("Orders appear here as soon as a channel sends one or a till sells something.")

    def get_queryset(self) -> QuerySet[Any]:
        orders: Any = super().get_queryset()
        rows: QuerySet[Any] = orders.with_cancelled().with_ways().annotate(is_short=short_orders())
        return rows

    def search(self, rows: Any, text: str) -> QuerySet[Any]:
        """By a number (or how it begins), a collect code or a channel's own id; each of several words is one."""
        for word in [compact(text)] if is_order_number(text) else text.split():
            rows = matching(rows, word)
        return rows

    def get_facts(self) -> list[Any]:
        return [_("As of %(time)s") % {"time": formats.clock(timezone.now())}]

    def get_table(self) -> django_tables2.Table:
        table = super().get_table()
        table.known = KnownContacts(self.request.user)
        return table
