"""Filters by customer, for the lists of other apps."""

from typing import Any

import django_filters
from django import forms

from apps.customers.models import Customer


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
