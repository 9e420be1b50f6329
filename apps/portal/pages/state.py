"""The state of a list: which view, filters, words and order its address asks for, and the address of another state."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from apps.portal.pages.filtering import own_parameters, parameters_of

RESERVED = frozenset({"q", "sort", "page", "after", "before", "view", "changed", "part"})


class View(Protocol):
    """A named state of a list, shown as a tab: one that comes with the page (`Preset`), or a `models.SavedView`."""

    @property
    def slug(self) -> str: ...
    @property
    def label(self) -> Any: ...
    @property
    def params(self) -> Mapping[str, str | list[str]]: ...
    @property
    def sort(self) -> list[str]: ...
    @property
    def columns(self) -> list[str]: ...
    @property
    def late(self) -> bool: ...
    @property
    def counted(self) -> bool: ...


class ListState:
    """What the address of a list says, read over the view it is in."""

    def __init__(self, request: HttpRequest, views: Iterable[View], start: str = "", *, searchable: bool) -> None:
        self.request = request
        self.views = list(views)
        self.start = start
        self.searchable = searchable

    @cached_property
    def first(self) -> View | None:
        """Where people arrive: the view they chose for that, else the first."""
        chosen = next((view for view in self.views if view.slug == self.start), None)
        return chosen or (self.views[0] if self.views else None)

    @cached_property
    def view(self) -> View | None:
        """The view the person is in."""
        asked = self.request.GET.get("view")
        return next((view for view in self.views if view.slug == asked), self.first)

    @cached_property
    def parameters(self) -> QueryDict:
        """The filters in force: the view's, with what the address says over them."""
        return parameters_of(self.request.GET, self.view, RESERVED)

    @cached_property
    def text(self) -> str:
        return self.request.GET.get("q", "").replace("\x00", "").strip() if self.searchable else ""

    @property
    def asked_sort(self) -> list[str]:
        """The order that the address asks for."""
        return self.request.GET.getlist("sort")

    @cached_property
    def sort(self) -> list[str]:
        """The order asked for, the view's own where the address has none."""
        return self.asked_sort or (list(self.view.sort) if self.view else [])

    @property
    def is_changed(self) -> bool:
        """Whether filters or order differ from those of the view."""
        own_order = list(self.view.sort) if self.view else []
        return self.differs(self.parameters) or bool(own_order and self.sort != own_order)

    def differs(self, parameters: QueryDict) -> bool:
        own = own_parameters(self.view) if self.view else QueryDict()
        return pairs(parameters) != pairs(own)

    @property
    def given(self) -> list[tuple[str, str]]:
        """The filters in force, as fields of a form."""
        return pairs(self.parameters)

    @property
    def query(self) -> str:
        """Filters and order, as a saved view keeps them."""
        return urlencode([*pairs(self.parameters), *(("sort", name) for name in self.sort)])

    def address(
        self, parameters: QueryDict | None = None, *, q: str | None = None, sort: str | None = None, **more: str
    ) -> str:
        """This list in another state; what is not named stays as it is, except that every change goes to page 1."""
        if parameters is None:
            parameters = self.parameters
        kept: list[tuple[str, str]] = []
        if self.view and self.view is not self.first:
            kept.append(("view", self.view.slug))
        if self.view and self.view.params and self.differs(parameters):
            kept.append(("changed", "1"))
            kept += pairs(parameters)
        elif not (self.view and self.view.params):
            kept += pairs(parameters)
        if text := self.text if q is None else q:
            kept.append(("q", text))
        kept += [("sort", name) for name in ([sort] if sort else self.asked_sort)]
        kept += [(name, value) for name, value in more.items() if value]
        return f"{self.request.path}?{urlencode(kept)}" if kept else self.request.path

    @property
    def own_url(self) -> str:
        """The view the person is in, unchanged."""
        return self.address_of(self.view) if self.view else self.request.path

    def address_of(self, view: View) -> str:
        """The list in another view, in that view's own state."""
        return self.request.path if view is self.first else f"{self.request.path}?{urlencode({'view': view.slug})}"


def pairs(parameters: QueryDict) -> list[tuple[str, str]]:
    """The filters that have a value, in an order of their own, so that two sets can be compared."""
    return sorted((name, value) for name, values in parameters.lists() for value in values if value != "")
