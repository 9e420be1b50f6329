"""Columns of places, and of what lies on them."""

from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Place, PlaceLevel
from apps.inventory.tables import CONDITION_TONES
from apps.portal.tables import Column, QuantityColumn, StatusColumn, Table

KIND_TONES = {"shelf": "ok", "bin": "ok", "stockroom": "busy", "staging": "wait", "quarantine": "bad"}


def _tone_of(record: PlaceLevel) -> str:
    return KIND_TONES[record.place.kind]


class PlaceTable(Table):
    """The places of locations."""

    code = Column(_("Code"), slot="title", tight=True, linkify=True)
    name = Column(_("Name"), slot="line", clip=True)
    location = Column(_("Location"), slot="foot", clip=True, order_by=("location__code",))
    kind = StatusColumn(_("Kind"), slot="value", tone=KIND_TONES)

    class Meta(Table.Meta):
        model = Place
        fields: tuple[str, ...] = ()


class LyingTable(Table):
    """What lies where."""

    place = Column(_("Place"), slot="line", tight=True, order_by=("place__code",))
    product = Column(_("Product"), accessor="variant__name", slot="title", clip=True, linkify=True, orderable=False)
    sku = Column(_("SKU"), accessor="variant__sku", tight=True, order_by=("variant__sku",))
    location = Column(_("Location"), slot="foot", clip=True, order_by=("location__code",))
    kind = StatusColumn(_("Kind"), accessor="place__get_kind_display", tone=_tone_of, orderable=False)
    condition = StatusColumn(_("Condition"), slot="note", tone=CONDITION_TONES)
    quantity = QuantityColumn(_("Quantity"), slot="value")

    class Meta(Table.Meta):
        model = PlaceLevel
        fields: tuple[str, ...] = ()
