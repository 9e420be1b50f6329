"""Webhooks as those see them who look after them: whom we tell what, whether it arrives, and what was answered."""

from typing import Any
from urllib.parse import urlencode

import orjson
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from apps.accounts.models import WebhookDelivery, WebhookEndpoint
from apps.accounts.webhooks.registering import send_test, switch_off, switch_on
from apps.accounts.webhooks.replaying import check_replayable, replay
from apps.portal import formats
from apps.portal.pages import Action, ActionPage, DetailPage, Fact, ListPage, ManyAction, Preset
from apps.portal.pages.actions import refused_by
from apps.portal.webhooks.filters import DeliveryFilter, EndpointFilter
from apps.portal.webhooks.health import TONES, answer_of, counted, state_of, with_counts
from apps.portal.webhooks.tables import DeliveryTable, EndpointTable

MANAGE = "webhooks.manage"

SEND_MANY_AGAIN = ManyAction(
    name="again",
    label=gettext_lazy("Send again"),
    permission=MANAGE,
    icon="send",
    question=ngettext_lazy("Send %(count)s message again?", "Send %(count)s messages again?", "number"),
    effect=lambda deliveries: _("They go out at once, under the ids they had, and are tried for three days."),
    passes_over=lambda delivery, principal: refused_by(check_replayable, delivery),
    act=lambda delivery, principal: replay(delivery=delivery),
)


class EndpointList(ListPage):
    permission = MANAGE
    model = WebhookEndpoint
    table_class = EndpointTable
    filterset_class = EndpointFilter
    select_related = ("client",)
    search_fields = ("url", "client__name")
    views = (Preset("all", gettext_lazy("All")),)
    ordering = ("client__name", "url")
    actions = (Action(label=gettext_lazy("All messages"), route="webhooks:deliveries", permission=MANAGE, icon="send"),)
    title = gettext_lazy("Webhooks")
    empty_title = gettext_lazy("Nobody is told anything yet")
    empty_text = gettext_lazy("A webshop registers its address over the API, and is then told what happens.")
    empty_icon = "webhook"

    def get_queryset(self) -> QuerySet[WebhookEndpoint]:
        return with_counts(super().get_queryset())


class EndpointPage(DetailPage):
    """One address of a client: what it is told, how that goes, and what was told last."""

    permission = MANAGE
    model = WebhookEndpoint
    lookup = "key"
    select_related = ("client",)
    template_name = "portal/webhooks/endpoint.html"
    back = ("webhooks:endpoints", EndpointList.title)
    actions = (
        Action(
            label=gettext_lazy("Switch off"),
            route="webhooks:switch-off",
            permission=MANAGE,
            asks=True,
            when=lambda endpoint: endpoint.is_on,
        ),
        Action(
            label=gettext_lazy("Switch on"),
            route="webhooks:switch-on",
            permission=MANAGE,
            icon="play",
            asks=True,
            when=lambda endpoint: not endpoint.is_on,
        ),
        Action(
            label=gettext_lazy("Send a test"),
            route="webhooks:test",
            permission=MANAGE,
            icon="send",
            asks=True,
            when=lambda endpoint: endpoint.is_on,
        ),
    )

    def get_status(self) -> tuple[str, Any]:
        return state_of(self.object)

    def get_facts(self) -> list[Fact]:
        endpoint = self.object
        facts = [
            Fact(_("API client"), endpoint.client.name),
            Fact(_("Registered"), formats.when(endpoint.created_at)),
            Fact(_("Last delivered"), formats.when(endpoint.delivered_at) or "–"),
        ]
        if endpoint.failing_since:
            facts.append(Fact(_("Failing since"), formats.when(endpoint.failing_since)))
        if endpoint.off_because:
            facts.append(Fact(_("Switched off"), formats.when(endpoint.off_at)))
        if endpoint.off_because in {WebhookEndpoint.Off.GONE, WebhookEndpoint.Off.FAILING}:
            facts.append(Fact(_("Why"), endpoint.get_off_because_display()))
        if endpoint.rotated_at:
            facts.append(Fact(_("Secret changed"), formats.when(endpoint.rotated_at)))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        deliveries = self.visible(WebhookDelivery).filter(endpoint=self.object)
        latest = [(d, TONES[d.status], answer_of(d)) for d in deliveries.order_by("-made_at", "-id")[:10]]
        everything = f"{reverse('webhooks:deliveries')}?{urlencode({'client': self.object.client_id})}"
        return super().get_context_data(latest=latest, everything=everything, **kwargs)


