"""What every page has: a permission, a principal, and one door to rows."""

from typing import Any, ClassVar, TypeVar

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.generic import TemplateView, View

from apps.portal.access import may
from apps.portal.signing_in import to_sign_in

M = TypeVar("M", bound=Model)


class PageAccess(View):
    """Base of all pages. A page class without `permission` does not come into being.

    `permission` is one of the reach's permissions ("orders.view") or `SIGNED_IN`. Who has not signed in goes to the
    sign-in page; who lacks the permission gets 403. Rows come from `visible()`, so a row out of reach is a 404.
    `rail` is the route of the entry in the rail that the page belongs to, where its address does not say.
    """

    permission: ClassVar[str]
    rail: ClassVar[str] = ""

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not abstract and not getattr(cls, "permission", ""):
            raise ImproperlyConfigured(f"{cls.__module__}.{cls.__qualname__} does not say which permission it needs")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        if not may(request.user, self.permission):
            raise PermissionDenied(self.permission)
        response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])  # page and swap share one address
        return response

    def visible(self, model: type[M]) -> QuerySet[M]:
        """The rows of `model` that the person may see. Pages know no other way to rows."""
        rows: QuerySet[M] = model.objects.visible_to(self.request.user)  # type: ignore[attr-defined]  # each has it
        return rows

    @property
    def is_swap(self) -> bool:
        """Whether htmx wants a fragment. Going back in history wants the whole page."""
        htmx = self.request.htmx  # type: ignore[attr-defined]  # its middleware adds it
        return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


class PlainPage(PageAccess, TemplateView, abstract=True):
    """A page with a template of its own: override `get_context_data`."""
