"""Columns of the list of recalls."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Recall
from apps.portal import formats
from apps.portal.tables import Column, Table, WhenColumn, status_mark


def state_of(recall: Recall) -> tuple[str, Any]:
    """Whether it holds, as tone and word."""
    return ("idle", _("Lifted")) if recall.lifted_at else ("bad", _("Not for sale"))


class RecallTable(Table):
    number = Column(_("Recall"), slot="title", linkify=True, tight=True)
    products = Column(_("Products"), slot="foot", empty_values=(), orderable=False, clip=True)
    why = Column(_("What is wrong"), slot="line", clip=True, orderable=False)
    state = Column(_("Status"), slot="note", tight=True, empty_values=(), orderable=False)
    started_at = WhenColumn(_("Since"), slot="value")
    lifted_at = WhenColumn(_("Lifted"), wide=54)

    class Meta(Table.Meta):
        model = Recall
        fields: tuple[str, ...] = ()

    def render_products(self, record: Recall) -> str:
        names = [row.variant.name for row in record.variants.all()]
        return ", ".join(names[:2]) + (f" +{formats.quantity(len(names) - 2)}" if len(names) > 2 else "")

    def render_state(self, record: Recall) -> Any:
        return status_mark(*state_of(record))
