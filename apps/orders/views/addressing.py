"""Another address for what is still to be sent."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.orders.acts import addressable
from apps.orders.addresses import PostalAddress, address_of
from apps.orders.knowing import KnownContacts
from apps.orders.models import Order
from apps.orders.services.addressing import change_address
from apps.orders.views.own import OwnOrder
from apps.portal.pages import FormPage


class AddressForm(forms.Form):
    """Where it is brought."""

    postcode = forms.CharField(label=gettext_lazy("Postcode"), max_length=10)
    house_number = forms.CharField(label=gettext_lazy("House number and addition"), max_length=24)
    street = forms.CharField(label=gettext_lazy("Street"), max_length=80)
    city = forms.CharField(label=gettext_lazy("Town"), max_length=60)


class ChangeAddress(OwnOrder, FormPage):
    """The customer has moved, or gave a wrong number."""

    permission = "orders.reroute"
    form_class = AddressForm
    button = gettext_lazy("Bring it there")

    def get_title(self) -> Any:
        return _("Where does order %(number)s go?") % {"number": self.object.number}

    def get_sub(self) -> list[Any]:
        return [_("The customer gets a mail with the new address.")]

    def get_initial(self) -> dict[str, Any]:
        order: Order = self.object
        address = address_of(order)
        if address is None or not KnownContacts(self.request.user).knows(order, order.lines.all()):
            return {}
        return {name: getattr(address, name) for name in AddressForm.base_fields}

    def perform(self, form: AddressForm) -> Order:
        order: Order = self.object
        addressable(order, order.lines.all())
        known = address_of(order)
        country = known.country if known is not None else order.channel.country
        said = PostalAddress(**form.cleaned_data, country=country)
        return change_address(number=order.number, address=said, actor=actor_of(self.request.user))

    def get_success_message(self, result: Order) -> Any:
        return _("Order %(number)s goes to the new address.") % {"number": result.number}
