"""The chain's stores and distribution centres."""

from operator import attrgetter
from typing import Any

from django import forms
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.network.agreeing import consent_today, owner_who_is_asked
from apps.network.changing import change_location, limit_parcels, tell_how_sales_come
from apps.network.directory import locations
from apps.network.models import DeliverySlot, Location, OpeningDay, Ownership
from apps.portal import formats
from apps.portal.access import may
from apps.portal.countries import country_name
from apps.portal.network import agreeing, slots
from apps.portal.network.filters import LocationFilter
from apps.portal.network.hours import ACTIONS as HOURS
from apps.portal.network.lifetimes import state_of
from apps.portal.network.search import matching
from apps.portal.network.showing_hours import days_to_come, pace_of, week_of
from apps.portal.network.tables import LocationTable
from apps.portal.pages import Action, DetailPage, Editable, Fact, ListPage, Preset


class LocationList(ListPage):
    permission = "network.view"
    model = Location
    table_class = LocationTable
    filterset_class = LocationFilter
    search_fields = ("code", "name", "city", "postcode__istartswith")
    views = (
        Preset("all", gettext_lazy("All")),
        Preset("franchise", gettext_lazy("Franchise"), {"owner_kind": "franchisee", "kind": "store"}),
        Preset("own", gettext_lazy("Own stores"), {"owner_kind": "own", "kind": "store"}),
        Preset("dc", gettext_lazy("Distribution centres"), {"kind": "dc"}),
    )
    ordering = ("code",)
    empty_icon = "store"
    actions = (
        Action(
            label=gettext_lazy("Opening hours of the chain"),
            route="network:chain-hours",
            permission="network.view",
            icon="clock",
        ),
    )

    def search(self, rows: QuerySet[Location], text: str) -> QuerySet[Location]:
        return matching(rows, text)

    def get_queryset(self) -> QuerySet[Location]:
        today = Ownership.objects.filter(location=OuterRef("pk"), valid__contains=timezone.localdate())
        return super().get_queryset().annotate(owner=Subquery(today.values("legal_entity__name")[:1]))


def _service(name: str, label: Any) -> Editable:
    """A service that a location offers or not."""
    return Editable(
        name=name,
        field=forms.BooleanField(label=label, required=False),
        permission="network.change",
        read=attrgetter(name),
        save=lambda location, offers: change_location(location=location, **{name: offers}),
    )


class LocationPage(DetailPage):
    permission = "network.view"
    model = Location
    lookup = "code"
    template_name = "portal/network/location.html"
    back = ("network:locations", gettext_lazy("Locations"))
    editables = (
        _service("offers_collect", gettext_lazy("Collect")),
        _service("ships_orders", gettext_lazy("Ships orders")),
        Editable(
            name="parcels_a_day",
            field=forms.IntegerField(
                label=gettext_lazy("Parcels a day"),
                required=False,
                min_value=0,
                max_value=9999,
                help_text=gettext_lazy("Empty: as many as come."),
            ),
            permission="network.change",
            read=attrgetter("parcels_a_day"),
            save=lambda location, parcels: limit_parcels(location=location, parcels_a_day=parcels),
        ),
        Editable(
            name="sales_come",
            field=forms.ChoiceField(label=gettext_lazy("Till sales come"), choices=Location.SalesCome.choices),
            permission="network.change",
            read=attrgetter("sales_come"),
            save=lambda location, come: tell_how_sales_come(location=location, sales_come=come),
        ),
        slots.RADIUS,
    )
    actions = (*agreeing.ACTIONS, *slots.ACTIONS, *HOURS)

    def get_sub(self) -> list[Any]:
        return [self.object.get_kind_display(), self.object.code, self.object.city]

    def get_status(self) -> tuple[str, Any]:
        return state_of(self.object)

    def get_facts(self) -> list[Fact]:
        location = self.object
        address = f"{location.street} {location.house_number}".strip()
        return [
            Fact(_("Address"), address or "–", note=f"{formats.postcode(location.postcode)} {location.city}"),
            Fact(_("Country"), country_name(location.country)),
            Fact(_("Time zone"), location.time_zone),
            Fact(_("Collect"), _("yes") if location.offers_collect else _("no"), edit="offers_collect"),
            Fact(_("Ships orders"), _("yes") if location.ships_orders else _("no"), edit="ships_orders"),
            *self._sending(location),
            *slots.radius_of(location),
            *self._tills(location),
        ]

    def _tills(self, location: Location) -> list[Fact]:
        come = location.get_sales_come_display()
        return [Fact(_("Till sales come"), come, edit="sales_come")] if location.kind == Location.Kind.STORE else []

    def _sending(self, location: Location) -> list[Fact]:
        """What binds a location that sends orders: how many a day, and whether its franchisee agreed."""
        most = location.parcels_a_day
        said = _("no limit") if most is None else formats.quantity(most)
        facts = [Fact(_("Parcels a day"), said, edit="parcels_a_day")] if location.ships_orders else []
        if owner_who_is_asked(location):
            consent = consent_today(location)
            agreed = _("since %(day)s") % {"day": formats.when(consent.valid.lower)} if consent else _("no")
            facts.append(Fact(_("Owner agrees"), agreed))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        owners = self.object.ownerships.select_related("legal_entity").order_by("-valid")
        hours = locations(knowing=[self.object.pk]).by_id[self.object.pk].hours
        return super().get_context_data(
            ownerships=owners,
            today=timezone.localdate(),
            week=week_of(hours),
            pace=pace_of(hours),
            slots=slots.slots_of(self.visible(DeliverySlot).filter(location=self.object), hours),
            may_change=may(self.request.user, "network.hours"),
            days=days_to_come(self.object, self.visible(OpeningDay), hours),
            **kwargs,
        )
