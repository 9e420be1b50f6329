"""Filters of consignments, and of what suppliers are owed: there the period decides what is added up."""

import datetime as dt
from typing import Any

import django_filters
from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Consignment, StockMovement
from apps.network.models import LegalEntity
from apps.portal.filters import DayRangeFilter, FilterSet, LongSelect

_Kind = StockMovement.Kind
TO_CUSTOMERS = (_Kind.SALE, _Kind.COLLECT, _Kind.SHIP)
_GONE = (_Kind.LOSS, _Kind.COUNT)
_FOUND = (_Kind.FOUND, _Kind.COUNT)


class _OfSupplier(FilterSet):
    supplier = django_filters.ModelChoiceFilter(
        label=_("Supplier"),
        queryset=LegalEntity.objects.filter(kind=LegalEntity.Kind.SUPPLIER).order_by("name"),
        to_field_name="code",
        widget=LongSelect,
        empty_label=_("all suppliers"),
    )


class ConsignmentFilter(_OfSupplier):
    state = django_filters.ChoiceFilter(
        label=_("Status"),
        choices=[("now", _("In force")), ("later", _("Begins later")), ("over", _("Ended"))],
        method="in_state",
        empty_label=_("all"),
    )

    class Meta:
        model = Consignment
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Consignment], name: str, state: str) -> QuerySet[Consignment]:
        today = timezone.localdate()
        which = {
            "now": Q(valid__contains=today),
            "later": Q(valid__startswith__gt=today),
            "over": Q(valid__endswith__lte=today),
        }
        return rows.filter(which[state])


class OwedFilter(_OfSupplier):
    """Adds `received`, `sold`, `returned`, `lost` and `owed` of the days that were asked for; without any of all days."""

    days = DayRangeFilter(label=_("Days"), method="of_days")

    class Meta:
        model = Consignment
        fields: list[str] = []

    def of_days(self, rows: QuerySet[Consignment], name: str, days: slice) -> QuerySet[Consignment]:
        return rows  # the days choose movements, not rows

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = self.form.cleaned_data.get("days")
        within = _within(days.start, days.stop) if days else Q()
        return (
            super()
            .filter_queryset(queryset)
            .annotate(
                received=_pieces("to_owner", within, (_Kind.RECEIPT,)),
                sold=_pieces("from_owner", within, TO_CUSTOMERS),
                returned=_pieces("to_owner", within, (_Kind.RETURN,)),
                lost=_pieces("from_owner", within, _GONE) - _pieces("to_owner", within, _FOUND),
                owed=F("sold") - F("returned"),
            )
        )


def _within(first: Any, last: Any) -> Q:
    which = Q()
    if first:
        which &= Q(business_date__gte=_day(first))
    if last:
        which &= Q(business_date__lte=_day(last))
    return which


def _day(at: Any) -> dt.date:
    return timezone.localdate(at) if isinstance(at, dt.datetime) else at


def _pieces(side: str, within: Q, kinds: tuple[str, ...]) -> Coalesce:
    """How many pieces of the supplier moved so, on his side of the movement."""
    moved = StockMovement.objects.filter(
        within, variant=OuterRef("variant"), kind__in=kinds, **{side: OuterRef("supplier")}
    )
    total = moved.order_by().values("variant").annotate(pieces=Sum("quantity")).values("pieces")
    number = DecimalField(max_digits=14, decimal_places=3)
    return Coalesce(Subquery(total, output_field=number), Value(0), output_field=number)
