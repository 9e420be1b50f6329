"""The list of orders."""

from typing import Any

import django_tables2
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.orders.filters import OrderFilter
from apps.orders.finding import compact, is_order_number, matching
from apps.orders.knowing import KnownContacts
from apps.orders.models import Order
from apps.orders.tables import OrderTable
from apps.portal import formats
from apps.portal.pages import ListPage, Preset


class OrderList(ListPage):
    permission = "orders.view"
    model = Order
    table_class = OrderTable
    filterset_class = OrderFilter
    search_fields = ("number", "external_id", "collect_code")
    select_related = ("channel", "location", "contact", "payment_account")
    views = (
        Preset("all", gettext_lazy("All")),
        Preset("waiting", gettext_lazy("Waits for the store"), {"status": ["sourced", "picking"]}),
        Preset("ready", gettext_lazy("Ready to collect"), {"status": "ready"}),
        Preset("short", gettext_lazy("Short"), {"status": "open"}, late=True),
    )
    ordering = ("-placed_at",)
    large = True
    empty_icon = "shopping-bag"
    empty_text = gettext_lazy("Orders appear here as soon as a channel sends one or a till sells something.")

    def get_queryset(self) -> QuerySet[Any]:
        orders: Any = super().get_queryset()
        rows: QuerySet[Any] = orders.with_cancelled()
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
