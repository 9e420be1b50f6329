"""Columns of the outbox."""

from django.utils.translation import gettext_lazy as _

from apps.messages.kinds import kind_in_words
from apps.messages.models import Message
from apps.portal import formats
from apps.portal.tables import Column, QuantityColumn, StatusColumn, Table, WhenColumn

TONES = {"queued": "wait", "sending": "busy", "sent": "ok", "failed": "bad", "withheld": "idle"}


class OutboxTable(Table):
    """Mail, without its text and address: those are on the message's own page."""

    subject = Column(_("Subject"), slot="title", linkify=True, clip=True, orderable=False)
    status = StatusColumn(_("Status"), slot="value", tone=TONES, orderable=False)
    template = Column(_("About"), slot="line", tight=True, dim=True, wide=54, orderable=False)
    locale = Column(_("Language"), tight=True, dim=True, wide=62, orderable=False)
    attempts = QuantityColumn(_("Attempts"), wide=62, orderable=False)
    queued_at = WhenColumn(_("Queued"), slot="note")
    sent_at = WhenColumn(_("Sent"), wide=54, orderable=False)

    class Meta(Table.Meta):
        model = Message
        fields: tuple[str, ...] = ()

    def render_template(self, value: str) -> str:
        return kind_in_words(value)

    def render_locale(self, value: str) -> str:
        return formats.language(value)
