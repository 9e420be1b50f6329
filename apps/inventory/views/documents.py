"""One stock document: what it moved."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.inventory.models import StockDocument, StockMovement
from apps.portal import formats
from apps.portal.pages import DetailPage, Fact

_LINES = 500


class StockDocumentPage(DetailPage):
    permission = "inventory.view"
    model = StockDocument
    lookup = "number"
    audited_as = "stock_document"
    select_related = ("location",)
    template_name = "inventory/document.html"
    back = ("inventory:documents", gettext_lazy("Stock documents"))

    def get_sub(self) -> list[Any]:
        return [self.object.get_kind_display(), self.object.location, formats.when(self.object.occurred_at)]

    def get_facts(self) -> list[Fact]:
        document = self.object
        return [
            Fact(_("Location"), document.location, url=document.location.get_absolute_url()),
            Fact(_("Reference"), document.reference or "–"),
            Fact(_("Business date"), formats.day(document.business_date)),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        moved = self.visible(StockMovement).filter(cause_type="stock_document", cause_id=self.object.number)
        lines = (
            moved.select_related("variant__product")
            .prefetch_related("variant__product__texts")
            .order_by("cause_line", "part")
        )
        total = moved.count()
        return super().get_context_data(lines=lines[:_LINES], total=total, more=max(0, total - _LINES), **kwargs)
