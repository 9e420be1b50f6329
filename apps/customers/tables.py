"""Columns of what stands for nobody."""

from django.utils.translation import gettext_lazy as _

from apps.accounts.naming import names_of
from apps.customers.models import BarredValue
from apps.customers.services.disclosing import masked_value
from apps.portal.tables import Column, QuantityColumn, StatusColumn, Table, WhenColumn

TONES = {"blocked": "bad", "quarantined": "wait", "released": "idle"}


class BarredTable(Table):
    """Each value so far that whoever knows it recognises it."""

    value = Column(_("Identifier"), slot="title", linkify=True, clip=True, orderable=False)
    state = StatusColumn(_("Status"), slot="value", tone=TONES)
    kind = Column(_("Kind"), slot="line", tight=True)
    people = QuantityColumn(_("Shared by"), slot="foot")
    reason = Column(_("Reason"), clip=True, wide=54, orderable=False)
    actor = Column(_("By"), dim=True, wide=62, orderable=False)
    changed_at = WhenColumn(_("Since"), slot="note")

    class Meta(Table.Meta):
        model = BarredValue
        fields: tuple[str, ...] = ()

    def render_value(self, record: BarredValue) -> str:
        return masked_value(record)

    def render_actor(self, value: str) -> str:
        return names_of([value]).get(value, value)
