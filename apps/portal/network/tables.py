"""Columns of the network's lists."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.network.models import Location
from apps.portal.countries import country_name
from apps.portal.network.lifetimes import state_of
from apps.portal.tables import Column, Table, status_mark


class LocationTable(Table):
    """Stores and distribution centres, with who owns them today."""

    name = Column(_("Name"), slot="title", linkify=True, clip=True)
    code = Column(_("Code"), slot="value", tight=True, dim=True)
    kind = Column(_("Kind"), tight=True, dim=True, wide=54)
    street = Column(_("Address"), clip=True, dim=True, wide=62, orderable=False)
    city = Column(_("City"), slot="line", clip=True)
    country = Column(_("Country"), tight=True, dim=True, wide=70)
    owner = Column(_("Legal entity"), slot="foot", clip=True)
    state = Column(_("Status"), slot="note", tight=True, empty_values=(), orderable=False)

    class Meta(Table.Meta):
        model = Location
        fields: tuple[str, ...] = ()

    def render_street(self, record: Location) -> str:
        return f"{record.street} {record.house_number}".strip()

    def render_country(self, value: Any) -> str:
        return country_name(value)

    def render_state(self, record: Location) -> str:
        return status_mark(*state_of(record))
