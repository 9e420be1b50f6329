"""Filters of the list of returns. Their names are what other pages link with: `?kind=store&day_after=2026-11-01`."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from apps.network.models import Channel, Location
from apps.portal.filters import DayRangeFilter, FilterSet
from apps.returns.models import Return
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
    location = django_filters.ModelChoiceFilter(
        label=_("Returned to"), queryset=Location.objects.all(), to_field_name="code", empty_label=_("anywhere")
    )
    currency = django_filters.CharFilter(label=_("Currency"), lookup_expr="iexact", max_length=3)
    order = django_filters.CharFilter(
        label=_("Order"), field_name="lines__order__number", lookup_expr="iexact", distinct=True, max_length=16
    )
    day = DayRangeFilter(field_name="business_date", label=_("Business date"))

    class Meta:
        model = Return
        fields: list[str] = []
