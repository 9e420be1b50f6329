"""A Django system check: what the views of a list say is understood by its filters and its columns.

A filter leaves out a value that it does not understand, as it must with an address that somebody typed. In a view that
comes with the page it would be a mistake that nobody sees: the tab would show everything.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

import django_filters
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import get_resolver

from apps.portal.pages.filtering import Preset, own_parameters
from apps.portal.pages.listing import ListPage

_NOTHING: tuple[Any, ...] = (None, "", [], ())


def check_views(app_configs: Any = None, **_kwargs: Any) -> Sequence[CheckMessage]:
    """Every view of every list page that has an address."""
    get_resolver().url_patterns  # noqa: B018  (reads the pages)
    return [
        Error(f"The view {preset.slug!r} of {page.__qualname__}: {fault}", obj=page, id="portal.E001")
        for page in _list_pages(ListPage)
        for preset in page.views
        for fault in faults_of(page, preset)
    ]


def _list_pages(kind: type[ListPage]) -> Iterator[type[ListPage]]:
    for page in kind.__subclasses__():
        if hasattr(page, "table_class"):
            yield page
        yield from _list_pages(page)


def faults_of(page: type[ListPage], preset: Preset) -> Iterator[str]:
    """What of a view its list does not understand."""
    columns = page.table_class.base_columns
    for name in (*preset.columns, *(name.removeprefix("-") for name in preset.sort)):
        if name not in columns:
            yield f"there is no column {name!r}"
    if not preset.params:
        return
    if page.filterset_class is None:
        yield "the list has no filters"
        return
    filters: dict[str, Any] = page.filterset_class.base_filters
    known = {key: name for name in filters for key in page.filterset_class.keys_of(name)}
    parameters = own_parameters(preset)
    for key in parameters:
        if key not in known:
            yield f"there is no filter {key!r}"
        elif not _understands(deepcopy(filters[known[key]]), known[key], parameters):
            yield f"the filter {key!r} does not understand {parameters[key]!r}"


def _understands(wanted: Any, name: str, parameters: QueryDict) -> bool:
    """Whether a filter makes something of its parameters. What it offers from the database is not looked at: a check
    runs before there is one."""
    if isinstance(wanted, django_filters.ModelChoiceFilter) or callable(wanted.extra.get("choices")):
        return True
    field = wanted.field
    try:
        value = field.clean(field.widget.value_from_datadict(parameters, {}, name))
    except ValidationError:
        return False
    return value not in _NOTHING
