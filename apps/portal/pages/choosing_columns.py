"""Which columns somebody sees of a list, in which order, and how many rows."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect

from apps.portal.models import ListSettings
from apps.portal.pages.parts import Part

PAGE_SIZES = (25, 50, 100, 200)


@dataclass(frozen=True)
class Choice:
    """One column in the chooser. The one that names the row is always there."""

    name: str
    label: Any
    chosen: bool
    fixed: bool


class Columns(Part):
    """The chooser: a tick and two buttons for each column, no dragging."""

    name = "columns"
    fragment = "shell/_list_columns.html"

    def get_context(self) -> dict[str, Any]:
        return {"choices": self._choices(), "sizes": PAGE_SIZES, "size": self.page.page_size}

    def _choices(self) -> list[Choice]:
        """The columns in use in their order, then the others as the table declares them."""
        table, chosen = self.page.table_class, self.page.columns
        offered = table.offered_to(self.request.user)
        names = [*chosen, *(name for name in offered if name not in chosen)]
        return [Choice(name, offered[name].verbose_name, name in chosen, offered[name].is_title) for name in names]

    def post(self) -> HttpResponseBase:
        settings = self.page.settings
        if "reset" in self.request.POST:
            settings.columns, settings.rows = [], None
        else:
            settings.columns = self._posted()
            size = self.request.POST.get("rows", "")
            settings.rows = int(size) if size.isdigit() and int(size) in PAGE_SIZES else None
        ListSettings.objects.update_or_create(
            user=self.page.person,
            page=self.page.page_name,
            defaults={"columns": settings.columns, "rows": settings.rows, "start": settings.start},
        )
        if not self.page.is_swap:
            return HttpResponseRedirect(self.address)
        response: HttpResponse = self.get()  # type: ignore[assignment]  # a swap gets a fragment
        response["HX-Trigger-After-Settle"] = "list-changed"
        return response

    def _posted(self) -> list[str]:
        """The ticked columns in the order posted, one of them moved if its button was pressed."""
        offered = self.page.table_class.offered_to(self.request.user)
        order = [name for name in dict.fromkeys(self.request.POST.getlist("order")) if name in offered]
        ticked = set(self.request.POST.getlist("columns"))
        chosen = [name for name in order if name in ticked or offered[name].is_title]
        for button, step in (("up", -1), ("down", 1)):
            name = self.request.POST.get(button, "")
            if name in chosen:
                place = chosen.index(name)
                other = min(max(place + step, 0), len(chosen) - 1)
                chosen[place], chosen[other] = chosen[other], chosen[place]
        return chosen
