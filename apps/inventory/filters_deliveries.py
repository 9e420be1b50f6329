"""Filters of deliveries."""

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.inventory.filters import AtLocation
from apps.inventory.models import NoticeStatus, PurchaseNotice
from apps.portal.filters import DayRangeFilter

STATES = [("open", _("to come")), ("late", _("late")), *NoticeStatus.choices]


class DeliveryFilter(AtLocation):
    """Deliveries by where they stand, supplier, place and day."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=STATES, method="with_status", empty_label=_("any status")
    )
    supplier = django_filters.CharFilter(label=_("Supplier"), lookup_expr="icontains")
    expected_on = DayRangeFilter(label=_("Expected"))

    class Meta:
        model = PurchaseNotice
        fields: list[str] = []

    def with_status(self, rows: QuerySet[PurchaseNotice], name: str, status: str) -> QuerySet[PurchaseNotice]:
        if status in NoticeStatus.values:
            return rows.filter(status=status)
        to_come = rows.filter(status__in=["expected", "partly"])
        return to_come.filter(expected_on__lt=timezone.localdate()) if status == "late" else to_come
