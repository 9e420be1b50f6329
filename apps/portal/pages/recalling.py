"""A list page at an address, apart from a request to it: for jobs asked for on it, and for the pages opened from it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from django.urls import resolve

from apps.portal.access import may

if TYPE_CHECKING:
    from apps.portal.pages.listing import ListPage


def list_at(path: str, query: str, principal: Any, *, session: Mapping[str, Any] | None = None) -> "ListPage":
    """The list page at an address, as somebody sees it now; `session` is theirs, where there is one.

    Raises Resolver404 where there is no page, LookupError where it is no list, PermissionDenied when they may not open it.
    """
    from apps.portal.pages.listing import ListPage

    match = resolve(path)
    view = getattr(match.func, "view_class", None)
    if not (isinstance(view, type) and issubclass(view, ListPage)):
        raise LookupError(path)
    if not may(principal, view.permission):
        raise PermissionDenied(view.permission)
    request = HttpRequest()
    request.method, request.path, request.GET, request.user = "GET", path, QueryDict(query), principal
    request.session = session if session is not None else {}  # type: ignore[assignment]  # read only
    page = view()
    page.setup(request, *match.args, **match.kwargs)
    return page
