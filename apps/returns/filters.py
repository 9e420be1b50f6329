"""Filters of the list of returns. Their names are what other pages link with: `?kind=store&day_after=2026-11-01`."""

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.network.models import Channel, Location
from apps.portal.filters import DayRangeFilter, FilterSet, LongSelect
from apps.returns.models import Return, ReturnLine
from apps.returns.states import STATUS_CHOICES


class ReturnFilter(FilterSet):
    """Returns by state, channel, where they came back, and day."""

    status = django_filters.MultipleChoiceFilter(
        label=_("Status"), choices=STATUS_CHOICES, widget=forms.CheckboxSelectMultiple, distinct=False
    )
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind of channel"),
        field_name="channel__kind",
        choices=Channel.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    sold = django_filters.MultipleChoiceFilter(
        label=_("Sold in"),
        choices=Channel.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        method="with_goods_sold_in",
    )
    location = django_filters.ModelChoiceFilter(
        label=_("Returned to"),
        queryset=Location.objects.all(),
        to_field_name="code",
        widget=LongSelect,
        empty_label=_("anywhere"),
    )
    currency = django_filters.CharFilter(label=_("Currency"), lookup_expr="iexact", max_length=3)
    order = django_filters.CharFilter(
        label=_("Order"), field_name="lines__order__number", lookup_expr="iexact", distinct=True, max_length=16
    )
    day = DayRangeFilter(field_name="business_date", label=_("Business date"))

    class Meta:
        model = Return
        fields: list[str] = []

    def with_goods_sold_in(self, rows: QuerySet[Return], name: str, kinds: list[str]) -> QuerySet[Return]:
        """Returns of goods that a channel of these kinds had sold; where the purchase is unknown, one that took them."""
        if not kinds:
            return rows
        goods = ReturnLine.objects.filter(rma=OuterRef("pk"), variant__isnull=False)
        sold_there = Q(order__channel__kind__in=kinds) | Q(order=None, rma__channel__kind__in=kinds)
        return rows.filter(Exists(goods.filter(sold_there)))
