"""A list page outside a request, for jobs that were asked for on it."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from django.urls import resolve

from apps.portal.access import may

if TYPE_CHECKING:
    from apps.portal.pages.listing import ListPage


def list_at(path: str, query: str, principal: Any) -> "ListPage":
    """The list page at an address, as somebody sees it now. Raises PermissionDenied when they may not any more."""
    match = resolve(path)
    request = HttpRequest()
    request.method, request.path, request.GET, request.user = "GET", path, QueryDict(query), principal
    page: ListPage = match.func.view_class()  # type: ignore[attr-defined]  # the view of a class
    page.setup(request, *match.args, **match.kwargs)
    if not may(principal, page.permission):
        raise PermissionDenied(page.permission)
    return page
