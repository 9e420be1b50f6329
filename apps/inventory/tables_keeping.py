"""Columns of what is kept back, and of how far tills have told of their sales."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import ChannelThreshold, SafetyRule
from apps.inventory.services.drifting import SILENT_AFTER, age_of, late_by
from apps.network.models import Location
from apps.portal.tables import Column, QuantityColumn, Table, WhenColumn, status_mark


class SafetyRuleTable(Table):
    """What locations keep for whoever walks in."""

    goods = Column(_("Goods"), slot="title", clip=True, linkify=True, orderable=False)
    place = Column(_("Where"), slot="line", clip=True, orderable=False)
    method = Column(_("Kept from"), slot="foot", default=_("both"), orderable=False)
    quantity = QuantityColumn(_("Quantity"), slot="value")

    class Meta(Table.Meta):
        model = SafetyRule
        fields: tuple[str, ...] = ()


class ThresholdTable(Table):
    """What channels leave of what the chain can send."""

    goods = Column(_("Goods"), slot="title", clip=True, linkify=True, orderable=False)
    channel = Column(_("Channel"), slot="line", clip=True, order_by=("channel__code",))
    quantity = QuantityColumn(_("Quantity"), slot="value")

    class Meta(Table.Meta):
        model = ChannelThreshold
        fields: tuple[str, ...] = ()


class FeedTable(Table):
    """How far the tills of each store have told of their sales."""

    name = Column(_("Store"), slot="title", clip=True, linkify=True)
    code = Column(_("Code"), slot="line", tight=True)
    sales_come = Column(_("Till sales come"), wide=54, tight=True)
    known_until = WhenColumn(_("Sales known until"), accessor="feed__known_until", slot="value", default="–")
    heard_at = WhenColumn(_("Last heard"), accessor="feed__heard_at", wide=62, default="–")
    state = Column(_("Status"), slot="note", tight=True, empty_values=(), orderable=False)

    class Meta(Table.Meta):
        model = Location
        fields: tuple[str, ...] = ()

    def render_state(self, record: Location) -> str:
        return status_mark(*state_of_feed(record.pk))


def state_of_feed(location_id: int) -> tuple[str, Any]:
    """Whether a store's stock can be trusted, as its tills go."""
    now = timezone.now()
    age = age_of(location_id, now)
    if age is None:
        return "idle", _("Never heard")
    if not late_by(location_id, now):
        return "ok", _("Up to date")
    return ("bad", _("Silent")) if age > SILENT_AFTER else ("wait", _("Late"))
