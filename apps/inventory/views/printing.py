"""Paper for the shop floor: sheets to count on, labels for the shelves."""

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.catalogue.showing import channel_shown
from apps.core.languages import known_locale
from apps.inventory.forms import CountSheetForm, LabelForm
from apps.inventory.paper import PAPERS, labels_for, rows_to_count
from apps.network.models import Location
from apps.portal.pages import Printed
from apps.portal.store import store_of

MOST_ROWS = 600
MOST_LABELS = 480  # twenty sheets


class _InStore(Printed, abstract=True):
    """Proposes the store somebody is in."""

    permission = "inventory.view"
    back = ("inventory:stock", _("Stock"))

    def get_initial(self) -> dict[str, str]:
        store = store_of(self.request)
        return {"location": store.code} if store is not None else {}

    def chosen(self, name: str) -> Any:
        form: Any = self.form
        return form.chosen(name)


class CountSheet(_InStore):
    """What lies in a store, shelf by shelf, with room to write; how many there should be is not told."""

    title = _("Count sheet")
    form_class = CountSheetForm
    template_name = "inventory/count_sheet.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        location: Location | None = self.chosen("location")
        rows = (
            rows_to_count(
                location=location,
                shelf=self.chosen("shelf"),
                only_asked=self.chosen("asked"),
                count=self.chosen("count"),
                limit=MOST_ROWS + 1,
            )
            if location is not None
            else []
        )
        return super().get_context_data(
            location=location, rows=rows[:MOST_ROWS], more=len(rows) > MOST_ROWS, most=MOST_ROWS, **kwargs
        )


class ShelfLabels(_InStore):
    """Labels for shelves: name, price as the channel asks it, bar code, and where they hang."""

    title = _("Shelf labels")
    form_class = LabelForm
    template_name = "inventory/labels.html"

    @cached_property
    def channel(self) -> Any:
        return channel_shown(self.chosen("location"))

    def get_initial(self) -> dict[str, str]:
        known = super().get_initial()
        channel = channel_shown(store_of(self.request))
        return known | {"language": known_locale(channel.locale if channel else "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        paper = PAPERS.get(self.chosen("paper"), PAPERS["a4-70x37"])
        labels = (
            labels_for(
                self.visible(Variant),
                location=self.chosen("location"),
                channel=self.channel,
                code=self.chosen("code"),
                shelf=self.chosen("shelf"),
                limit=MOST_LABELS + 1,
            )
            if self.chosen("language")
            else []
        )
        return super().get_context_data(
            paper=paper,
            pages=list(paper.pages(labels[:MOST_LABELS], used=self.chosen("used") or 0)) if labels else [],
            labels=labels[:MOST_LABELS],
            more=len(labels) > MOST_LABELS,
            most=MOST_LABELS,
            written_in=self.chosen("language"),
            **kwargs,
        )
