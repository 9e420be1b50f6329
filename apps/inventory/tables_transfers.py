"""Columns of the list of transfers."""

from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Transfer
from apps.inventory.transfer_states import state_of
from apps.portal.tables import Column, QuantityColumn, Table, WhenColumn, status_mark


class TransferTable(Table):
    """Transfers, each with the `pieces` that were asked for."""

    number = Column(_("Transfer"), slot="title", tight=True, linkify=True)
    sender = Column(_("From"), slot="line", clip=True, orderable=False)
    receiver = Column(_("To"), slot="foot", clip=True, label=True, orderable=False)
    pieces = QuantityColumn(_("Pieces"), slot="value", label=True, orderable=False)
    requested_at = WhenColumn(_("Asked for"), wide=54)
    sent_at = WhenColumn(_("Sent"), extra=True, orderable=False)
    received_at = WhenColumn(_("Received"), extra=True, orderable=False)
    status = Column(_("Status"), slot="note", tight=True, orderable=False)

    class Meta(Table.Meta):
        model = Transfer
        fields: tuple[str, ...] = ()

    def render_status(self, record: Transfer) -> str:
        return status_mark(*state_of(record))
