"""Filters of list pages; the API uses the same classes."""

from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from html import escape
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.forms.utils import flatatt
from django.utils.safestring import SafeString, mark_safe
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


class LongSelect(forms.Select):
    """A drop-down of hundreds of stores: read as pairs and drawn in one go, since a template and an object for each option
    take longer than the whole list below it.

    Options are the `code` and `name` of the rows, narrowed by `among`; what is chosen is always one of them. Of a field
    without rows they are its choices.
    """

    def __init__(self, attrs: Any = None, *, among: Q | None = None) -> None:
        super().__init__(attrs)
        self.among = among

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        offered: Any = self.choices
        chosen = str(value or "")
        if hasattr(offered, "queryset"):
            rows = offered.queryset if self.among is None else offered.queryset.filter(self.among | Q(code=chosen))
            pairs = [("", str(offered.field.empty_label)), *rows.values_list("code", "name")]
        else:
            pairs = [(str(code), str(label)) for code, label in offered]
        options = "".join(
            f'<option value="{escape(code)}"{" selected" if code == chosen else ""}>{escape(label)}</option>'
            for code, label in pairs
        )
        select = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return mark_safe(f"<select{select}>{options}</select>")  # noqa: S308  (each part was escaped above)


class FilterSet(django_filters.FilterSet):
    """Base of the portal's filters."""

    @classmethod
    def only(cls, parameters: Iterable[str]) -> "type[FilterSet]":
        """These filters without those that none of the parameters of an address speaks to.

        A filter set copies each of its filters and each field of its form; most lists are narrowed by one or none.
        """
        kind: Any = cls
        names = _names_of(kind)
        narrowed: type[FilterSet] = _narrowed(kind, frozenset(names[key] for key in parameters if key in names))
        return narrowed

    @classmethod
    def keys_of(cls, name: str) -> list[str]:
        """The parameters of a filter: one, or one for each part of a range."""
        kind: Any = cls
        return [key for key, filter_name in _names_of(kind).items() if filter_name == name]


@cache
def _names_of(kind: Any) -> dict[str, str]:
    """The name of the filter that each parameter speaks to."""
    names = {}
    for name, each in kind.base_filters.items():
        widget = deepcopy(each).field.widget  # a copy, for a filter keeps the field it made
        suffixed = [widget.suffixed(name, suffix) for suffix in getattr(widget, "suffixes", ())]
        names.update(dict.fromkeys(suffixed or [name], name))
    return names


@cache
def _narrowed(kind: Any, names: frozenset[str]) -> Any:
    narrowed: Any = type(kind.__name__, (kind,), {})
    narrowed.base_filters = {name: each for name, each in kind.base_filters.items() if name in names}
    return narrowed
