"""Columns of the lists of tickets and of what was set apart."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.inbox.models import Quarantined
from apps.portal.tables import Column, MoneyColumn, Table, WhenColumn, status_mark
from apps.tills.models import Ticket
from apps.tills.sources import source_in_words


class TicketTable(Table):
    """Till tickets."""

    sequence = Column(gettext_lazy("Ticket"), slot="title", tight=True, linkify=True, orderable=False)
    location = Column(gettext_lazy("Store"), slot="line", clip=True, orderable=False)
    till = Column(gettext_lazy("Till"), wide=54, tight=True, orderable=False)
    occurred_at = WhenColumn(gettext_lazy("When"), slot="note")
    operator = Column(gettext_lazy("Operator"), wide=62, tight=True, dim=True, orderable=False)
    number = Column(gettext_lazy("Booked as"), slot="foot", tight=True, orderable=False)
    total = MoneyColumn(gettext_lazy("Paid"), currency="currency", slot="value", orderable=False)

    class Meta(Table.Meta):
        model = Ticket
        fields: tuple[str, ...] = ()

    def render_sequence(self, value: int) -> str:
        return str(value)  # a number by which it is called, not a quantity: no thousands separator


class QuarantineTable(Table):
    """Rows that could not be booked."""

    external_id = Column(gettext_lazy("Document"), slot="title", tight=True, linkify=True)
    row = Column(gettext_lazy("Row"), wide=54, tight=True)
    reason = Column(gettext_lazy("Reason"), slot="line", orderable=False)
    source = Column(gettext_lazy("Source"), slot="foot", wide=62, dim=True, clip=True)
    recorded_at = WhenColumn(gettext_lazy("Set apart"), wide=70)
    mended_at = Column(gettext_lazy("Status"), slot="note", tight=True, empty_values=())
    amount = MoneyColumn(gettext_lazy("Amount"), currency="currency", slot="value", default="–")

    class Meta(Table.Meta):
        model = Quarantined
        fields: tuple[str, ...] = ()

    def render_source(self, value: str) -> str:
        return source_in_words(value)

    def render_row(self, value: int) -> str:
        return str(value) if value else ""

    def render_reason(self, record: Quarantined) -> str:
        return record.reason_shown()

    def render_mended_at(self, record: Quarantined) -> SafeString:
        return status_mark(*state_of(record))


def state_of(row: Quarantined) -> tuple[str, str]:
    """The state of a row set apart as (tone, word)."""
    return ("ok", _("Mended")) if row.mended_at else ("wait", _("Waits"))
