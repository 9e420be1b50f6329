"""The list of returns."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from apps.orders.finding import compact
from apps.portal.pages import Action, ListPage, ManyAction, Preset
from apps.portal.pages.actions import refused_by
from apps.portal.store import store_of
from apps.returns.filters import ReturnFilter
from apps.returns.models import Return
from apps.returns.services.withdrawing import check_withdrawable, withdraw_return
from apps.returns.tables import ReturnTable

WITHDRAW_MANY = ManyAction(
    name="withdraw",
    label=gettext_lazy("Withdraw returns"),
    permission="returns.accept",
    icon="ban",
    danger=True,
    asks_reason=True,
    question=ngettext_lazy("Withdraw %(count)s return?", "Withdraw %(count)s returns?", "number"),
    effect=lambda returns: _("Their return codes are no longer valid. The goods can be announced again."),
    passes_over=lambda rma, principal: refused_by(check_withdrawable, rma),
    act=lambda rma, principal: withdraw_return(rma=rma, occurred_at=timezone.now()),
)


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
    large = True
    many_actions = (WITHDRAW_MANY,)
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
