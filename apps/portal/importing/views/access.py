"""Who may import at all, and who may import what."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.functional import cached_property

from apps.portal.access import may
from apps.portal.importing.kinds import ImportKind, kind_called
from apps.portal.pages import PageAccess

MAY_IMPORT = "imports.view"
"""For whoever may import something; which rows they see is `Import.objects.visible_to`'s business."""


class OfKind(PageAccess, abstract=True):
    """A page about a kind of import: unknown is a 404, without the kind's own permission a 403."""

    permission = MAY_IMPORT

    @cached_property
    def kind(self) -> ImportKind:
        kind = kind_called(self.kwargs["kind"])
        if kind is None:
            raise Http404
        return kind

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.user.is_authenticated and not may(request.user, self.kind.permission):
            raise PermissionDenied(self.kind.permission)
        return super().dispatch(request, *args, **kwargs)
