"""Filters of places, and of what lies on them."""

import django_filters
from django.utils.translation import gettext_lazy as _

from apps.inventory.filters import AtLocation
from apps.inventory.models import Condition, Place, PlaceLevel


class PlaceFilter(AtLocation):
    """Places by location and kind."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Place.Kind.choices, empty_label=_("all kinds"))

    class Meta:
        model = Place
        fields: list[str] = []


class LyingFilter(AtLocation):
    """What lies where, by location, place, kind of place and condition."""

    place = django_filters.CharFilter(label=_("Place"), field_name="place__code", lookup_expr="istartswith")
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), field_name="place__kind", choices=Place.Kind.choices, empty_label=_("all kinds")
    )
    condition = django_filters.ChoiceFilter(
        label=_("Condition"), choices=Condition.choices, empty_label=_("any condition")
    )

    class Meta:
        model = PlaceLevel
        fields: list[str] = []
