"""The views of a list for those who read its rows elsewhere: the API."""

from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.core.errors import Fault, InvalidInput
from apps.portal.models import SavedView
from apps.portal.pages.filtering import own_parameters
from apps.portal.pages.listing import ListPage
from apps.portal.pages.state import View

Rows = TypeVar("Rows", bound="QuerySet[Any]")


def view_field(*, of: str) -> serializers.SlugField:
    """The parameter that names a view, for the query of an endpoint that lists what a list page does."""
    return serializers.SlugField(
        required=False, max_length=80, help_text=f"A view of the list of {of}, by the name in its address."
    )


def rows_in_view(page: type[ListPage], slug: str, rows: Rows, principal: Any) -> Rows:
    """Those of `rows` that a list shows in one of its views. A view only narrows, so reach stays the caller's.

    Raises InvalidInput for a view that the principal does not know.
    """
    saved: View | None = SavedView.objects.visible_to(principal).filter(page=page.page_name, slug=slug).first()
    view = saved or next((preset for preset in page.views if preset.slug == slug), None)
    if view is None:
        detail = _("There is no view %(view)s.") % {"view": slug}
        raise InvalidInput(detail, code="does_not_exist", faults=[Fault("does_not_exist", detail, "view")])
    if page.filterset_class is None:
        return rows
    parameters = own_parameters(view)
    narrowed: Rows = page.filterset_class.only(parameters)(parameters, queryset=rows).qs
    return narrowed
