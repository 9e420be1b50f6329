"""The list of returns."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from apps.orders.finding import compact
from apps.portal.pages import Action, ListPage, Preset
from apps.portal.store import store_of
from apps.returns.filters import ReturnFilter
from apps.returns.models import Return
from apps.returns.tables import ReturnTable


class ReturnList(ListPage):
    permission = "returns.view"
    model = Return
    table_class = ReturnTable
    filterset_class = ReturnFilter
    search_fields = ("number", "external_id")
    select_related = ("channel", "location")
    views = (
        Preset("all", gettext_lazy("All")),
        Preset("announced", gettext_lazy("Announced"), {"status": "announced"}),
        Preset("here", gettext_lazy("To inspect or pay back"), {"status": ["received", "inspected"]}, late=True),
        Preset("settled", gettext_lazy("Paid back"), {"status": "settled"}, counted=False),
    )
    actions = (
        Action(
            label=gettext_lazy("Take back"),
            route="returns:find",
            permission="returns.accept",
            icon="undo-2",
            primary=True,
        ),
    )
    ordering = ("-occurred_at", "-id")
    empty_icon = "undo-2"
    empty_text = gettext_lazy("Returns appear here as soon as a customer announces one or brings something back.")

    def get_actions(self) -> tuple[Action, ...]:
        """Goods are taken back at a counter: whoever has none is not sent there."""
        return self.actions if store_of(self.request) else ()

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """By the number (or how it begins) of the return, or the number of an order it takes back from."""
        for word in text.split():
            code = compact(word)
            orders = Return.objects.filter(lines__order__number=code).values("pk")
            rows = rows.filter(number__startswith=code) | rows.filter(pk__in=orders)
        return rows
