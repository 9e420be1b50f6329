"""Columns of the lists of webhooks."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import WebhookDelivery, WebhookEndpoint
from apps.portal.tables import Column, QuantityColumn, StatusColumn, Table, WhenColumn, status_mark
from apps.portal.webhooks.health import TONES, answer_of, state_of


class EndpointTable(Table):
    """Who is told of what, where, and whether it arrives."""

    url = Column(_("Address"), slot="title", linkify=True, clip=True)
    state = Column(_("Status"), slot="value", empty_values=(), orderable=False, tight=True)
    client = Column(_("API client"), slot="line", accessor="client__name", clip=True)
    topics = Column(_("Topics"), dim=True, clip=True, orderable=False, wide=62)
    waiting = QuantityColumn(_("Waiting"), wide=46)
    given_up = QuantityColumn(_("Given up"), wide=46)
    delivered_at = WhenColumn(_("Last delivered"), slot="note")

    class Meta(Table.Meta):
        model = WebhookEndpoint
        fields: tuple[str, ...] = ()

    def render_state(self, record: WebhookEndpoint) -> Any:
        return status_mark(*state_of(record))

    def render_topics(self, value: list[str]) -> str:
        return ", ".join(value)


class DeliveryTable(Table):
    """What was told, of what, and what the receiver answered."""

    object_key = Column(_("About"), slot="title", linkify=True, orderable=False)
    status = StatusColumn(_("Status"), slot="value", tone=TONES, orderable=False)
    topic = Column(_("Topic"), slot="line", tight=True, orderable=False)
    client = Column(_("API client"), accessor="endpoint__client__name", dim=True, clip=True, wide=62, orderable=False)
    answer = Column(_("Answer"), slot="foot", empty_values=(), dim=True, orderable=False, clip=True)
    attempts = QuantityColumn(_("Attempts"), wide=54, orderable=False)
    made_at = WhenColumn(_("Made"), slot="note")
    delivered_at = WhenColumn(_("Delivered"), wide=70, orderable=False)

    class Meta(Table.Meta):
        model = WebhookDelivery
        fields: tuple[str, ...] = ()

    def render_answer(self, record: WebhookDelivery) -> str:
        return answer_of(record)
