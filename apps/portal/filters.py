"""Filters of list pages; the API uses the same classes."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters.widgets import DateRangeWidget


class DayInput(forms.DateInput):
    """The browser's own date picker, which wants ISO dates whatever the language."""

    input_type = "date"

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayRangeWidget(DateRangeWidget):
    """Two days: from and up to, each with a name of its own for those who cannot see them side by side."""

    template_name = "shell/_range.html"

    def __init__(self, attrs: Any = None) -> None:
        forms.MultiWidget.__init__(
            self, (DayInput({"aria-label": _("from")}), DayInput({"aria-label": _("up to")})), attrs
        )


class DayRangeFilter(django_filters.DateFromToRangeFilter):
    """Rows of the days from … up to and including …; in the address `<name>_after` and `<name>_before`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=DayRangeWidget, **kwargs)


class YesNoFilter(django_filters.BooleanFilter):
    """Yes, no, or either."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        widget = forms.Select(choices=[("", _("either")), ("true", _("yes")), ("false", _("no"))])
        super().__init__(*args, widget=widget, **kwargs)


class FilterSet(django_filters.FilterSet):
    """Base of the portal's filters."""
