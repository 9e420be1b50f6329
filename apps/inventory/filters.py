"""Filters of stock, stock documents and store tasks."""

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.reach import reach_of
from apps.inventory.models import Condition, Reason, StockDocument, StockLevel, StoreTask
from apps.inventory.querysets import LEAST_KEPT
from apps.portal.filters import DayRangeFilter, FilterSet, YesNoFilter

AMOUNTS = [
    ("free", _("something free")),
    ("none", _("nothing free")),
    ("oversold", _("sold beyond stock")),
    ("reserved", _("something reserved")),
]


def called(text: str, path: str = "") -> Q:
    """Locations with this code, or with this text in their name; `path` leads to them."""
    return Q(**{f"{path}code__iexact": text}) | Q(**{f"{path}name__icontains": text})


class AtLocation(FilterSet):
    """Rows at a location: one by its code or part of its name, or the person's own."""

    location = django_filters.CharFilter(
        label=_("Location"), method="at_location", help_text=_("A code, or part of a name.")
    )
    here = YesNoFilter(label=_("Own locations"), method="at_own")

    def at_location(self, rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        return rows.filter(called(text, "location__"))

    def at_own(self, rows: QuerySet[Any], name: str, own: bool) -> QuerySet[Any]:
        mine = reach_of(self.request.user).q("location")
        return rows.filter(mine if own else ~mine) if mine else rows


class StockFilter(AtLocation):
    """Stock by place, condition, and how much of it there is."""

    amount = django_filters.ChoiceFilter(
        label=_("Quantity"), choices=AMOUNTS, method="with_amount", empty_label=_("any quantity")
    )
    condition = django_filters.ChoiceFilter(
        label=_("Condition"), choices=Condition.choices, empty_label=_("any condition")
    )

    class Meta:
        model = StockLevel
        fields: list[str] = []

    def with_amount(self, rows: QuerySet[StockLevel], name: str, amount: str) -> QuerySet[StockLevel]:
        saleable = Q(condition=Condition.SALEABLE)
        free = Q(on_hand__gt=F("reserved") + LEAST_KEPT)
        wanted = {
            "free": saleable & free,
            "none": saleable & ~free,
            "oversold": Q(oversold__gt=0) | Q(on_hand__lt=0),
            "reserved": Q(reserved__gt=0),
        }
        return rows.filter(wanted[amount])


class StockDocumentFilter(AtLocation):
    """Stock documents by kind, reason, place and day."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=StockDocument.Kind.choices, empty_label=_("all kinds"))
    reason = django_filters.ChoiceFilter(label=_("Reason"), choices=Reason.choices, empty_label=_("any reason"))
    business_date = DayRangeFilter(label=_("Day"))

    class Meta:
        model = StockDocument
        fields: list[str] = []


class StoreTaskFilter(AtLocation):
    """Store tasks by kind, place, and whether they are done."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=StoreTask.Kind.choices, empty_label=_("all kinds"))
    done = YesNoFilter(label=_("Done"), method="are_done")

    class Meta:
        model = StoreTask
        fields: list[str] = []

    def are_done(self, rows: QuerySet[StoreTask], name: str, done: bool) -> QuerySet[StoreTask]:
        return rows.filter(done_at__isnull=not done)
