"""Columns of the list of deliveries."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.inventory.models import NoticeStatus, PurchaseNotice
from apps.portal import formats
from apps.portal.tables import Column, QuantityColumn, Table, status_mark

_TONES: dict[str, str] = {
    NoticeStatus.EXPECTED: "wait",
    NoticeStatus.PARTLY: "busy",
    NoticeStatus.RECEIVED: "ok",
    NoticeStatus.CLOSED: "idle",
}


def state_of_notice(notice: PurchaseNotice) -> tuple[str, Any]:
    """Where a delivery stands, as tone and word; late when its day has passed."""
    if notice.is_open and notice.expected_on < timezone.localdate():
        return "bad", _("Late")
    return _TONES[notice.status], notice.get_status_display()


class DeliveryTable(Table):
    """Deliveries, each with the `pieces` that were announced and how many `came`."""

    number = Column(pgettext_lazy("of a supplier", "Delivery"), slot="title", tight=True, linkify=True)
    supplier = Column(_("Supplier"), slot="line", clip=True, orderable=False)
    location = Column(_("Location"), slot="foot", clip=True, orderable=False)
    reference = Column(_("Reference"), clip=True, dim=True, wide=62, orderable=False)
    expected_on = Column(_("Expected"), slot="value", tight=True)
    pieces = QuantityColumn(_("Announced"), wide=54, orderable=False)
    came = QuantityColumn(_("Received"), orderable=False)
    status = Column(_("Status"), slot="note", tight=True, orderable=False)

    class Meta(Table.Meta):
        model = PurchaseNotice
        fields: tuple[str, ...] = ()

    def render_expected_on(self, record: PurchaseNotice) -> str:
        return formats.when(record.expected_on)

    def render_status(self, record: PurchaseNotice) -> str:
        return status_mark(*state_of_notice(record))
