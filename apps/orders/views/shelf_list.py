"""A hand-out for a customer who picks in a store: where each article of a list or an order stands there."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.catalogue.showing import channel_shown
from apps.inventory.handing_out import Stand, shelf_list
from apps.inventory.typed_goods import LONGEST_TEXT, goods_in
from apps.network.models import Location
from apps.orders.forms_shelf_list import InStoreForm, MailShelfListForm, ShelfListForm
from apps.orders.models import Order
from apps.orders.services.mailing_shelf_list import mail_shelf_list
from apps.orders.shelf_lists import Goods, shelf_list_of, shelf_list_url
from apps.portal import formats
from apps.portal.pages import FormPage, Printed
from apps.portal.store import store_of


def shelf_list_link(variant: Variant, times: int) -> str:
    """Where a list with a scanned product begins, as many as were scanned."""
    return shelf_list_url([(variant.sku, Decimal(times))])


class _Sheet(Printed, abstract=True):
    """A list in the store somebody is in, unless another one is chosen."""

    permission = "inventory.view"
    title = gettext_lazy("Shelf list")
    back = ("inventory:stock", gettext_lazy("Stock"))
    template_name = "orders/shelf_list.html"

    def get_initial(self) -> dict[str, str]:
        store = store_of(self.request)
        return {"location": store.code} if store is not None and store.kind == Location.Kind.STORE else {}

    @property
    def store(self) -> Location | None:
        form = self.form
        assert isinstance(form, InStoreForm)
        return form.store

    def stands(self) -> list[Stand]:
        raise NotImplementedError

    def mail_query(self) -> dict[str, str]:
        """What the page that mails the list is told of it."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stands = self.stands()
        mail = f"{reverse('orders:mail-shelf-list')}?{urlencode(self.mail_query())}" if stands and self.store else ""
        return super().get_context_data(
            store=self.store,
            here=[one for one in stands if one.here],
            missing=[(one, _km(one)) for one in stands if one.missing],
            mail_url=mail,
            **kwargs,
        )


def _km(one: Stand) -> str:
    return f"{formats.quantity(str(one.nearest.km))} km" if one.nearest is not None and one.nearest.km else ""


class ShelfList(_Sheet):
    """A wish list: articles as they are typed or scanned, or as the webshop put them in the address."""

    form_class = ShelfListForm

    @cached_property
    def goods(self) -> Goods:
        form: Any = self.form
        text = form.cleaned_data["goods"] if form.is_valid() else ""
        variants = self.visible(Variant).select_related("product").prefetch_related("product__texts")
        try:
            return goods_in(text, variants=variants)
        except ValidationError as unknown:
            form.add_error("goods", unknown)
            return []

    def stands(self) -> list[Stand]:
        goods, store = self.goods, self.store
        return shelf_list(location=store, goods=goods) if store is not None else []

    def mail_query(self) -> dict[str, str]:
        return {"location": self.store.code if self.store else "", "goods": self.request.GET.get("goods", "")}


class ShelfListOfOrder(_Sheet):
    """What a customer has not got yet of an order, in whichever store they stand."""

    form_class = InStoreForm

    @cached_property
    def order(self) -> Order:
        return get_object_or_404(self.visible(Order).select_related("location"), number=self.kwargs["number"])

    def get_initial(self) -> dict[str, str]:
        at = self.order.location
        if at is not None and at.kind == Location.Kind.STORE and not super().get_initial():
            return {"location": at.code}
        return super().get_initial()

    def stands(self) -> list[Stand]:
        order, store = self.order, self.store
        return shelf_list_of(order, location=store) if store is not None else []

    def mail_query(self) -> dict[str, str]:
        return {"location": self.store.code if self.store else "", "order": self.order.number}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = self.order
        told = {"order": order, "back_url": order.get_absolute_url(), "back_label": order.number}
        return super().get_context_data(**kwargs) | told


class MailShelfList(FormPage):
    """Mail a list to the customer who asked for it. The address says which list, as that of the sheet does."""

    permission = "service.write"
    model = Order
    form_class = MailShelfListForm
    rail = "orders:shelf-list"
    title = gettext_lazy("Mail the shelf list")
    button = gettext_lazy("Mail it")

    def asked(self, name: str) -> str:
        return self.request.GET.get(name, "").replace("\x00", "")[:LONGEST_TEXT]

    @cached_property
    def store(self) -> Location:
        return get_object_or_404(self.visible(Location), code=self.asked("location")[:16])

    @cached_property
    def order(self) -> Order | None:
        """The order that the list is of; None for a wish list."""
        number = self.asked("order")[:16]
        if not number:
            return None
        orders = self.visible(Order).select_related("contact", "channel")
        return get_object_or_404(orders, number=number)

    @property
    def sheet_url(self) -> str:
        if self.order is not None:
            return f"{reverse('orders:shelf-list-of', kwargs={'number': self.order.number})}?location={self.store.code}"
        return f"{reverse('orders:shelf-list')}?{self.request.GET.urlencode()}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"is_for_order": self.order is not None}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"back_url": self.sheet_url, "back_label": _("Shelf list")}

    def perform(self, form: forms.Form) -> None:
        order, store = self.order, self.store
        channel = order.channel if order is not None else channel_shown(store)
        if channel is None:
            raise Http404
        mail_shelf_list(
            stands=shelf_list_of(order, location=store) if order is not None else self._wished(),
            store=store,
            channel=channel,
            token=str(form.cleaned_data["token"]),
            address=form.cleaned_data["address"],
            order=order,
        )

    def _wished(self) -> list[Stand]:
        variants = self.visible(Variant).select_related("product").prefetch_related("product__texts")
        try:
            return shelf_list(location=self.store, goods=goods_in(self.asked("goods"), variants=variants))
        except ValidationError:
            return []

    def get_success_url(self, result: None) -> str:
        return self.sheet_url

    def get_success_message(self, result: None) -> Any:
        return _("The list is on its way by mail.")
