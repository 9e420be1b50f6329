"""Columns of the list of segments."""

from django.utils.translation import gettext_lazy as _

from apps.customers.segments.models import Segment
from apps.portal.tables import Column, QuantityColumn, Table, WhenColumn


class SegmentTable(Table):
    name = Column(_("Name"), slot="title", linkify=True, clip=True)
    people = QuantityColumn(_("Customers"), slot="value", permission="segments.edit")
    counted_at = WhenColumn(_("Counted"), slot="note", permission="segments.edit")
    owner = Column(_("Owner"), slot="line", dim=True, wide=46)

    class Meta(Table.Meta):
        model = Segment
        fields: tuple[str, ...] = ()
