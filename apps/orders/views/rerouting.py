"""The customer gets it another way: the desk or the store saves a sale that would be cancelled elsewhere."""

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.core.errors import DomainError
from apps.network.models import Location
from apps.orders.acts import reroutable
from apps.orders.addresses import address_of
from apps.orders.elsewhere import Elsewhere, stores_to_send_to, stores_with_all_of
from apps.orders.forms import ReroutedLinesForm, RerouteForm
from apps.orders.knowing import KnownContacts
from apps.orders.models import LineStatus, Method, Order, OrderLine
from apps.orders.services.rerouting import refuse_homewards, reroute
from apps.orders.services.types import WrongState
from apps.orders.views.own import OwnOrder
from apps.portal.pages import FormPage


class Reroute(OwnOrder, FormPage):
    """Collect in a store that has all of it or is sent it, or send it home. What cannot be is not offered."""

    permission = "orders.reroute"
    form_class = RerouteForm
    template_name = "orders/reroute.html"
    button = gettext_lazy("Change it")
    gives_away = True

    def get_title(self) -> Any:
        return _("Deliver order %(number)s another way") % {"number": self.object.number}

    @cached_property
    def movable(self) -> list[OrderLine]:
        """The lines that can come another way; none where the rule says why not."""
        try:
            return reroutable(self.object, self.object.lines.all())
        except WrongState:
            return []

    @cached_property
    def lines_form(self) -> ReroutedLinesForm:
        asked = self.request.GET if "line" in self.request.GET else None
        return ReroutedLinesForm(asked, lines=self.movable)

    @cached_property
    def chosen(self) -> list[OrderLine]:
        return [line for line in self.movable if line.line in self.lines_form.chosen]

    @property
    def is_part(self) -> bool:
        return len(self.chosen) < len(self.movable)

    def can_be_in(self, each: Elsewhere) -> bool:
        """Whether what stays in a store lets the chosen lines be collected in this one: an order has one store."""
        order: Order = self.object
        stays = [line for line in order.lines.all() if line not in self.chosen and line.method != Method.DELIVERY]
        stays = [line for line in stays if line.status != LineStatus.CANCELLED]
        return not stays or order.location_id in (None, each.store.id)

    @cached_property
    def home(self) -> str:
        """Where a parcel would go, in words; blank when it cannot be sent."""
        order: Order = self.object
        try:
            refuse_homewards(order, order.lines.all())
        except DomainError:
            return ""
        if not any(line.method == Method.COLLECT for line in self.chosen):
            return ""
        if not KnownContacts(self.request.user).knows(order, order.lines.all()):
            return _("Send it to the customer's address")
        address = address_of(order)
        assert address is not None  # else it could not be sent home
        return _("Send it to %(street)s %(number)s, %(city)s") % {
            "street": address.street or address.postcode,
            "number": address.house_number,
            "city": address.city,
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        order: Order = self.object
        return {
            "stores": [each for each in stores_with_all_of(order, self.chosen) if self.can_be_in(each)],
            "sent_to": [each for each in stores_to_send_to(order, self.chosen) if self.can_be_in(each)],
            "home": self.home,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "lines_form": self.lines_form if len(self.movable) > 1 else None,
            "chosen": self.chosen if self.is_part else [],
        }

    def perform(self, form: RerouteForm) -> Order:
        reroutable(self.object, self.object.lines.all())
        chosen = form.cleaned_data["to"]
        is_sent = chosen.startswith(form.SENT_TO)
        to = None if chosen == form.HOME else Location.objects.get(code=chosen.removeprefix(form.SENT_TO))
        return reroute(
            number=self.object.number,
            to=to,
            from_anywhere=is_sent,
            line_numbers=[line.line for line in self.chosen] if self.is_part else None,
            actor=actor_of(self.request.user),
        )

    def get_success_message(self, result: Order) -> str:
        if self.is_part:
            return _("A part of order %(number)s comes another way.") % {"number": result.number}
        if result.location is None:
            return _("Order %(number)s is sent to the customer.") % {"number": result.number}
        return _("Order %(number)s is collected in %(store)s.") % {"number": result.number, "store": result.location}

    def get_success_url(self, result: Any) -> str:
        return self.get_object_url() if self.still_sees(result) else reverse("orders:orders")
