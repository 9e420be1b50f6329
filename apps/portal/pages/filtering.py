"""Saved views, and the filters in force as removable chips."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.portal import formats
from apps.portal.filters import FilterSet


@dataclass(frozen=True)
class Preset:
    """A view that comes with the page: a named set of filters shown as a tab.

    `late` makes its count red; `counted` can spare a costly count.
    """

    slug: str
    label: Any
    params: Mapping[str, str | list[str]] = field(default_factory=dict)
    late: bool = False
    counted: bool = True
    sort: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Tab:
    """A view on the page, with its `counting.Total` if it is counted."""

    view: Any
    url: str
    count: Any
    current: bool
    changed: bool


@dataclass(frozen=True)
class Chip:
    """One filter in force. `on` differs from the saved view; `error` says why an unusable value was left out."""

    name: str
    label: Any
    value: str
    error: str
    on: bool
    without: QueryDict
    remove_url: str


def own_parameters(view: Any) -> QueryDict:
    """The filters a saved view stands for."""
    parameters = QueryDict(mutable=True)
    for name, value in view.params.items():
        parameters.setlist(name, [value] if isinstance(value, str) else list(value))
    return parameters


def parameters_of(query: QueryDict, view: Any, reserved: Iterable[str]) -> QueryDict:
    """The filters in force.

    The address speaks over the saved view, field by field. With `changed` it speaks alone: that is how a filter that
    belongs to the view can be taken away.
    """
    parameters = QueryDict(mutable=True) if view is None or "changed" in query else own_parameters(view)
    for name in query:
        if name not in reserved:
            parameters.setlist(name, [value.replace("\x00", "") for value in query.getlist(name)])
    return parameters


def chips_of(filterset: FilterSet, view: Any, address: Callable[..., str]) -> list[Chip]:
    """A chip for every filter that has a value, in the order of the filters."""
    own = own_parameters(view) if view else QueryDict()
    form = filterset.form
    chips = []
    for name, form_field in form.fields.items():
        keys = [key for key in type(filterset).keys_of(name) if key in filterset.data]
        given = {key: [v for v in filterset.data.getlist(key) if v != ""] for key in keys}
        if not any(given.values()):
            continue
        without = filterset.data.copy()
        for key in keys:
            del without[key]
        error = " ".join(form.errors.get(name, []))
        raw = ", ".join(v for values in given.values() for v in values)
        chips.append(
            Chip(
                name=name,
                label=form_field.label,
                value=raw if error else _spoken(form_field, form.cleaned_data.get(name), raw),
                error=error,
                on=any(own.getlist(key) != given[key] for key in keys),
                without=without,
                remove_url=address(without),
            )
        )
    return chips


def _spoken(form_field: forms.Field, value: Any, raw: str) -> str:
    """A filter's value as people say it: labels of choices, names of objects, from/to of a range."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, slice):
        return _range_spoken(value.start, value.stop)
    if isinstance(value, dt.date):
        return formats.when(value)
    if isinstance(value, Model):
        return str(value)
    if isinstance(form_field, forms.ModelMultipleChoiceField):
        return ", ".join(str(obj) for obj in value)
    if isinstance(form_field, forms.ChoiceField):
        choices: Any = form_field.choices
        labels = {str(key): str(label) for key, label in choices}
        values = value if isinstance(value, list | tuple) else [value]
        return ", ".join(labels.get(str(v), str(v)) for v in values)
    return raw


def _range_spoken(start: Any, stop: Any) -> str:
    low, high = (_point_spoken(point) for point in (start, stop))
    if low and high:
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    return _("from %(low)s") % {"low": low} if low else _("up to %(high)s") % {"high": high}


def _point_spoken(point: Any) -> str:
    if point is None:
        return ""
    if isinstance(point, dt.datetime):  # a range of days arrives as its first and last moment
        return formats.when(timezone.localdate(point))
    return formats.when(point) if isinstance(point, dt.date) else formats.quantity(point)
