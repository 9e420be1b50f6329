"""Handing over at the counter: by collect code, and by order."""

from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.core.errors import Fault
from apps.customers.services.lookup import purpose_of
from apps.orders.collecting import CollectCard, collect_card
from apps.orders.finding import compact, is_order_number
from apps.orders.forms import CollectCodeForm, HandOverForm
from apps.orders.models import LineStatus, Order, OrderLine
from apps.orders.services.fulfilling import due_at_counter, hand_over
from apps.orders.services.looking_up import open_by_collect_code
from apps.orders.services.types import WrongCollectCode
from apps.orders.tenders import method_name
from apps.orders.views.own import OwnOrder
from apps.orders.views.picking import StoreWork
from apps.orders.waiting import to_collect
from apps.payments.services.types import Tendered
from apps.portal import formats
from apps.portal.pages import FormPage

MOST_ORDERS = 100


class Collect(StoreWork):
    """Type or scan a collect code; below it what lies ready. A code is posted: it never shows in an address or a log."""

    template_name = "orders/collect.html"
    part = "orders/_collected.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("card", None)
        if self.is_swap:
            return context
        ready = Prefetch("lines", OrderLine.objects.filter(status=LineStatus.READY).order_by("line"), to_attr="ready")
        waiting = to_collect(self.waiting())
        orders = list(
            waiting.select_related("contact", "channel", "location")
            .prefetch_related(ready)
            .order_by("ready_at", "id")[:MOST_ORDERS]
        )
        return context | {"orders": orders, "total": waiting.count() if len(orders) == MOST_ORDERS else len(orders)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = CollectCodeForm(request.POST)
        code = compact(form.cleaned_data["code"]) if form.is_valid() else ""
        card = self.find(code) if code else None
        context = self.get_context_data(code=code, card=card, is_order_number=is_order_number(code))
        template = self.part if self.is_swap else self.template_name
        return self.response_class(request, [template], context)

    def find(self, code: str) -> CollectCard | None:
        user = self.request.user
        order = open_by_collect_code(code=code, purpose=purpose_of(user), principal=user)
        return collect_card(order, principal=user, code=code) if order is not None else None


class HandOver(OwnOrder, FormPage):
    """Give the goods to whoever shows the code, and take the payment that is still due."""

    permission = "orders.fulfil"
    rail = "orders:collect"
    template_name = "orders/hand_over.html"
    form_class = HandOverForm
    button = gettext_lazy("Hand over")

    def get_title(self) -> Any:
        return _("Hand over %(number)s") % {"number": self.object.number}

    @cached_property
    def due(self) -> Decimal:
        """What the customer pays now."""
        return due_at_counter(self.object, self.object.lines.all())

    def get_form_kwargs(self) -> dict[str, Any]:
        contact, collector = getattr(self.object, "contact", None), self.object.collectors.last()
        return {
            "due": self.due,
            "customer": contact.name if contact is not None else "",
            "collector": collector.name if collector else "",
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "card": collect_card(self.object, principal=self.request.user),
            "back_url": reverse("orders:collect"),
            "back_label": _("Collect"),
        }

    def perform(self, form: HandOverForm) -> Order:
        order, method = self.object, form.cleaned_data.get("method")
        try:
            return hand_over(
                number=order.number,
                collect_code=compact(form.cleaned_data["code"]),
                identified=form.identified,
                tenders=[Tendered(method, self.due)] if method else [],
                actor=actor_of(self.request.user),
            )
        except WrongCollectCode as refusal:
            fault = Fault(refusal.code, refusal.detail, "code")
            raise WrongCollectCode(refusal.detail, faults=[fault]) from refusal

    def get_success_message(self, result: Order) -> Any:
        contact = getattr(self.object, "contact", None)
        names = {
            "number": result.number,
            "name": contact.name if contact is not None and contact.name else _("the customer"),
            "amount": formats.money(self.due, result.currency),
        }
        if self.due > 0:
            names["method"] = method_name(self.request.POST["method"])
            return _("Order %(number)s is handed over to %(name)s, %(amount)s paid: %(method)s.") % names
        return _("Order %(number)s is handed over to %(name)s.") % names

    def get_success_url(self, result: Order) -> str:
        return reverse("orders:collect")
