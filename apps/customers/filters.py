"""Filters by customer, for the lists of other apps, and of what is barred."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from apps.customers.models import BarredValue, Customer, Identifier
from apps.portal.filters import FilterSet


class CustomerField(forms.ModelChoiceField):
    """A customer by key. An old key means whoever it belongs to now."""

    def to_python(self, value: Any) -> Any:
        customer = super().to_python(value)
        return (customer.merged_into or customer) if customer else customer


class CustomerFilter(django_filters.ModelChoiceFilter):
    """Rows of one customer, whose key stands in the address."""

    field_class = CustomerField

    def __init__(self, **kwargs: Any) -> None:
        customers = Customer.objects.select_related("merged_into")
        super().__init__(queryset=customers, to_field_name="key", widget=forms.HiddenInput, **kwargs)


class BarredFilter(FilterSet):
    """By kind and state only: a value typed here would stand in the address."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Identifier.Kind.choices, empty_label=_("any"))
    state = django_filters.ChoiceFilter(label=_("Status"), choices=BarredValue.State.choices, empty_label=_("any"))

    class Meta:
        model = BarredValue
        fields: list[str] = []
