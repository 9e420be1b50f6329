"""Deliveries of suppliers: what is to come, what came, and booking it in."""

from operator import attrgetter
from typing import Any, cast

from django import forms
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.naming import names_of
from apps.catalogue.models import Variant
from apps.core.actors import actor_of
from apps.inventory.filters_deliveries import DeliveryFilter
from apps.inventory.forms_deliveries import AnnounceForm, ReceiveForm
from apps.inventory.models import NoticeLine, PurchaseNotice, StockDocument
from apps.inventory.services.purchases.announcing import announce_delivery, close_notice, put_off
from apps.inventory.services.purchases.receiving import receive_delivery
from apps.inventory.standing import shelves_at
from apps.inventory.tables_deliveries import DeliveryTable, state_of_notice
from apps.portal import formats
from apps.portal.pages import Action, ActionPage, DetailPage, Editable, Fact, FormPage, ListPage, Preset
from apps.portal.store import store_of

VIEW, RECEIVE = "inventory.view", "inventory.receive"


class Deliveries(ListPage):
    permission = VIEW
    model = PurchaseNotice
    title = gettext_lazy("Deliveries")
    table_class = DeliveryTable
    filterset_class = DeliveryFilter
    search_fields = ("number__istartswith", "reference__istartswith", "supplier")
    select_related = ("location",)
    views = (
        Preset("open", gettext_lazy("To come"), {"status": "open"}),
        Preset("late", gettext_lazy("Late"), {"status": "late"}, late=True),
        Preset("all", gettext_lazy("All"), counted=False),
    )
    ordering = ("expected_on", "pk")
    actions = (
        Action(
            label=gettext_lazy("Announce a delivery"),
            route="inventory:announce-delivery",
            permission=RECEIVE,
            icon="plus",
            primary=True,
        ),
    )
    empty_title = gettext_lazy("No deliveries here")
    empty_text = gettext_lazy("What suppliers announce stands here until it is in stock.")
    empty_icon = "package-open"

    def get_queryset(self) -> QuerySet[PurchaseNotice]:
        lines = NoticeLine.objects.filter(notice=OuterRef("pk")).order_by().values("notice")
        pieces = Subquery(lines.annotate(pieces=Sum("announced")).values("pieces"))
        came = Subquery(lines.annotate(came=Sum("received")).values("came"))
        return cast("QuerySet[PurchaseNotice]", super().get_queryset().annotate(pieces=pieces, came=came))


