"""Ordering for a customer who stands in the store."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.catalogue.services.selling import Offer, sellable_in
from apps.catalogue.showing import webshop_shown
from apps.core.errors import Fault, InvalidInput
from apps.customers.services.guessing import guesses
from apps.customers.services.lookup import look_up, purpose_of
from apps.customers.services.people import Details, Person
from apps.customers.services.signing_up import record_for
from apps.customers.services.sources import DESK
from apps.customers.throttles import StaffLookupThrottle
from apps.inventory.standing import Standing, standing_of
from apps.network.models import Channel, Location
from apps.orders.forms_in_store import HERE, POSTED, SENT_HERE, OrderInStoreForm
from apps.orders.models import LineStatus, Order
from apps.orders.services.ordering_in_store import order_in_store
from apps.portal import formats
from apps.portal.pages import FormPage
from apps.portal.store import store_of


def order_link(variant: Variant, times: int) -> str:
    """Where one orders a scanned product, as many as were scanned."""
    return f"{reverse('orders:in-store', kwargs={'sku': variant.sku})}?quantity={times}"


class OrderInStore(FormPage):
    """Order a product for a customer, for collection in this store or another one, or sent to their address."""

    permission = "orders.place"
    model = Variant
    lookup = "sku"
    select_related = ("product",)
    prefetch_related = ("product__texts",)
    form_class = OrderInStoreForm
    template_name = "orders/in_store.html"
    button = gettext_lazy("Place the order")

    @cached_property
    def store(self) -> Location:
        store = store_of(self.request)
        if store is None:
            raise PermissionDenied(self.permission)
        return store

    @cached_property
    def channel(self) -> Channel:
        channel = webshop_shown()
        if channel is None:
            raise Http404
        return channel

    @cached_property
    def offer(self) -> Offer:
        return sellable_in(self.channel, variants=[self.object])[self.object.pk]

    @cached_property
    def standing(self) -> Standing:
        return standing_of(self.object, store=self.store)

    def get_title(self) -> Any:
        return _("Order for a customer")

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("quantity", "")
        return {"quantity": asked if asked.isascii() and asked.isdigit() and int(asked[:3]) > 0 else "1"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"store": self.store, "standing": self.standing}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"store": self.store, "channel": self.channel, "offer": self.offer, "standing": self.standing}
        return (
            super().get_context_data(**kwargs) | shown | {"back_url": reverse("portal:scan"), "back_label": _("Scan")}
        )

    def carry_out(self, act: Any) -> Any:
        """The service has a transaction of its own, which is tried again when a twin of the form came between."""
        return act()

    def perform(self, form: OrderInStoreForm) -> Order:
        given = form.cleaned_data
        return order_in_store(
            store=self.store,
            channel=self.channel,
            variant=self.object,
            quantity=given["quantity"],
            person=self._person(given),
            collect_at={HERE: self.store.code, SENT_HERE: self.store.code, POSTED: ""}.get(
                given["method"], given["method"]
            ),
            from_anywhere=given["method"] == SENT_HERE,
            back_orders=given.get("back_orders", False),
            also=given["also"],
            paid_with=given["paid_with"],
            token=str(given["token"]),
            by=self.request.user,
        )

    def _person(self, given: dict[str, Any]) -> Person:
        """Who orders: the customer known by what they gave, opened to the person who helps them, or a new one."""
        told = {name: given[name] for name in OrderInStoreForm.ABOUT_A_PERSON if given[name]}
        if not given["identifier"]:
            return Person(source=DESK, home_location_id=self.store.pk, **told)
        if not StaffLookupThrottle.lets_through(self.request, purpose=purpose_of(self.request.user)):
            raise _refused(_("That is a lot of look-ups. Wait a minute."))
        principal = self.request.user
        for identifiers in guesses(given["identifier"]):
            found = look_up(identifiers=identifiers, purpose=purpose_of(principal), principal=principal)
            if found.match == "ambiguous":
                raise _refused(_("Several customers have this. Ask for the card, or for something else."))
            if found.customer is not None:
                record = record_for(found.customer, source=DESK)
                newest = record.details.order_by("-pk").first()
                known = Details(*(getattr(newest, name) for name in Details._fields)) if newest else Details()
                reached = {"email": found.customer.email, "phone": found.customer.phone}
                known_as = {name: value for name, value in known._asdict().items() if value}
                return Person(source=record.source, external_id=record.external_id, **(reached | known_as | told))
        raise _refused(_("Nobody is known by this. Leave it empty and fill in who it is for."))

    def get_success_url(self, result: Order) -> str:
        return result.get_absolute_url()

    def get_success_message(self, result: Order) -> Any:
        lines = list(result.lines.select_related("location"))
        told = {
            "number": result.number,
            "quantity": formats.quantity(sum(line.quantity for line in lines)),
            "name": lines[0].name,
            "place": ", ".join(str(line.location) for line in lines if line.location),
        }
        if len({line.method for line in lines}) > 1:
            return _("Order %(number)s is placed; see what goes which way.") % told
        if waiting := sum(line.quantity for line in lines if line.status == LineStatus.OPEN):
            told |= {"waiting": formats.quantity(waiting)}
            return (
                _("Order %(number)s is placed: %(quantity)s × %(name)s, of which %(waiting)s waits to come in.") % told
            )
        if any(line.status == LineStatus.COMING for line in lines):
            return _("Order %(number)s is placed: %(quantity)s × %(name)s comes here from %(place)s.") % told
        return _("Order %(number)s is placed: %(quantity)s × %(name)s, reserved in %(place)s.") % told


def _refused(detail: str) -> InvalidInput:
    return InvalidInput(detail, faults=[Fault("invalid", detail, "identifier")])
