"""Filters of the service desk's lists."""

import django_filters
from django.utils.translation import gettext_lazy as _

from apps.portal.filters import DayRangeFilter, FilterSet
from apps.service.models import ContactMoment, Topic


class ContactFilter(FilterSet):
    channel = django_filters.ChoiceFilter(
        label=_("By"), choices=ContactMoment.Channel.choices, empty_label=_("any way")
    )
    topic = django_filters.ChoiceFilter(label=_("About"), choices=Topic.choices, empty_label=_("anything"))
    direction = django_filters.ChoiceFilter(
        label=_("Who began"), choices=ContactMoment.Direction.choices, empty_label=_("either")
    )
    day = DayRangeFilter(field_name="business_date", label=_("Day"))

    class Meta:
        model = ContactMoment
        fields: list[str] = []