class DeliveryPage(DetailPage):
    """What was announced and what came of it, line by line."""

    permission = VIEW
    model = PurchaseNotice
    select_related = ("location",)
    template_name = "inventory/delivery.html"
    back = ("inventory:deliveries", gettext_lazy("Deliveries"))
    editables = (
        Editable(
            name="expected_on",
            field=forms.DateField(
                label=gettext_lazy("Expected"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
            ),
            permission=RECEIVE,
            read=attrgetter("expected_on"),
            save=lambda notice, day: put_off(notice=notice, expected_on=day),
            say=formats.day,
        ),
    )
    actions = (
        Action(
            label=gettext_lazy("The rest does not come"),
            route="inventory:close-delivery",
            permission=RECEIVE,
            asks=True,
            when=attrgetter("is_open"),
        ),
        Action(
            label=gettext_lazy("Receive"),
            route="inventory:receive-delivery",
            permission=RECEIVE,
            icon="package-check",
            primary=True,
            when=attrgetter("is_open"),
        ),
    )

    def get_title(self) -> Any:
        return _("Delivery %(number)s") % {"number": self.object.number}

    def get_sub(self) -> list[Any]:
        return [
            _("from %(supplier)s to %(location)s")
            % {"supplier": self.object.supplier, "location": self.object.location}
        ]

    def get_status(self) -> tuple[str, Any]:
        return state_of_notice(self.object)

    def get_facts(self) -> list[Fact]:
        notice = self.object
        by = names_of([notice.announced_by]).get(notice.announced_by, "")
        expected = Fact(_("Expected"), formats.day(notice.expected_on), edit="expected_on" if notice.is_open else "")
        return [
            Fact(_("Supplier"), notice.supplier, note=notice.reference),
            expected,
            Fact(_("Announced"), formats.when(notice.announced_at), note=by),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        goes = [f"{self.object.number}/{go}" for go in range(1, self.object.goes + 1)]
        receipts = self.visible(StockDocument).filter(
            kind=StockDocument.Kind.RECEIPT, location=self.object.location_id, reference__in=goes
        )
        return super().get_context_data(
            lines=lines_of(self.object), receipts=receipts.order_by("-occurred_at", "-pk"), **kwargs
        )


class AnnounceDelivery(FormPage):
    permission = RECEIVE
    model = PurchaseNotice
    form_class = AnnounceForm
    title = gettext_lazy("Announce a delivery")
    button = gettext_lazy("Announce it")
    back = ("inventory:deliveries", gettext_lazy("Deliveries"))

    def get_initial(self) -> dict[str, Any]:
        store = store_of(self.request)
        return {"location": store.code if store is not None else None}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"variants": self.visible(Variant)}

    def perform(self, form: AnnounceForm) -> PurchaseNotice:
        given = dict(form.cleaned_data)
        lines = given.pop("goods")
        return announce_delivery(**given, lines=lines, actor=actor_of(self.request.user))

    def get_success_message(self, result: PurchaseNotice) -> Any:
        return _("Delivery %(number)s is expected. Customers see it coming.") % {"number": result.number}


class ReceiveDelivery(FormPage):
    """What came, as far as it was announced with the numbers filled in already."""

    permission = RECEIVE
    model = PurchaseNotice
    lookup = "number"
    select_related = ("location",)
    rail = "inventory:deliveries"
    form_class = ReceiveForm
    template_name = "inventory/receive.html"
    button = gettext_lazy("Put into stock")

    def get_title(self) -> Any:
        return _("Receive from %(supplier)s") % {"supplier": self.object.supplier}

    @cached_property
    def lines(self) -> list[NoticeLine]:
        return [line for line in lines_of(self.object) if line.is_open]

    def get_initial(self) -> dict[str, Any]:
        return {"go": self.object.goes + 1}

    def get_form_kwargs(self) -> dict[str, Any]:
        shelves = shelves_at(self.object.location_id, [line.variant_id for line in self.lines])
        return {"lines": self.lines, "shelves": shelves, "variants": self.visible(Variant)}

    def perform(self, form: ReceiveForm) -> PurchaseNotice:
        notice, _document = receive_delivery(
            number=self.object.number,
            came=form.came,
            go=form.cleaned_data["go"],
            actor=actor_of(self.request.user),
        )
        return notice

    def get_success_message(self, result: PurchaseNotice) -> Any:
        if result.is_open:
            return _("The goods are in stock; the rest of %(number)s is still to come.") % {"number": result.number}
        return _("Delivery %(number)s is received: the goods are in stock.") % {"number": result.number}


class CloseDelivery(ActionPage):
    """Nothing more will come."""

    permission = RECEIVE
    model = PurchaseNotice
    lookup = "number"
    button = gettext_lazy("The rest does not come")
    asks_reason = True

    def get_question(self) -> Any:
        return _("Does the rest of %(number)s not come?") % {"number": self.object.number}

    def get_effect(self) -> Any:
        return _("Customers no longer see it coming. What came stays in stock.")

    def act(self) -> PurchaseNotice:
        return close_notice(notice=self.object)

    def get_success_message(self, result: PurchaseNotice) -> Any:
        return _("Delivery %(number)s is closed.") % {"number": result.number}


def lines_of(notice: PurchaseNotice) -> list[NoticeLine]:
    """The lines of a delivery with their products."""
    return list(
        notice.lines.select_related("variant__product").prefetch_related("variant__product__texts").order_by("line")
    )