class DeliveryList(ListPage):
    permission = MANAGE
    model = WebhookDelivery
    table_class = DeliveryTable
    filterset_class = DeliveryFilter
    select_related = ("endpoint__client",)
    search_fields = ("object_key__istartswith",)
    views = (
        Preset("all", gettext_lazy("All")),
        Preset("given-up", gettext_lazy("Given up"), {"status": "given_up"}, late=True),
        Preset("waiting", gettext_lazy("Waiting"), {"status": "waiting"}),
    )
    ordering = ("-made_at",)
    large = True
    many_actions = (SEND_MANY_AGAIN,)
    back = ("webhooks:endpoints", EndpointList.title)
    title = gettext_lazy("Messages to webshops")
    empty_title = gettext_lazy("Nothing was told yet")
    empty_text = gettext_lazy("What is sent to webshops is kept here for 30 days.")
    empty_icon = "webhook"


class DeliveryPage(DetailPage):
    """One message: what it says, and what the receiver answered."""

    permission = MANAGE
    model = WebhookDelivery
    lookup = "key"
    select_related = ("endpoint__client",)
    template_name = "portal/webhooks/delivery.html"
    back = ("webhooks:deliveries", DeliveryList.title)
    actions = (
        Action(
            label=gettext_lazy("Send again"),
            route="webhooks:again",
            permission=MANAGE,
            icon="send",
            asks=True,
            check=check_replayable,
        ),
    )

    def get_status(self) -> tuple[str, Any]:
        return TONES[self.object.status], self.object.get_status_display()

    def get_facts(self) -> list[Fact]:
        delivery = self.object
        facts = [
            Fact(_("API client"), delivery.endpoint.client.name),
            Fact(_("Made"), formats.when(delivery.made_at)),
            Fact(_("Attempts"), delivery.attempts),
            Fact(_("Last tried"), formats.when(delivery.tried_at) or "–"),
        ]
        if delivery.delivered_at:
            facts.append(Fact(_("Delivered"), formats.when(delivery.delivered_at)))
        if delivery.status == "waiting":
            facts.append(Fact(_("Next try"), formats.when(delivery.due_at)))
        facts.append(Fact(_("Answer"), answer_of(delivery) or "–"))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        body = orjson.dumps(orjson.loads(self.object.body), option=orjson.OPT_INDENT_2).decode()
        return super().get_context_data(body=body, **kwargs)


class SendAgain(ActionPage):
    permission = MANAGE
    model = WebhookDelivery
    lookup = "key"
    button = gettext_lazy("Send again")

    def get_question(self) -> Any:
        return _("Send this message again?")

    def get_effect(self) -> Any:
        return _("It goes out at once, under the id it had, and is tried for three days.")

    def act(self) -> WebhookDelivery:
        return replay(delivery=self.object)


class _OnEndpoint(ActionPage):
    permission = MANAGE
    model = WebhookEndpoint
    lookup = "key"


class SwitchOff(_OnEndpoint):
    button = gettext_lazy("Switch off")
    danger = True
    asks_reason = True

    def get_question(self) -> Any:
        return _("Tell %(client)s nothing more?") % {"client": self.object.client.name}

    def get_effect(self) -> Any:
        return _("What happens while it is off is never told. What waits is kept for three days.")

    def act(self) -> WebhookEndpoint:
        return switch_off(endpoint=self.object)


class SwitchOn(_OnEndpoint):
    button = gettext_lazy("Switch on")

    def get_question(self) -> Any:
        return _("Tell %(client)s again what happens?") % {"client": self.object.client.name}

    def get_effect(self) -> Any:
        waiting = self.object.deliveries.filter(status="waiting").count()
        return _("From now on; %(messages)s that wait go out first.") % {"messages": counted(waiting)}

    def act(self) -> WebhookEndpoint:
        return switch_on(endpoint=self.object)


class SendTest(_OnEndpoint):
    button = gettext_lazy("Send a test")

    def get_question(self) -> Any:
        return _("Send a test to %(url)s?") % {"url": self.object.url}

    def get_effect(self) -> Any:
        return _("A message that says nothing; its answer appears on this page.")

    def act(self) -> WebhookDelivery:
        return send_test(endpoint=self.object)
