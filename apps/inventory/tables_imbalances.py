"""Columns of the list of imbalances."""

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Imbalance
from apps.inventory.tables import stock_url
from apps.portal import formats
from apps.portal.tables import Column, QuantityColumn, Table, status_mark


class ImbalanceTable(Table):
    variant = Column(_("Product"), slot="title", clip=True, orderable=False)
    sku = Column(_("SKU"), accessor="variant__sku", tight=True, dim=True, wide=70, order_by=("variant__sku",))
    receiver = Column(_("Runs out in"), slot="line", clip=True, order_by=("receiver__name",))
    days = Column(_("Lasts days"), tight=True)
    there = QuantityColumn(_("There"), wide=62)
    sender = Column(_("Can be spared by"), slot="foot", clip=True, order_by=("sender__name",))
    km = Column(_("km"), tight=True, wide=54)
    spare = QuantityColumn(_("To spare"), wide=70)
    quantity = QuantityColumn(_("To send"), slot="value")
    state = Column(_("Status"), slot="note", tight=True, empty_values=(), orderable=False)

    class Meta(Table.Meta):
        model = Imbalance
        fields: tuple[str, ...] = ()

    def render_variant(self, record: Imbalance) -> str:
        return format_html('<a href="{}">{}</a>', stock_url(record.variant.sku), record.variant.name)

    def render_days(self, value: Any) -> str:
        return formats.quantity(value)

    def render_km(self, value: Any) -> str:
        return formats.quantity(value)

    def render_state(self, record: Imbalance) -> Any:
        if record.transfer is not None:
            return format_html('<a href="{}">{}</a>', record.transfer.get_absolute_url(), record.transfer.number)
        if record.sender_owner_id != record.receiver_owner_id:
            return status_mark("wait", _("Other owner"))
        return status_mark("idle", _("Same owner"))
