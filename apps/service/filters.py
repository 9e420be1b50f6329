"""Filters of the service desk's lists."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.network.models import Location
from apps.portal.filters import DayRangeFilter, FilterSet, LongSelect
from apps.service.models import ContactMoment, Question
from apps.service.tree import TopicTree


def _topics() -> list[tuple[Any, Any]]:
    return TopicTree.read().choices()


class ContactFilter(FilterSet):
    channel = django_filters.ChoiceFilter(
        label=_("By"), choices=ContactMoment.Channel.choices, empty_label=_("any way")
    )
    topic = django_filters.ChoiceFilter(label=_("About"), choices=_topics, empty_label=_("anything"), method="about")
    direction = django_filters.ChoiceFilter(
        label=_("Who began"), choices=ContactMoment.Direction.choices, empty_label=_("either")
    )
    day = DayRangeFilter(field_name="business_date", label=_("Day"))

    class Meta:
        model = ContactMoment
        fields: list[str] = []

    def about(self, rows: QuerySet[Any], name: str, code: str) -> QuerySet[Any]:
        """Contacts about a topic, or about a part of it."""
        return rows.filter(topic__in=TopicTree.read().codes_under(code))


class QuestionFilter(FilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("open", _("Open")), ("answered", _("Answered"))],
        empty_label=_("either"),
        method="is_in",
    )
    asked_of = django_filters.ChoiceFilter(
        label=_("Asked of"),
        choices=[("desk", _("Service desk")), ("stores", _("Stores"))],
        empty_label=_("anybody"),
        method="is_for",
    )
    location = django_filters.ModelChoiceFilter(
        label=_("Store"), queryset=Location.objects.order_by("name"), to_field_name="code", widget=LongSelect
    )

    class Meta:
        model = Question
        fields: list[str] = []

    def is_in(self, rows: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        return rows.filter(answer__isnull=state == "open")

    def is_for(self, rows: QuerySet[Any], name: str, side: str) -> QuerySet[Any]:
        return rows.filter(Q(location__isnull=side == "desk"))
