"""Orders with recalled goods: cancelled or told, many at once."""

from functools import cached_property
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from apps.core.actors import actor_of
from apps.core.errors import Conflict
from apps.inventory.models import Recall
from apps.messages.services import queue_messages
from apps.orders.acts import left_parts, partly_left
from apps.orders.filters import OrderFilter
from apps.orders.models import Order
from apps.orders.recalled import recalls_on, safety_notices, with_goods_of
from apps.orders.services.cancelling import cancel
from apps.orders.views.listing import OrderList
from apps.orders.waiting import is_own
from apps.portal.pages import ManyAction, PanelView, Preset

_AT_HAND = ("lines__variant__recalls__recall",)


def _lines_to_cancel(order: Order) -> set[int]:
    coming = {line.line for lines in recalls_on(order, goods="coming").values() for line in lines}
    return coming - partly_left(order.lines.all()).keys()


def _not_cancelled(order: Order, principal: Any) -> str:
    if not is_own(principal, order):
        return _("another store decides about it")
    return "" if _lines_to_cancel(order) else _("nothing that is recalled is still to go")


def _cancel(order: Order, principal: Any) -> Order:
    return cancel(number=order.number, line_numbers=_lines_to_cancel(order), actor=actor_of(principal))


def _not_told(order: Order, principal: Any) -> str:
    if not getattr(order, "contact", None) or not order.contact.email:
        return _("no e-mail address is known")
    return "" if recalls_on(order, goods="") else _("nothing of it is recalled now")


def _tell(order: Order, principal: Any) -> None:
    letters = safety_notices(order)
    if not letters:
        raise Conflict(_("Nothing of it is recalled now."))
    queue_messages(letters)


class RecalledFilter(OrderFilter):
    """As the list of orders, and whether the goods are still here."""

    goods = django_filters.ChoiceFilter(
        label=gettext_lazy("Recalled goods"),
        choices=[("coming", gettext_lazy("Still to go")), ("gone", gettext_lazy("With the customer"))],
        method="with_goods",
        empty_label=gettext_lazy("either"),
    )

    def with_goods(self, rows: QuerySet[Any], name: str, goods: str) -> QuerySet[Any]:
        assert self.request is not None
        number = resolve(self.request.path).kwargs["number"]  # a job has the address and no more
        recall = Recall.objects.get(number=number)
        return with_goods_of(rows, recall, goods=goods)


class RecalledOrders(OrderList):
    """Who bought it, and who waits for it: orders within reach, with names for whoever may know them."""

    page_name = "orders.recalled"
    filterset_class = RecalledFilter
    rail = "inventory:recalls"
    actions = ()
    views = (
        Preset("coming", gettext_lazy("Still to go"), {"goods": "coming"}, late=True),
        Preset("gone", gettext_lazy("With the customer"), {"goods": "gone"}),
        Preset("all", gettext_lazy("All")),
    )
    many_actions = (
        ManyAction(
            name="tell",
            label=gettext_lazy("Warn customers"),
            permission="inventory.recall",
            icon="mail",
            question=ngettext_lazy(
                "Warn the customer of %(count)s order?", "Warn the customers of %(count)s orders?", "number"
            ),
            effect=lambda orders: _("They get a mail with what is wrong and what to do. Nobody gets it twice."),
            passes_over=_not_told,
            act=_tell,
            prefetch=_AT_HAND,
        ),
        ManyAction(
            name="cancel",
            label=gettext_lazy("Cancel what is recalled"),
            permission="orders.cancel",
            icon="ban",
            danger=True,
            asks_reason=True,
            question=ngettext_lazy(
                "Cancel the recalled lines of %(count)s order?",
                "Cancel the recalled lines of %(count)s orders?",
                "number",
            ),
            effect=lambda orders: _("The rest of each order goes on. What was paid for these lines goes back."),
            passes_over=_not_cancelled,
            act=_cancel,
            prefetch=(*_AT_HAND, left_parts("lines__parcel_lines")),
        ),
    )
    empty_text = gettext_lazy("No order within your reach has anything of it.")

    @cached_property
    def recall(self) -> Recall:
        return get_object_or_404(self.visible(Recall), number=self.kwargs["number"])

    def get_title(self) -> Any:
        return _("Orders with recall %(number)s") % {"number": self.recall.number}

    def get_queryset(self) -> QuerySet[Any]:
        return with_goods_of(super().get_queryset(), self.recall)


class OrdersOfRecall(PanelView):
    """On the page of a recall: how many orders have it."""

    permission = "orders.view"
    model = Recall
    template_name = "orders/_of_recall.html"
    title = gettext_lazy("Orders with it")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        orders = self.visible(Order)
        url = reverse("orders:recalled", kwargs={"number": self.object.number})
        return super().get_context_data(
            coming=with_goods_of(orders, self.object, goods="coming").count(),
            gone=with_goods_of(orders, self.object, goods="gone").count(),
            url=url,
            **kwargs,
        )
