"""Filters of the product list."""

import datetime as dt

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Category, Product, VatClass
from apps.portal.filters import FilterSet

STATES = [("now", _("On sale")), ("soon", _("Not on sale yet")), ("ended", _("No longer on sale"))]


def in_state(state: str, day: dt.date) -> Q:
    """Products that are, are not yet, or are no longer on sale on a day."""
    if state == "soon":
        return Q(active_from__gt=day)
    ended = Q(active_until__lt=day)
    return ended if state == "ended" else Q(active_from__lte=day) & ~ended


class ProductFilter(FilterSet):
    """Products by category (with what is below it), brand, VAT class and whether they are on sale."""

    category = django_filters.ModelChoiceFilter(
        label=_("Category"),
        queryset=Category.objects.all(),
        to_field_name="code",
        method="in_category",
        empty_label=_("all categories"),
    )
    brand = django_filters.CharFilter(label=_("Brand"), lookup_expr="icontains")
    vat_class = django_filters.ChoiceFilter(
        label=_("VAT class"), choices=VatClass.choices, empty_label=_("all VAT classes")
    )
    state = django_filters.ChoiceFilter(
        label=_("Status"), choices=STATES, method="in_given_state", empty_label=_("all products")
    )

    class Meta:
        model = Product
        fields: list[str] = []

    def in_category(self, rows: QuerySet[Product], name: str, category: Category) -> QuerySet[Product]:
        return rows.filter(Q(category=category) | Q(category__parent=category))

    def in_given_state(self, rows: QuerySet[Product], name: str, state: str) -> QuerySet[Product]:
        return rows.filter(in_state(state, timezone.localdate()))
