"""Filters of the list of jobs."""

import django_filters
from django.utils.translation import gettext_lazy as _

from apps.core.models import Job, JobState
from apps.portal.filters import DayRangeFilter, FilterSet


class JobFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("Status"), choices=JobState.choices)
    queued = DayRangeFilter(field_name="queued_at", label=_("Asked for"))

    class Meta:
        model = Job
        fields: list[str] = []
