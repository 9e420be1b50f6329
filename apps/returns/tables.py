"""Columns of the list of returns."""

from django.utils.translation import gettext_lazy as _

from apps.portal.tables import Column, MoneyColumn, Table, WhenColumn, status_mark
from apps.returns.models import Return
from apps.returns.states import state_of


class ReturnTable(Table):
    """Returns of every channel."""

    number = Column(_("Return"), slot="title", linkify=True, tight=True)
    location = Column(_("Returned to"), slot="line", clip=True, orderable=False, default=_("not there yet"))
    # A store's till bears the name of the store: on a phone, where both would stand together, it says nothing more.
    channel = Column(_("Channel"), clip=True, dim=True, wide=54, orderable=False)
    occurred_at = WhenColumn(_("Announced"), slot="foot", wide=46)
    settled_at = WhenColumn(_("Paid back"), wide=62, orderable=False)
    status = Column(_("Status"), slot="note", tight=True, orderable=False)
    total = MoneyColumn(_("Refund"), currency="currency", slot="value", orderable=False)

    class Meta(Table.Meta):
        model = Return
        fields: tuple[str, ...] = ()

    def render_status(self, record: Return) -> str:
        return status_mark(*state_of(record))
