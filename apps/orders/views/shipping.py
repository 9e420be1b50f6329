"""Sending from the store: what was picked goes into a parcel, and leaves."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.orders.acts import is_possible, shippable
from apps.orders.models import LineStatus, Order
from apps.orders.services.fulfilling import ship
from apps.orders.views.own import OrderHere
from apps.orders.waiting import TO_PICK
from apps.portal.pages import ActionPage


class Ship(OrderHere, ActionPage):
    """The address and what goes into the parcel. POST says that it left; what other locations send is not in it."""

    permission = "orders.fulfil"
    template_name = "orders/ship.html"
    button = gettext_lazy("Parcel has left")

    def get_question(self) -> Any:
        return _("Parcel for order %(number)s") % {"number": self.object.number}

    def get_template_names(self) -> list[str]:
        return [self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = [line for line in self.object.lines.all() if line.status in TO_PICK]
        return super().get_context_data(**kwargs) | {
            "lines": lines,
            "is_ready": is_possible(shippable, self.object, self.object.lines.all()),
            "is_gone": any(line.status == LineStatus.SHIPPED for line in self.object.lines.all()),
        }

    def act(self) -> Order:
        return ship(number=self.object.number, places=self.places, actor=actor_of(self.request.user))

    def get_success_message(self, result: Order) -> Any:
        return _("The parcel of order %(number)s is on its way.") % {"number": result.number}

    def get_success_url(self, result: Any) -> str:
        return self.get_object_url() if self.list_behind.address else reverse("orders:pick-list")
