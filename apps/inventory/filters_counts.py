"""Filters of counts, and of how exact stock is."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.inventory.filters import AtLocation
from apps.inventory.models import Count
from apps.network.models import Location
from apps.portal.filters import FilterSet, YesNoFilter


class CountFilter(AtLocation):
    """Counts by place, how far they are, and what was counted."""

    to_count = YesNoFilter(label=_("Still to count"), method="are_to_count")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Count.Status.choices, empty_label=_("any status"))
    basis = django_filters.ChoiceFilter(
        label=_("What is counted"), choices=Count.Basis.choices, empty_label=_("anything")
    )

    class Meta:
        model = Count
        fields: list[str] = []

    def are_to_count(self, rows: QuerySet[Count], name: str, wanted: bool) -> QuerySet[Count]:
        under_way = [Count.Status.DRAFT, Count.Status.COUNTING]
        return rows.filter(status__in=under_way) if wanted else rows.exclude(status__in=under_way)


class AccuracyFilter(FilterSet):
    """Locations that counted, by kind."""

    counted = YesNoFilter(label=_("Counted"), method="have_counted")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Location.Kind.choices, empty_label=_("all kinds"))

    class Meta:
        model = Location
        fields: list[str] = []

    def have_counted(self, rows: QuerySet[Location], name: str, wanted: bool) -> QuerySet[Location]:
        some = Q(("lines__gt", 0))  # of the list, which counts them
        return rows.filter(some if wanted else ~some)
