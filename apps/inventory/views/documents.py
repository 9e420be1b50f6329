"""One stock document: what it moved."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.inventory.models import Condition, Count, StockDocument, StockMovement
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
        count = self.visible(Count).filter(document=document).first()
        return [
            Fact(_("Location"), document.location, url=document.location.get_absolute_url()),
            *([Fact(_("Reason"), document.get_reason_display())] if document.reason else []),
            Fact(_("Reference"), document.reference or "–", url=count.get_absolute_url() if count else ""),
            Fact(_("Business date"), formats.day(document.business_date)),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        moved = self.visible(StockMovement).filter(cause_type="stock_document", cause_id=self.object.number)
        lines = (
            moved.select_related("variant__product", "from_place", "to_place")
            .prefetch_related("variant__product__texts")
            .order_by("cause_line", "kind", "part")
        )
        total = moved.count()
        shown = [(line, _way(line)) for line in lines[:_LINES]]
        return super().get_context_data(lines=shown, total=total, more=max(0, total - _LINES), **kwargs)


def _way(moved: StockMovement) -> str:
    """How the goods went, in words: out of which place or condition, and into which."""
    words = dict(Condition.choices)
    source, target = words.get(moved.from_condition), words.get(moved.to_condition)
    if moved.from_condition == moved.to_condition:
        nowhere = _("no place")
        return f"{moved.from_place or nowhere} → {moved.to_place or nowhere}"
    if source and target:
        return _("from %(source)s to %(target)s") % {"source": source, "target": target}
    return _("out of %(condition)s") % {"condition": source} if source else str(target or "")
