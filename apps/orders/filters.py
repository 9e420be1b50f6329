"""Filters of the list of orders. Their names are what other pages link with: `?kind=store&from=2026-11-01`."""

import datetime as dt

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.customers.filters import CustomerFilter
from apps.network.models import Channel, Location
from apps.orders.expected import short_orders
from apps.orders.models import Method, Order, OrderLine
from apps.orders.promised import late_orders
from apps.orders.states import STATUS_CHOICES
from apps.portal.filters import DayInput, FilterSet, LongSelect, YesNoFilter


def currencies() -> list[tuple[str, str]]:
    """The currencies in which channels sell."""
    codes = Channel.objects.order_by("currency").values_list("currency", flat=True).distinct()
    return [(code, code) for code in codes]


class OrderFilter(FilterSet):
    """Orders by channel, how and where they reach the customer, state, day, currency, and customer."""

    status = django_filters.MultipleChoiceFilter(
        label=_("Status"), choices=STATUS_CHOICES, widget=forms.CheckboxSelectMultiple, distinct=False
    )
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind of channel"),
        field_name="channel__kind",
        choices=Channel.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    channel = django_filters.ModelChoiceFilter(
        label=_("Channel"),
        queryset=Channel.objects.all(),
        to_field_name="code",
        widget=LongSelect(among=Q(location=None)),  # a store's tills are found by the store
        empty_label=_("all channels"),
    )
    method = django_filters.ChoiceFilter(label=_("Fulfilment"), choices=Method.choices, empty_label=_("all ways"))
    location = django_filters.ModelChoiceFilter(
        label=_("Store"),
        queryset=Location.objects.all(),
        to_field_name="code",
        widget=LongSelect,
        empty_label=_("all stores"),
    )
    currency = django_filters.ChoiceFilter(label=_("Currency"), choices=currencies, empty_label=_("all currencies"))
    known = YesNoFilter(label=_("Customer known"), field_name="source_record", lookup_expr="isnull", exclude=True)
    brought = django_filters.ChoiceFilter(
        label=_("Brought at a time"),
        choices=(("today", _("today")), ("tomorrow", _("tomorrow")), ("any", _("any day"))),
        method="brought_on",
        empty_label=_("all orders"),
    )
    late = YesNoFilter(label=_("Later than promised"), method="not_in_time")
    short = YesNoFilter(label=_("Short"), method="lacking_goods")
    handed = YesNoFilter(label=_("Handed over, in part or whole"), method="with_goods_gone")
    customer = CustomerFilter(label=_("Customer"), field_name="source_record__customer")

    class Meta:
        model = Order
        fields: list[str] = []

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        """The declared filters and `from` and `to`, the first of which is no name for an attribute."""
        filters: dict[str, django_filters.Filter] = super().get_filters()
        days = {
            "from": django_filters.DateFilter(
                label=_("From"), field_name="business_date", lookup_expr="gte", widget=DayInput
            ),
            "to": django_filters.DateFilter(
                label=_("Up to"), field_name="business_date", lookup_expr="lte", widget=DayInput
            ),
        }
        return filters | days

    def brought_on(self, rows: QuerySet[Order], name: str, day: str) -> QuerySet[Order]:
        """Orders that stand and are brought at a time that the customer chose, on a day."""
        brought = rows.filter(slot_booking__isnull=False)
        if day == "any":
            return brought
        on = timezone.localdate() + dt.timedelta(days=day == "tomorrow")
        starts, ends = (timezone.make_aware(dt.datetime.combine(on + dt.timedelta(days=n), dt.time())) for n in (0, 1))
        return brought.filter(slot_booking__slot__starts_at__gte=starts, slot_booking__slot__starts_at__lt=ends)

    def not_in_time(self, rows: QuerySet[Order], name: str, wanted: bool) -> QuerySet[Order]:
        """Orders that the customer should have been able to have by now, and cannot."""
        return rows.filter(late_orders() if wanted else ~late_orders())

    def lacking_goods(self, rows: QuerySet[Order], name: str, wanted: bool) -> QuerySet[Order]:
        """Orders that lack goods which nobody announced."""
        return rows.filter(short_orders() if wanted else ~short_orders())

    def with_goods_gone(self, rows: QuerySet[Order], name: str, wanted: bool) -> QuerySet[Order]:
        """Orders of which the customer has (or had) something: those that figures of sales count."""
        gone = Exists(OrderLine.objects.filter(order=OuterRef("pk"), quantity_fulfilled__gt=0))
        return rows.filter(gone if wanted else ~gone)
