"""Columns of consignments, and of what suppliers are owed."""

from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Consignment
from apps.inventory.tables import stock_url
from apps.portal import formats
from apps.portal.tables import Column, QuantityColumn, Table, status_mark


class _OfVariant(Table):
    variant = Column(_("Variant"), slot="title", clip=True, orderable=False)
    sku = Column(_("SKU"), accessor="variant__sku", slot="line", tight=True, order_by=("variant__sku",))
    supplier = Column(_("Supplier"), slot="foot", clip=True, order_by=("supplier__name",))

    def render_variant(self, record: Consignment) -> str:
        return format_html('<a href="{}">{}</a>', stock_url(record.variant.sku), record.variant.name)


class ConsignmentTable(_OfVariant):
    """Which goods are whose until they are sold, where, and since when."""

    place = Column(_("Where"), clip=True, orderable=False)
    since = Column(_("From"), accessor="valid__lower", slot="value", tight=True, order_by=("valid",))
    until = Column(_("Ends on"), accessor="valid__upper", tight=True, default="–", orderable=False)
    state = Column(_("Status"), slot="note", tight=True, empty_values=(), orderable=False)

    class Meta(Table.Meta):
        model = Consignment
        fields: tuple[str, ...] = ()

    def render_variant(self, record: Consignment) -> str:
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), record.variant.name)

    def render_since(self, value: Any) -> str:
        return formats.dated(value, "j M Y")

    def render_until(self, value: Any) -> str:
        return formats.dated(value, "j M Y")

    def render_state(self, record: Consignment) -> str:
        return status_mark(*state_of_consignment(record))


def state_of_consignment(record: Consignment) -> tuple[str, Any]:
    today, begins, ends = timezone.localdate(), record.valid.lower, record.valid.upper
    if ends is not None and ends <= today:
        return "idle", _("Ended")
    return ("wait", _("Begins later")) if begins > today else ("ok", _("In force"))


class OwedTable(_OfVariant):
    """Of each supplier's goods: what came, went and came back in the days that were asked for."""

    received = QuantityColumn(_("Received"), wide=54)
    sold = QuantityColumn(_("Sold"))
    returned = QuantityColumn(_("Returned"))
    lost = QuantityColumn(_("Lost"), wide=54)
    owed = QuantityColumn(_("To be settled"), slot="value")

    class Meta(Table.Meta):
        model = Consignment
        fields: tuple[str, ...] = ()
