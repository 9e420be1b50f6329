"""Filters of the lists of tickets and of what was set apart."""

import django_filters
from django.utils.translation import gettext_lazy as _

from apps.core.inbox.models import Quarantined
from apps.network.models import Location
from apps.portal.filters import DayRangeFilter, FilterSet, LongSelect, YesNoFilter
from apps.tills.adapters.canonical import SOURCE
from apps.tills.flaw_words import flaw_in_words
from apps.tills.models import Ticket
from apps.tills.sources import source_in_words


class TicketFilter(FilterSet):
    """Tickets by store, till and day."""

    store = django_filters.ModelChoiceFilter(
        label=_("Store"),
        field_name="location",
        queryset=Location.objects.stores(),
        to_field_name="code",
        widget=LongSelect,
        empty_label=_("all stores"),
    )
    till = django_filters.CharFilter(label=_("Till"))
    business_date = DayRangeFilter(label=_("Day"))

    class Meta:
        model = Ticket
        fields: list[str] = []


def sources() -> list[tuple[str, str]]:
    """The tills, and the other sources of which something was set apart."""
    found = {SOURCE, *Quarantined.objects.values_list("source", flat=True).distinct()}
    return [(source, source_in_words(source)) for source in sorted(found)]


def codes() -> list[tuple[str, str]]:
    """The kinds of reasons that occur."""
    found = Quarantined.objects.order_by("code").values_list("code", flat=True).distinct()
    return [(code, flaw_in_words(code)) for code in found]


class QuarantineFilter(FilterSet):
    """Rows set apart, by where they came from, what is wrong, and whether that was mended."""

    source = django_filters.ChoiceFilter(label=_("Source"), choices=sources, empty_label=_("all sources"))
    code = django_filters.ChoiceFilter(label=_("What is wrong"), choices=codes, empty_label=_("anything"))
    mended = YesNoFilter(label=_("Mended"), field_name="mended_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Quarantined
        fields: list[str] = []
