"""The card beside a conversation: on the customer's page, and on the form for a conversation with nobody known."""

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.customers.services.reading import source_records_of
from apps.customers.views import CustomerPanel
from apps.portal.discretion import Tag, TagOf
from apps.portal.pages import PlainPage
from apps.portal.registry import contributed
from apps.portal.store import store_of
from apps.service.forms import usual_channel
from apps.service.guidance.cards import Card, card_for
from apps.service.models import ContactMoment
from apps.service.services.conversations import current


def hidden_data(tags: TagOf) -> list[Any]:
    """What is known of customers that whoever looks does not see, by name."""
    return [datum.label for datum in contributed.data() if tags(datum.name) == Tag.HIDDEN]


def asked_of(request: Any) -> tuple[str, str]:
    """Channel and topic as the form beside the card has them; to begin with, the channel of the conversation one is in."""
    channel, topic = request.GET.get("channel"), request.GET.get("topic", "")
    if channel is None or channel not in ContactMoment.Channel:
        going = current(actor_of(request.user))
        channel = usual_channel(in_store=store_of(request) is not None, going=going)
    return channel, topic[:40]


class GuidancePanel(CustomerPanel):
    """What to say, ask and leave out with this customer. Channel and topic come from the form below."""

    permission = "service.view"
    title = gettext_lazy("What to say")
    template_name = "service/guidance/_card.html"

    @cached_property
    def card(self) -> Card:
        channel, topic = asked_of(self.request)
        records = source_records_of(self.object)
        return card_for(source_record_ids=records, tags=self.tags, channel=channel, topic=topic)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(card=self.card, hidden=hidden_data(self.tags), **kwargs)


class GuidanceForAnybody(PlainPage):
    """The same while nobody said who they are."""

    permission = "service.view"
    rail = "service:contacts"
    title = gettext_lazy("What to say")

    def get_template_names(self) -> list[str]:
        return ["service/guidance/_card.html" if self.is_swap else "shell/panel.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        channel, topic = asked_of(self.request)
        card = card_for(source_record_ids=None, channel=channel, topic=topic)
        return super().get_context_data(**kwargs) | {
            "card": card,
            "panel_title": self.title,
            "panel_template": "service/guidance/_card.html",
            "back_url": reverse("service:new"),
            "title": gettext_lazy("Write a contact down"),
        }
