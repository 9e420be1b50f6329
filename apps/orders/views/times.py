"""The customer gets the order at another time: the desk chooses one of those that can still be kept."""

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.inventory.services.slots import Offer
from apps.orders.forms_times import ChooseTimeForm
from apps.orders.models import Order
from apps.orders.promised import brought_at
from apps.orders.services.choosing_time import bring_at, times_for
from apps.orders.services.slots import still_has_its_time
from apps.orders.views.own import OwnOrder
from apps.portal.pages import FormPage


class ChooseTime(OwnOrder, FormPage):
    """Other times at stores that have all of it, or none: any parcel. What cannot be is not offered."""

    permission = "orders.reroute"
    form_class = ChooseTimeForm
    template_name = "orders/choose_time.html"
    button = gettext_lazy("Change it")

    def get_title(self) -> Any:
        return _("Another time for order %(number)s") % {"number": self.object.number}

    @cached_property
    def offers(self) -> list[Offer]:
        order: Order = self.object
        slot = order.slot if still_has_its_time(order, order.lines.all()) else None
        has = (slot.location_id, slot.starts_at) if slot else None
        return [offer for offer in times_for(order) if (offer.place.id, offer.times.starts_at) != has]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"offers": self.offers, "may_be_parcel": self.object.slot is not None}

    def perform(self, form: ChooseTimeForm) -> Order:
        return bring_at(number=self.object.number, slot=form.chosen, actor=actor_of(self.request.user))

    def get_success_message(self, result: Order) -> str:
        result.refresh_from_db()
        if result.slot is None:
            return _("Order %(number)s is sent as a parcel, without a time.") % {"number": result.number}
        return _("Order %(number)s is brought %(time)s.") % {"number": result.number, "time": brought_at(result)}
