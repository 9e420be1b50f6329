"""Filters of the franchise's lists."""

import django_filters
from django.utils.translation import gettext_lazy as _

from apps.franchise.models import Evidence, RevenueShare, RuleSet
from apps.network.models import Location
from apps.portal.filters import DayRangeFilter, FilterSet, LongSelect


class ShareFilters(FilterSet):
    day = DayRangeFilter(field_name="business_date", label=_("Date"))
    store = django_filters.ModelChoiceFilter(
        field_name="location",
        queryset=Location.objects.stores(),
        to_field_name="code",
        label=_("Store"),
        widget=LongSelect,
        empty_label=_("all stores"),
    )
    because = django_filters.ChoiceFilter(
        field_name="evidence", choices=Evidence.choices, label=_("Because"), empty_label=_("all reasons")
    )
    kind = django_filters.ChoiceFilter(
        choices=RevenueShare.Kind.choices, label=_("What"), empty_label=_("credited and reversed")
    )
    rules = django_filters.ModelChoiceFilter(
        field_name="rule_set",
        queryset=RuleSet.objects.all(),
        to_field_name="version",
        label=_("Rule set"),
        empty_label=_("all rule sets"),
    )
    currency = django_filters.CharFilter(lookup_expr="iexact", label=_("Currency"))

    class Meta:
        model = RevenueShare
        fields = ("day", "store", "because", "kind", "rules", "currency")
