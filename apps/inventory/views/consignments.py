"""Goods in consignment: with whom, where and since when; and what suppliers are owed of them."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.catalogue.models import Variant
from apps.core.actors import actor_of
from apps.inventory.filters_consignments import ConsignmentFilter, OwedFilter
from apps.inventory.forms_consignments import ConsignForm, EndConsignmentForm, SupplierForm
from apps.inventory.models import Consignment
from apps.inventory.services.consigning import consign, end_consignment
from apps.inventory.tables_consignments import ConsignmentTable, OwedTable
from apps.network.models import LegalEntity, Location
from apps.network.suppliers import add_supplier
from apps.portal.pages import Action, FormPage, ListPage, Preset

KEEP = "inventory.keep"
_BACK = ("inventory:consignments", gettext_lazy("Consignment"))
_SEARCHED = ("variant__sku", "variant__product__texts__name", "supplier__name")


class ConsignmentList(ListPage):
    permission = KEEP
    model = Consignment
    title = gettext_lazy("Consignment")
    table_class = ConsignmentTable
    filterset_class = ConsignmentFilter
    search_fields = _SEARCHED
    select_related = ("variant__product", "supplier", "location")
    prefetch_related = ("variant__product__texts",)
    views = (
        Preset("now", gettext_lazy("In force"), {"state": "now"}),
        Preset("later", gettext_lazy("Begins later"), {"state": "later"}),
        Preset("all", gettext_lazy("All"), counted=False),
    )
    ordering = ("supplier__name", "variant__sku", "pk")
    actions = (
        Action(label=gettext_lazy("What suppliers are owed"), route="inventory:owed", permission=KEEP, icon="receipt"),
        Action(label=gettext_lazy("Add supplier"), route="inventory:add-supplier", permission=KEEP, icon="user-plus"),
        Action(
            label=gettext_lazy("Take in consignment"),
            route="inventory:consign",
            permission=KEEP,
            icon="plus",
            primary=True,
        ),
    )
    empty_text = gettext_lazy("All goods are the location's own as soon as they come in.")
    empty_icon = "handshake"


class Owed(ListPage):
    """A row for each supplier and variant that was ever agreed on."""

    permission = KEEP
    model = Consignment
    page_name = "owed"
    rail = _BACK[0]
    back = _BACK
    title = gettext_lazy("What suppliers are owed")
    table_class = OwedTable
    filterset_class = OwedFilter
    search_fields = _SEARCHED
    select_related = ("variant__product", "supplier")
    prefetch_related = ("variant__product__texts",)
    ordering = ("supplier__name", "variant__sku", "pk")
    empty_icon = "receipt"

    def get_queryset(self) -> Any:
        same = {"supplier": OuterRef("supplier"), "variant": OuterRef("variant")}
        earlier = Consignment.objects.filter(**same, pk__lt=OuterRef("pk"))
        return super().get_queryset().filter(~Exists(earlier))

    def get_facts(self) -> list[Any]:
        return [*super().get_facts(), _("in pieces: prices of purchase are not kept here")]


class Consign(FormPage):
    permission = KEEP
    rail = _BACK[0]
    back = _BACK
    form_class = ConsignForm
    title = gettext_lazy("Take goods in consignment")
    button = gettext_lazy("Take in consignment")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"variants": self.visible(Variant), "locations": self.visible(Location)}

    def perform(self, form: Any) -> list[Consignment]:
        given = form.cleaned_data
        return consign(
            supplier=given["supplier"],
            variants=given["codes"],
            locations=given["locations"],
            since=given["since"],
            actor=actor_of(self.request.user),
        )

    def get_success_url(self, result: Any) -> str:
        return reverse(_BACK[0])

    def get_success_message(self, result: list[Consignment]) -> Any:
        return ngettext(
            "%(count)s product in consignment from %(supplier)s.",
            "%(count)s products in consignment from %(supplier)s.",
            len({one.variant_id for one in result}),
        ) % {"count": len({one.variant_id for one in result}), "supplier": result[0].supplier}


class EndConsignment(FormPage):
    permission = KEEP
    model = Consignment
    lookup = "key"
    rail = _BACK[0]
    back = _BACK
    select_related = ("variant__product", "supplier", "location")
    form_class = EndConsignmentForm
    button = gettext_lazy("End it")

    def get_title(self) -> Any:
        return _("End the consignment of %(goods)s") % {"goods": self.object.variant.name}

    def get_object_url(self) -> str:
        return reverse(_BACK[0])

    def perform(self, form: Any) -> Variant:
        until = form.cleaned_data["until"]
        end_consignment(consignment=self.object, until=until, actor=actor_of(self.request.user))
        variant: Variant = self.object.variant
        return variant

    def get_success_url(self, result: Any) -> str:
        return reverse(_BACK[0])

    def get_success_message(self, result: Variant) -> Any:
        return _("%(goods)s: the consignment ends.") % {"goods": result.name}


class AddSupplier(FormPage):
    permission = KEEP
    rail = _BACK[0]
    back = _BACK
    form_class = SupplierForm
    title = gettext_lazy("Add supplier")
    button = gettext_lazy("Add supplier")

    def perform(self, form: Any) -> LegalEntity:
        return add_supplier(**form.cleaned_data)

    def get_success_url(self, result: Any) -> str:
        return reverse("inventory:consign")

    def get_success_message(self, result: LegalEntity) -> Any:
        return _("%(supplier)s added.") % {"supplier": result.name}
