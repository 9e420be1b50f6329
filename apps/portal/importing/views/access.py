"""Who may import at all, and who may import what."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.functional import cached_property

from apps.portal.access import may
from apps.portal.importing.kinds import ImportKind, kind_called, kinds
from apps.portal.pages import SIGNED_IN, PageAccess


class MayImport(PageAccess, abstract=True):
    """For those who may import something; which rows they see is `Import.objects.visible_to`'s business."""

    permission = SIGNED_IN

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not self.may_import():
            raise PermissionDenied(self.permission)
        return super().dispatch(request, *args, **kwargs)

    def may_import(self) -> bool:
        return any(may(self.request.user, kind.permission) for kind in kinds())


class OfKind(MayImport, abstract=True):
    """A page about a kind of import: unknown is a 404, without the kind's own permission a 403."""

    permission = SIGNED_IN

    @cached_property
    def kind(self) -> ImportKind:
        kind = kind_called(self.kwargs["kind"])
        if kind is None:
            raise Http404
        return kind

    def may_import(self) -> bool:
        return may(self.request.user, self.kind.permission)
