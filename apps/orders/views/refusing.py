"""A store cannot do what waits for it of an order: somebody else does, or the customer chooses."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.orders.forms import RefuseForm
from apps.orders.models import LineStatus, Order
from apps.orders.services.shortages import refuse
from apps.orders.views.own import OrderHere
from apps.portal.pages import FormPage


class Refuse(OrderHere, FormPage):
    """Of the whole order, as far as it waits here; a single line is reported from the pick list."""

    permission = "orders.fulfil"
    form_class = RefuseForm
    title = gettext_lazy("Cannot be done here")
    button = gettext_lazy("Pass it on")
    gives_away = True

    def perform(self, form: RefuseForm) -> Order:
        return refuse(
            number=self.object.number,
            reason=form.cleaned_data["reason"],
            places=self.places,
            actor=actor_of(self.request.user),
        )

    def get_success_message(self, result: Order) -> str:
        if any(line.status == LineStatus.OPEN for line in result.lines.all()):
            return _("Order %(number)s waits for other stock.") % {"number": result.number}
        return _("Order %(number)s is sent from elsewhere.") % {"number": result.number}

    def get_success_url(self, result: Any) -> str:
        return reverse("orders:pick-list")
