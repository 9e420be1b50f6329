"""Filters of the list of imbalances."""

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Category
from apps.inventory.models import Imbalance
from apps.network.models import LegalEntity, Location
from apps.portal.filters import FilterSet, LongSelect, YesNoFilter


class ImbalanceFilter(FilterSet):
    """By category (with what is below it), region of the store that runs out, owner, and whether it was asked for."""

    category = django_filters.ModelChoiceFilter(
        label=_("Category"),
        queryset=Category.objects.all(),
        to_field_name="code",
        method="in_category",
        widget=LongSelect,
        empty_label=_("all categories"),
    )
    receiver = django_filters.ModelChoiceFilter(
        label=_("Runs out in"),
        queryset=Location.objects.all(),
        to_field_name="code",
        widget=LongSelect,
        empty_label=_("all stores"),
    )
    region = django_filters.CharFilter(
        label=_("Region: postcodes that begin with"), field_name="receiver__postcode", lookup_expr="istartswith"
    )
    owner = django_filters.ModelChoiceFilter(
        label=_("Owner, of either end"),
        queryset=LegalEntity.objects.behind_locations(),
        to_field_name="code",
        method="of_owner",
        widget=LongSelect,
        empty_label=_("all owners"),
    )
    same_owner = YesNoFilter(label=_("Within one owner"), method="within_one")
    asked = YesNoFilter(label=_("Asked for"), field_name="transfer", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Imbalance
        fields: list[str] = []

    def in_category(self, rows: QuerySet[Imbalance], name: str, category: Category) -> QuerySet[Imbalance]:
        return rows.filter(Q(variant__product__category=category) | Q(variant__product__category__parent=category))

    def of_owner(self, rows: QuerySet[Imbalance], name: str, owner: LegalEntity) -> QuerySet[Imbalance]:
        return rows.filter(Q(receiver_owner=owner) | Q(sender_owner=owner))

    def within_one(self, rows: Any, name: str, wanted: bool) -> Any:
        one = Q(sender_owner=F("receiver_owner"))
        return rows.filter(one if wanted else ~one)
