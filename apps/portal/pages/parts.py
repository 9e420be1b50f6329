"""The parts of a list page that are fetched on their own, at the address of the list with `part=`.

They see the same rows and ask for the same permission as the list itself, since it is the list that answers.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.template.response import TemplateResponse

if TYPE_CHECKING:
    from apps.portal.pages.listing import ListPage


class Part:
    """One part of a list page. `fragment` is drawn in a swap, the whole list with the part open otherwise."""

    name: ClassVar[str]
    fragment: ClassVar[str]

    def __init__(self, page: "ListPage") -> None:
        self.page = page

    @property
    def request(self) -> HttpRequest:
        return self.page.request

    @property
    def address(self) -> str:
        """Where this part is fetched and posted to, in the list's state of now."""
        return self.page.state.address(part=self.name)

    def get_context(self) -> dict[str, Any]:
        return {}

    def get(self) -> HttpResponseBase:
        context = {"part": self, **self.get_context()}
        if self.page.is_swap:
            return TemplateResponse(self.request, self.fragment, context)
        return self.page.draw({"open": self.name, "opened": context, **context})

    def post(self) -> HttpResponseBase:
        return HttpResponseNotAllowed(["GET"])


class Filters(Part):
    """The form with all filters. Drawn when somebody opens it: hundreds of stores in a drop-down cost more than the list."""

    name = "filters"
    fragment = "shell/_list_filters.html"

    def get_context(self) -> dict[str, Any]:
        return {"filter_form": self.page.get_filter_form()}
