"""The list of versions."""

from django.utils.translation import gettext_lazy as _

from apps.portal.tables import Column, Table, WhenColumn
from apps.service.guidance.models import Policy


class PolicyTable(Table):
    number = Column(_("Version"), slot="title", linkify=True, accessor="pk", order_by="number", tight=True)
    note = Column(_("What changes"), slot="line", clip=True, orderable=False, default="–")
    valid_from = WhenColumn(_("Valid from"), slot="note")
    published_at = WhenColumn(_("Published"), slot="value", default=_("Draft"))

    class Meta(Table.Meta):
        model = Policy
        fields = ("number", "note", "valid_from", "published_at")

    def render_number(self, record: Policy) -> str:
        return str(record)
