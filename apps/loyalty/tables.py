"""Columns of the points ledger."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.loyalty.models import PointsEntry
from apps.portal import formats
from apps.portal.tables import Column, QuantityColumn, Table, WhenColumn


class PointsTable(Table):
    """What came and went."""

    kind = Column(gettext_lazy("What"), slot="title", tight=True)
    order_number = Column(gettext_lazy("Order"), slot="line", tight=True, orderable=False)
    is_pending = Column(gettext_lazy("Counts"), slot="note", tight=True, orderable=False)
    rule_version = Column(gettext_lazy("Rule"), wide=54, dim=True, tight=True, orderable=False)
    occurred_at = WhenColumn(gettext_lazy("When"), slot="foot")
    points = QuantityColumn(gettext_lazy("Points"), slot="value")

    class Meta(Table.Meta):
        model = PointsEntry
        fields: tuple[str, ...] = ()

    def render_order_number(self, value: str) -> str:
        return format_html('<a href="{}">{}</a>', reverse("orders:order", kwargs={"number": value}), value)

    def render_is_pending(self, value: bool) -> str:
        return _("not yet") if value else _("yes")

    def render_points(self, value: int) -> str:
        return formats.quantity(value)
