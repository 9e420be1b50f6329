"""Pages about one object: its detail page, and the panels other apps put on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from apps.portal.access import allowed
from apps.portal.discretion import Tag
from apps.portal.entries import Panel
from apps.portal.models import Visit
from apps.portal.pages.actions import Action, BoundAction, bind
from apps.portal.pages.auditing import Trail, trail_file
from apps.portal.pages.base import PageAccess
from apps.portal.pages.coming_from import KnowsList
from apps.portal.pages.editing import Editable, Editing
from apps.portal.registry import contributed


@dataclass(frozen=True)
class Fact:
    """A label and its value; a figure has the `url` of its rows. `note` is the small line below.

    `edit` names the `Editable` of the page by which the value is changed in its place. `tag` says how much of it may be said
    (apps.portal.discretion).
    """

    label: Any
    value: Any
    url: str = ""
    note: Any = ""
    edit: str = ""
    tag: str = ""


class ObjectPage(KnowsList, PageAccess, TemplateView, abstract=True):
    """A page about one object.

    `lookup` names both the URL argument and the model's field: `number`, `slug`, `uuid`, `code`; never the primary
    key. Out of reach is the same 404 as unknown. An object that has another key now is shown at its own address.
    """

    model: ClassVar[type[Model]]
    lookup: ClassVar[str] = "number"
    select_related: ClassVar[tuple[str, ...]] = ()
    prefetch_related: "ClassVar[tuple[str | Prefetch[Any], ...]]" = ()

    def get_queryset(self) -> QuerySet[Any]:
        rows = self.visible(self.model)
        if self.select_related:
            rows = rows.select_related(*self.select_related)
        return rows.prefetch_related(*self.prefetch_related)

    @cached_property
    def object(self) -> Any:
        rows, given = self.get_queryset(), self.kwargs[self.lookup]
        if hasattr(rows, "meant_by"):  # its keys may come to mean another object
            return get_object_or_404(rows.meant_by(given))
        return get_object_or_404(rows, **{self.lookup: given})

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.lookup not in kwargs:  # a form for something new
            return super().get(request, *args, **kwargs)
        now = getattr(self.object, self.lookup)
        if str(now) != str(kwargs[self.lookup]) and request.resolver_match is not None:
            url = reverse(request.resolver_match.view_name, kwargs=kwargs | {self.lookup: now})
            return HttpResponseRedirect(f"{url}?{request.GET.urlencode()}" if request.GET else url)
        return super().get(request, *args, **kwargs)

    def get_object_url(self) -> str:
        """The page of the object, in the list it was opened from."""
        return self.with_list(self.object.get_absolute_url())

    def get_title(self) -> Any:
        return str(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(object=self.object, title=self.get_title(), **kwargs)


class DetailPage(ObjectPage, abstract=True):
    """The page of one object: `shell/detail.html`, which an app's template extends for its `main` and `side` blocks.

    `get_facts()` are the key facts at the side, `get_sub()` the one line under the title, `actions` the acts,
    `back` the list it belongs to; whoever came from a list goes back to that one as it was, and sees the rows before and
    after. Panels contributed to `page_name` ("orders.order" by default) load below, and last of
    all the audit trail, kept under `audited_as` and the value of `lookup`.
    """

    template_name = "shell/detail.html"
    actions: ClassVar[tuple[Action, ...]] = ()
    back: ClassVar[tuple[str, Any] | None] = None  # (route, label)
    page_name: ClassVar[str] = ""
    audited_as: ClassVar[str] = ""  # the model's name, unless events and changes call it otherwise
    editables: ClassVar[tuple[Editable, ...]] = ()
    http_method_names = ["get", "head", "post", "options"]

    @property
    def audit_key(self) -> tuple[str, str]:
        """What the trail of this object is kept under: (type, key)."""
        return self.audited_as or str(self.model._meta.model_name), str(getattr(self.object, self.lookup))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        part = request.GET.get("part")
        if part == "audit":
            return self._audit(request)
        if part == "edit":
            return Editing(self, request).get()
        response = super().get(request, *args, **kwargs)
        if not self.is_swap:
            Visit.note(request.user, request.path)
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A page about an object changes nothing but the facts it offers to edit."""
        if request.GET.get("part") != "edit":
            return HttpResponseNotAllowed(["GET"])
        return Editing(self, request).post()

    def _audit(self, request: HttpRequest) -> HttpResponse:
        """The audit trail: a fragment, a page of its own where no scripts run, or all of it as a file."""
        if request.GET.get("format") == "csv":
            response = HttpResponse(b"".join(trail_file(*self.audit_key)), content_type="text/csv; charset=utf-8")
            name = f"{slugify('-'.join(self.audit_key))}-{timezone.localdate().isoformat()}.csv"
            response["Content-Disposition"] = f'attachment; filename="{name}"'
            return response
        trail = Trail.of(*self.audit_key, request.GET.get("before", ""))
        context = {"object": self.object, "title": self.get_title(), "trail": trail, "panel_title": _("Audit trail")}
        context |= {"back_url": self.get_object_url()}
        template = "shell/_audit.html" if self.is_swap else "shell/panel.html"
        return self.response_class(
            request, [template], context | {"panel_template": "shell/_audit.html"}, using=self.template_engine
        )

    def get_facts(self) -> list[Fact]:
        return []

    def get_editables(self) -> Sequence[Editable]:
        """What may be changed in its place. Override where that depends on the object."""
        return self.editables

    def get_editable_facts(self) -> list[Fact]:
        """The facts that may be changed, wherever on the page they stand."""
        return self.get_facts()

    def get_sub(self) -> list[Any]:
        return []

    def get_bound_actions(self) -> list[BoundAction]:
        """The acts on this object for this person. Override where one is of use only in some places."""
        address = self.list_behind.address
        return bind(self.actions, self.request.user, self.object, self.kwargs, list_address=address)

    def get_status(self) -> tuple[str, Any] | None:
        """The object's state as (tone, word)."""
        return None

    def get_back(self) -> tuple[str, Any] | None:
        """Where the way back leads for whoever came from no list: (address, label)."""
        return (reverse(self.back[0]), self.back[1]) if self.back else None

    def get_panels(self) -> list[dict[str, Any]]:
        page = self.page_name or self.model._meta.label_lower
        return [
            {
                "name": panel.name,
                "title": panel.title,
                "side": panel.side,
                "url": self._panel_url(panel.route),
                "tag": self.tag_of_panel(panel),
            }
            for panel in contributed.panels_for(page, self.request.user)
            if self.tag_of_panel(panel) != Tag.HIDDEN
        ]

    def tag_of_panel(self, panel: Panel) -> str:
        """How much of what a panel tells may be said; one that is hidden is left out. Override on a page about a person."""
        return ""

    def _panel_url(self, route: str) -> str:
        return self.with_list(reverse(route, kwargs=self.kwargs))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        panels = self.get_panels()
        behind = self.list_behind
        back_url, back_label = (behind.address, behind.label) if behind.address else self.get_back() or ("", "")
        return context | {
            "sub": self.get_sub(),
            "status": self.get_status(),
            "facts": self.get_facts(),
            "can_edit": {each.name for each in allowed(self.get_editables(), self.request.user)},
            "actions": self.get_bound_actions(),
            "back_url": back_url,
            "back_label": back_label,
            "walk": behind.around(self.object),
            "panels": [panel for panel in panels if not panel["side"]],
            "side_panels": [panel for panel in panels if panel["side"]],
        }


class PanelView(ObjectPage, abstract=True):
    """A panel on another app's detail page. Swapped in where scripts run, a page of its own where they do not.

    `model` and `lookup` are those of the page it stands on, and so is the list it was opened from: hand that on to acts by
    `with_list`. `template_name` is the inside of the panel.
    """

    page_template = "shell/panel.html"
    title: ClassVar[Any]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(**kwargs) | {"panel_title": self.title, "panel_template": self.template_name}
        context |= {"back_url": self.get_object_url()}
        template = self.template_name if self.is_swap else self.page_template
        return self.response_class(self.request, [template], context, using=self.template_engine)
