"""List pages: a model, columns, filters and views; the kit does the rest."""

from functools import cached_property
from typing import Any, ClassVar

import django_tables2
from django import forms
from django.db.models import Model, Prefetch, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst

from apps.portal.access import allowed
from apps.portal.filters import FilterSet
from apps.portal.models import ListSettings, SavedView
from apps.portal.narrowing import narrow_choices
from apps.portal.pages.acting_on_many import Many, ManyAction
from apps.portal.pages.actions import Action, bind
from apps.portal.pages.base import PageAccess
from apps.portal.pages.choosing_columns import Columns
from apps.portal.pages.counting import Total, total_of
from apps.portal.pages.exporting import Export
from apps.portal.pages.filtering import Chip, Preset, Tab, chips_of, own_parameters
from apps.portal.pages.parts import Filters, Part
from apps.portal.pages.saving_views import Saving
from apps.portal.pages.slicing import Place, Slice, slice_of
from apps.portal.pages.state import ListState, View
from apps.portal.tables import Table

__all__ = ["ListPage", "Preset"]


class ListPage(PageAccess, abstract=True):
    """A list of rows that can be searched, filtered, sorted and paged, each state with an address of its own.

    One address answers both the page and htmx's swap of it, and everything on it works without scripts.

    `table_class` says which columns; `filterset_class` which filters; `search_fields` which lookups the quick search
    tries, every word in any of them; `views` the views that come with the page, the first being where people arrive.
    Everybody chooses their own columns and saves views of their own. A `large` table is counted and paged without
    reading all of it.
    """

    http_method_names = ["get", "head", "post", "options"]

    model: ClassVar[type[Model]]
    page_name: ClassVar[str] = (
        ""  # what views and columns are kept under: the model's, unless there are two lists of it
    )
    table_class: ClassVar[type[Table]]
    filterset_class: ClassVar[type[FilterSet] | None] = None
    search_fields: ClassVar[tuple[str, ...]] = ()
    views: ClassVar[tuple[Preset, ...]] = ()
    actions: ClassVar[tuple[Action, ...]] = ()
    many_actions: ClassVar[tuple[ManyAction, ...]] = ()
    select_related: ClassVar[tuple[str, ...]] = ()
    prefetch_related: "ClassVar[tuple[str | Prefetch[Any], ...]]" = ()
    ordering: ClassVar[tuple[str | OrderBy, ...]] = ()
    paginate_by: ClassVar[int] = 50
    large: ClassVar[bool] = False
    personal: ClassVar[bool] = False  # whether all of it is about a customer, not only its `personal` columns
    title: ClassVar[Any] = ""
    back: ClassVar[tuple[str, Any] | None] = None  # (route, label)
    empty_title: ClassVar[Any] = ""
    empty_text: ClassVar[Any] = ""
    empty_icon: ClassVar[str] = "inbox"
    template_name = "shell/list.html"
    swap_template = "shell/_list_swap.html"
    parts: ClassVar[tuple[type[Part], ...]] = (Filters, Columns, Saving, Export, Many)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.page_name and hasattr(cls, "model"):
            cls.page_name = cls.model._meta.label_lower

    # --- rows ---------------------------------------------------------------------------------------------------------

    def get_queryset(self) -> QuerySet[Any]:
        """The rows the person may see, before any filter. Override to annotate; keep `super()`."""
        rows = self.visible(self.model)
        if self.select_related:
            rows = rows.select_related(*self.select_related)
        return rows.prefetch_related(*self.prefetch_related)

    @cached_property
    def reachable(self) -> QuerySet[Any]:
        """All rows of this list; what it takes to find them is worked out once a request."""
        return self.get_queryset()

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Rows in which every word of `text` is found in some search field."""
        for word in text.split():
            anywhere = Q()
            for field in self.search_fields:
                anywhere |= Q(**{field if "__" in field else f"{field}__icontains": word})
            rows = rows.filter(anywhere)
        return rows

    def rows_for(self, parameters: QueryDict) -> QuerySet[Any]:
        return self._searched(self.filtered(parameters))

    def _searched(self, filterset: FilterSet | None) -> QuerySet[Any]:
        rows = filterset.qs if filterset is not None else self.reachable
        return self.search(rows, self.state.text) if self.state.text else rows

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """The rows of the list in its state, in no order yet."""
        return self._searched(self.filterset)

    @cached_property
    def total(self) -> Total:
        return total_of(self.rows, large=self.large)

    def get_facts(self) -> list[Any]:
        """More to say under the title, after the number of rows; for instance a sum or "as of 14:05"."""
        return []

    def get_actions(self) -> tuple[Action, ...]:
        """The acts of the list; override where one is of use only to some of those who may do it."""
        return self.actions

    # --- the state in the address, and what the person set up for themselves ---------------------------------------------

    @property
    def person(self) -> Any:
        """Who looks: a member of staff, since a page is for those who signed in."""
        return self.request.user

    @cached_property
    def settings(self) -> ListSettings:
        """How the person wants this list."""
        found = ListSettings.objects.filter(user=self.person, page=self.page_name).first()
        return found or ListSettings(user=self.person, page=self.page_name)

    @cached_property
    def state(self) -> ListState:
        saved: list[View] = list(SavedView.objects.visible_to(self.request.user).filter(page=self.page_name))
        return ListState(self.request, [*self.views, *saved], self.settings.start, searchable=bool(self.search_fields))

    @cached_property
    def columns(self) -> list[str]:
        """The columns in use, in their order: the view's own, else the person's choice, else the usual ones."""
        offered = self.table_class.offered_to(self.request.user)
        chosen = (self.state.view.columns if self.state.view else []) or self.settings.columns
        return [name for name in chosen if name in offered] or self.table_class.usual_for(self.request.user)

    @property
    def page_size(self) -> int:
        return self.settings.rows or self.paginate_by

    # --- filters ------------------------------------------------------------------------------------------------------

    def filtered(self, parameters: QueryDict) -> FilterSet | None:
        """The filters that the parameters speak to."""
        return self._filterset(self.filterset_class.only(parameters), parameters) if self.filterset_class else None

    def get_filter_form(self) -> forms.Form | None:
        """All filters, as the person sets them."""
        return self._filterset(self.filterset_class, self.state.parameters).form if self.filterset_class else None

    def _filterset(self, kind: type[FilterSet], parameters: QueryDict) -> FilterSet:
        filterset = kind(parameters, queryset=self.reachable, request=self.request)
        narrow_choices(filterset.form, self.request.user)
        return filterset

    @cached_property
    def filterset(self) -> FilterSet | None:
        return self.filtered(self.state.parameters)

    @cached_property
    def chips(self) -> list[Chip]:
        return chips_of(self.filterset, self.state.view, self.state.address) if self.filterset is not None else []

    @property
    def may_sort(self) -> bool:
        """Whether rows can be sorted by their columns. Not where that would read all of a large table: override it there."""
        return True

    # --- the parts of the page ----------------------------------------------------------------------------------------

    def get_table(self) -> django_tables2.Table:
        """The table in the order and with the columns asked for, over all rows of the list."""
        rows = self.rows.order_by(*self.ordering) if self.ordering else self.rows
        hidden = [name for name in self.table_class.base_columns if name not in self.columns]
        table = self.table_class(rows, sequence=[*self.columns, "..."], exclude=hidden, orderable=self.may_sort)
        if self.state.sort:
            table.order_by = self.state.sort
        # The primary key last, or rows that are equal could change pages between two clicks; the same way round as the
        # rest, so that an index can be read from either end.
        ordered = table.data.data
        named = ordered.query.order_by or self.model._meta.ordering or ()
        newest_first = bool(named) and isinstance(named[-1], str) and named[-1].startswith("-")
        table.data.data = ordered.order_by(*named, "-pk" if newest_first else "pk")
        return table

    @property
    def place(self) -> Place:
        """Which page of the list the address asks for."""
        return {name: self.request.GET[name] for name in ("page", "after", "before") if name in self.request.GET}

    def get_slice(self, table: django_tables2.Table) -> Slice:
        rows = table.data.data
        return slice_of(rows, size=self.page_size, place=self.place, large=self.large, total=self.total.number)

    def get_tabs(self) -> list[Tab]:
        """The views with the number of rows in each; the current one says when it was changed."""
        tabs = []
        for view in self.state.views:
            current = view is self.state.view
            changed = current and self.state.is_changed
            plain = current and not changed and not self.state.text
            count = self.total if plain else self._count_of(view) if view.counted else None
            tabs.append(Tab(view, self.state.address_of(view), count, current=current, changed=changed))
        return tabs

    def _count_of(self, view: View) -> Total:
        filterset = self.filtered(own_parameters(view))
        return total_of(filterset.qs if filterset is not None else self.reachable, large=self.large)

    def get_drops(self) -> list[tuple[Chip, int]]:
        """When nothing matches: for each filter, how many rows there would be without it, if any."""
        without = [(chip, self.rows_for(chip.without).count()) for chip in self.chips]
        return [(chip, count) for chip, count in without if count]

    def get_title(self) -> Any:
        return self.title or capfirst(str(self.model._meta.verbose_name_plural))

    def get_context_data(self) -> dict[str, Any]:
        table = self.get_table()
        piece = self.get_slice(table)
        table.records, table.address = piece.records, self.state.address(None, **self.place)
        many_actions = allowed(self.many_actions, self.request.user)
        table.can_pick = bool(many_actions)
        state = self.state
        narrowed = bool(self.chips or state.text)
        # Where people arrive, nothing at all is an answer of its own, not a search that failed.
        arrived = bool(self.empty_title and state.view is not None and state.view is state.first)
        searched = narrowed and not (arrived and not state.text and not state.is_changed)
        meta = self.model._meta
        return {
            "page_title": self.get_title(),
            "facts": self.get_facts(),
            "total": self.total,
            "things": meta.verbose_name if self.total.number == 1 else meta.verbose_name_plural,
            "table": table,
            "piece": piece,
            "tabs": self.get_tabs(),
            "state": state,
            "own_view": isinstance(state.view, SavedView) and state.view.owner_id == self.request.user.pk,
            "has_filters": self.filterset_class is not None,
            "chips": self.chips,
            "searchable": bool(self.search_fields),
            "clear_url": state.address(QueryDict(), q=""),
            "narrowed": narrowed,
            "searched": searched,
            "drops": self.get_drops() if searched and not self.total else [],
            "many_actions": many_actions,
            "export": Export(self),
            "actions": bind(self.get_actions(), self.request.user),
            "empty_title": self.empty_title,
            "empty_text": self.empty_text,
            "empty_icon": self.empty_icon,
            "back_url": reverse(self.back[0]) if self.back else "",
            "back_label": self.back[1] if self.back else "",
        }

    # --- answering ----------------------------------------------------------------------------------------------------

    def _part(self) -> Part | None:
        asked = self.request.GET.get("part")
        return next((part(self) for part in self.parts if part.name == asked), None)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if part := self._part():
            return part.get()
        if not self.is_swap:
            return self.draw({})
        # Typing in the form must not have the form replaced under one's fingers: then only its chips are.
        trigger = request.htmx.trigger  # type: ignore[attr-defined]  # by its middleware
        from_form = trigger == "list-form"
        context = self.get_context_data() | {"from_form": from_form, "from_tools": trigger == "list-rows"}
        response = TemplateResponse(request, self.swap_template, context)
        if from_form:
            response["HX-Push-Url"] = self.state.address()
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lists change nothing but how somebody sees them; acts on many rows are parts."""
        if part := self._part():
            return part.post()
        return self.http_method_not_allowed(request)

    def draw(self, more: dict[str, Any]) -> HttpResponse:
        """The whole page, with what one of its parts adds."""
        return TemplateResponse(self.request, self.template_name, self.get_context_data() | more)
