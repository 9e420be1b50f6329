"""Filters of the outbox."""

import django_filters
from django.utils.translation import gettext_lazy as _

from apps.messages.kinds import KINDS
from apps.messages.models import Message
from apps.portal.filters import DayRangeFilter, FilterSet


class OutboxFilter(FilterSet):
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Message.Status.choices, empty_label=_("any"))
    template = django_filters.ChoiceFilter(label=_("About"), choices=list(KINDS.items()), empty_label=_("anything"))
    queued = DayRangeFilter(field_name="queued_at", label=_("Queued"))

    class Meta:
        model = Message
        fields: list[str] = []
