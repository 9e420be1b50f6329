"""Columns of the service desk's lists."""

from django.utils.translation import gettext_lazy as _

from apps.portal.tables import Column, Table, WhenColumn
from apps.service.models import ContactMoment


class ContactTable(Table):
    """Conversations, without whom they were with: that is for who looks the customer up."""

    topic = Column(_("About"), slot="title", linkify=True, clip=True, orderable=False)
    channel = Column(_("By"), slot="value", tight=True, dim=True, orderable=False)
    direction = Column(_("Who began"), tight=True, dim=True, wide=54, orderable=False)
    order_number = Column(_("Order"), slot="line", tight=True, orderable=False)
    location = Column(_("Store"), slot="note", clip=True, dim=True, wide=62, orderable=False)
    handled_by = Column(_("Handled by"), slot="foot", clip=True, orderable=False)
    occurred_at = WhenColumn(_("When"))

    class Meta(Table.Meta):
        model = ContactMoment
        fields: tuple[str, ...] = ()
