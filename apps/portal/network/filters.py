"""Filters of the network's lists."""

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.network.models import LegalEntity, Location
from apps.portal.countries import COUNTRIES
from apps.portal.filters import FilterSet, LongSelect, YesNoFilter


class LocationFilter(FilterSet):
    """Locations by kind, country, place, and who owns them today."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Location.Kind.choices, empty_label=_("all kinds"))
    country = django_filters.ChoiceFilter(label=_("Country"), choices=COUNTRIES, empty_label=_("all countries"))
    city = django_filters.CharFilter(label=_("City"), lookup_expr="icontains")
    postcode = django_filters.CharFilter(
        label=_("Postcode"), lookup_expr="istartswith", help_text=_("Or how it begins: 35 is the region of Utrecht.")
    )
    owner = django_filters.ModelChoiceFilter(
        label=_("Legal entity"),
        queryset=LegalEntity.objects.behind_locations(),
        to_field_name="code",
        method="owned_by",
        widget=LongSelect,
        empty_label=_("all legal entities"),
    )
    owner_kind = django_filters.ChoiceFilter(
        label=_("Owned by"),
        choices=[(kind.value, kind.label) for kind in LegalEntity.BEHIND_LOCATIONS],
        method="owned_by_kind",
        empty_label=_("anyone"),
    )
    offers_collect = YesNoFilter(label=_("Offers collect"))
    ships_orders = YesNoFilter(label=_("Ships orders"))

    class Meta:
        model = Location
        fields: list[str] = []

    def owned_by(self, rows: QuerySet[Location], name: str, entity: LegalEntity) -> QuerySet[Location]:
        today = timezone.localdate()
        return rows.filter(ownerships__legal_entity=entity, ownerships__valid__contains=today)

    def owned_by_kind(self, rows: QuerySet[Location], name: str, kind: str) -> QuerySet[Location]:
        today = timezone.localdate()
        return rows.filter(ownerships__legal_entity__kind=kind, ownerships__valid__contains=today)
