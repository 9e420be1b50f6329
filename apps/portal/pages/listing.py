"""List pages: a model, columns, filters and saved views; the kit does the rest."""

from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

import django_tables2
from django import forms
from django.core.paginator import Page
from django.db.models import Model, Prefetch, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst

from apps.portal.filters import FilterSet
from apps.portal.narrowing import narrow_choices
from apps.portal.pages.actions import Action, bind
from apps.portal.pages.base import PageAccess
from apps.portal.pages.filtering import Chip, SavedView, Tab, chips_of, own_parameters, parameters_of

RESERVED = frozenset({"q", "sort", "page", "view", "changed", "filters"})

__all__ = ["ListPage", "SavedView"]


class ListPage(PageAccess, abstract=True):
    """A list of rows that can be searched, filtered, sorted and paged, each state with an address of its own.

    One address answers both the page and htmx's swap of it, and everything on it works without scripts.

    `table_class` (an `apps.portal.tables.Table`) says which columns; `filterset_class` (an
    `apps.portal.filters.FilterSet`) which filters; `search_fields` which lookups the quick search tries, every word
    in any of them; `views` the saved views shown as tabs, the first being where people arrive.
    """

    http_method_names = ["get", "head", "options"]

    model: ClassVar[type[Model]]
    table_class: ClassVar[type[django_tables2.Table]]
    filterset_class: ClassVar[type[FilterSet] | None] = None
    search_fields: ClassVar[tuple[str, ...]] = ()
    views: ClassVar[tuple[SavedView, ...]] = ()
    actions: ClassVar[tuple[Action, ...]] = ()
    select_related: ClassVar[tuple[str, ...]] = ()
    prefetch_related: "ClassVar[tuple[str | Prefetch[Any], ...]]" = ()
    ordering: ClassVar[tuple[str | OrderBy, ...]] = ()
    paginate_by: ClassVar[int] = 50
    title: ClassVar[Any] = ""
    back: ClassVar[tuple[str, Any] | None] = None  # (route, label)
    empty_title: ClassVar[Any] = ""
    empty_text: ClassVar[Any] = ""
    empty_icon: ClassVar[str] = "inbox"
    template_name = "shell/list.html"
    swap_template = "shell/_list_swap.html"
    filters_template = "shell/_list_filters.html"

    # --- rows ---------------------------------------------------------------------------------------------------------

    def get_queryset(self) -> QuerySet[Any]:
        """The rows the person may see, before any filter. Override to annotate; keep `super()`."""
        rows = self.visible(self.model)
        if self.select_related:
            rows = rows.select_related(*self.select_related)
        return rows.prefetch_related(*self.prefetch_related)

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Rows in which every word of `text` is found in some search field."""
        for word in text.split():
            anywhere = Q()
            for field in self.search_fields:
                anywhere |= Q(**{field if "__" in field else f"{field}__icontains": word})
            rows = rows.filter(anywhere)
        return rows

    def get_facts(self) -> list[Any]:
        """More to say under the title, after the number of rows; for instance a sum or "as of 14:05"."""
        return []

    def get_actions(self) -> tuple[Action, ...]:
        """The acts of the list; override where one is of use only to some of those who may do it."""
        return self.actions

    # --- the state in the address -------------------------------------------------------------------------------------

    @cached_property
    def view(self) -> SavedView | None:
        """The saved view the person is in."""
        asked = self.request.GET.get("view")
        return next((view for view in self.views if view.slug == asked), self.views[0] if self.views else None)

    @cached_property
    def parameters(self) -> QueryDict:
        """The filters in force: the saved view's, with what the address says over them."""
        return parameters_of(self.request.GET, self.view, RESERVED)

    @cached_property
    def text(self) -> str:
        return self.request.GET.get("q", "").replace("\x00", "").strip() if self.search_fields else ""

    @cached_property
    def reachable(self) -> QuerySet[Any]:
        """All rows of this list; what it takes to find them is worked out once a request."""
        return self.get_queryset()

    def filtered(self, parameters: QueryDict) -> FilterSet | None:
        """The filters that the parameters speak to."""
        return self._filterset(self.filterset_class.only(parameters), parameters) if self.filterset_class else None

    def get_filter_form(self) -> forms.Form | None:
        """All filters, as the person sets them."""
        return self._filterset(self.filterset_class, self.parameters).form if self.filterset_class else None

    def _filterset(self, kind: type[FilterSet], parameters: QueryDict) -> FilterSet:
        filterset = kind(parameters, queryset=self.reachable, request=self.request)
        narrow_choices(filterset.form, self.request.user)
        return filterset

    @cached_property
    def filterset(self) -> FilterSet | None:
        return self.filtered(self.parameters)

    def rows_for(self, parameters: QueryDict) -> QuerySet[Any]:
        filterset = self.filtered(parameters)
        rows = filterset.qs if filterset is not None else self.reachable
        return self.search(rows, self.text) if self.text else rows

    @cached_property
    def rows(self) -> QuerySet[Any]:
        rows = self.filterset.qs if self.filterset is not None else self.reachable
        return self.search(rows, self.text) if self.text else rows

    # --- the parts of the page ----------------------------------------------------------------------------------------

    def get_table(self) -> django_tables2.Table:
        rows = self.rows.order_by(*self.ordering) if self.ordering else self.rows
        table = self.table_class(rows)
        if sort := self.request.GET.getlist("sort"):
            table.order_by = sort
        # The primary key last, or rows that are equal could change pages between two clicks.
        ordered = table.data.data
        table.data.data = ordered.order_by(*(ordered.query.order_by or self.model._meta.ordering or ()), "pk")
        table.paginate(page=1, per_page=self.paginate_by)
        table.page = table.paginator.get_page(self.request.GET.get("page"))  # beyond the end: the last page
        return table

    @cached_property
    def chips(self) -> list[Chip]:
        return chips_of(self.filterset, self.view, self.address) if self.filterset is not None else []

    def address(
        self,
        parameters: QueryDict | None = None,
        *,
        q: str | None = None,
        sort: str | None = None,
        page: int | None = None,
        filters: bool = False,
    ) -> str:
        """This list in another state; what is not named stays as it is, except that every change goes to page 1."""
        if parameters is None:
            parameters = self.parameters
        kept: list[tuple[str, str]] = []
        if self.view and self.view is not self.views[0]:
            kept.append(("view", self.view.slug))
        if self.view and self.view.params and self._differs(parameters):
            kept.append(("changed", "1"))
            kept += _pairs(parameters)
        elif not (self.view and self.view.params):
            kept += _pairs(parameters)
        if text := self.text if q is None else q:
            kept.append(("q", text))
        kept += [("sort", name) for name in ([sort] if sort else self.request.GET.getlist("sort"))]
        if page and page > 1:
            kept.append(("page", str(page)))
        if filters:
            kept.append(("filters", "1"))
        return f"{self.request.path}?{urlencode(kept)}" if kept else self.request.path

    def get_tabs(self, total: int) -> list[Tab]:
        """The saved views with the number of rows in each; the current one says when it was changed."""
        tabs = []
        for view in self.views:
            current = view is self.view
            changed = current and self.is_changed
            plain = current and not changed and not self.text
            count = total if plain else self._count_of(view) if view.counted else None
            url = "?" + urlencode({"view": view.slug}) if view is not self.views[0] else self.request.path
            tabs.append(Tab(view, url, count, current=current, changed=changed))
        return tabs

    def _count_of(self, view: SavedView) -> int:
        filterset = self.filtered(own_parameters(view))
        return filterset.qs.count() if filterset is not None else self.reachable.count()

    @property
    def is_changed(self) -> bool:
        """Whether the filters in force differ from those of the saved view."""
        return self._differs(self.parameters)

    def _differs(self, parameters: QueryDict) -> bool:
        own = own_parameters(self.view) if self.view else QueryDict()
        return _pairs(parameters) != _pairs(own)

    def get_drops(self) -> list[tuple[Chip, int]]:
        """When nothing matches: for each filter, how many rows there would be without it, if any."""
        without = [(chip, self.rows_for(chip.without).count()) for chip in self.chips]
        return [(chip, count) for chip, count in without if count]

    def get_title(self) -> Any:
        return self.title or capfirst(str(self.model._meta.verbose_name_plural))

    def get_context_data(self) -> dict[str, Any]:
        table = self.get_table()
        page: Page[Any] = table.page
        total = page.paginator.count
        narrowed = bool(self.chips or self.text)
        # Where people arrive, nothing at all is an answer of its own, not a search that failed.
        arrived = bool(self.empty_title and self.views and self.view is self.views[0])
        searched = narrowed and not (arrived and not self.text and not self.is_changed)
        meta = self.model._meta
        return {
            "page_title": self.get_title(),
            "facts": self.get_facts(),
            "total": total,
            "things": meta.verbose_name if total == 1 else meta.verbose_name_plural,
            "table": table,
            "page": page,
            "tabs": self.get_tabs(total),
            "view_slug": self.view.slug if self.view and self.view is not self.views[0] else "",
            "has_filters": self.filterset_class is not None,
            "filter_form": self.get_filter_form() if "filters" in self.request.GET else None,
            "given": _pairs(self.parameters),
            "chips": self.chips,
            "text": self.text,
            "searchable": bool(self.search_fields),
            "sort": self.request.GET.getlist("sort"),
            "clear_url": self.address(QueryDict(), q=""),
            "view_filters": bool(self.view and self.view.params),
            "address": self.address,
            "narrowed": narrowed,
            "searched": searched,
            "drops": self.get_drops() if searched and not total else [],
            "actions": bind(self.get_actions(), self.request.user),
            "empty_title": self.empty_title,
            "empty_text": self.empty_text,
            "empty_icon": self.empty_icon,
            "back_url": reverse(self.back[0]) if self.back else "",
            "back_label": self.back[1] if self.back else "",
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.is_swap and "filters" in request.GET:
            return TemplateResponse(request, self.filters_template, {"filter_form": self.get_filter_form()})
        context = self.get_context_data()
        if not self.is_swap:
            return TemplateResponse(request, self.template_name, context)
        # Typing in the form must not have the form replaced under one's fingers: then only its chips are.
        context["from_form"] = request.htmx.trigger == "list-form"  # type: ignore[attr-defined]  # by its middleware
        response = TemplateResponse(request, self.swap_template, context)
        if context["from_form"]:
            response["HX-Push-Url"] = self.address()
        return response


def _pairs(parameters: QueryDict) -> list[tuple[str, str]]:
    """The filters that have a value, in an order of their own, so that two sets can be compared."""
    return sorted((name, value) for name, values in parameters.lists() for value in values if value != "")
