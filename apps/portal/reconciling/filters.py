"""Filters of the list of comparisons."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from apps.core.models import Comparison
from apps.portal.filters import DayRangeFilter, FilterSet


class ComparisonFilter(FilterSet):
    wrong = django_filters.BooleanFilter(label=_("With differences"), method="that_differ")
    started = DayRangeFilter(field_name="started_at", label=_("When"))

    class Meta:
        model = Comparison
        fields: list[str] = []

    def that_differ(self, rows: Any, name: str, value: bool) -> Any:
        return rows.filter(differences__gt=0) if value else rows.filter(differences=0)
