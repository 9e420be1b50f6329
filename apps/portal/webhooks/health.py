"""How an endpoint and a delivery are doing, as states people can read."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import WebhookDelivery, WebhookEndpoint
from apps.portal import formats
from apps.portal.contributions import Figure

TONES = {"waiting": "wait", "sending": "busy", "delivered": "ok", "given_up": "bad"}


def state_of(endpoint: WebhookEndpoint) -> tuple[str, str]:
    """The state as (tone, word)."""
    if endpoint.off_because == WebhookEndpoint.Off.BY_HAND:
        return "idle", _("Off")
    if endpoint.off_because:
        return "bad", _("Off")
    if endpoint.failing_since is not None:
        return "wait", _("Does not answer")
    return ("ok", _("Works")) if endpoint.delivered_at else ("idle", _("Nothing sent yet"))


def answer_of(delivery: WebhookDelivery) -> str:
    """What came of the last try: the status of the answer, or why there was none."""
    if delivery.answer_status is not None:
        return f"HTTP {delivery.answer_status}"
    return str(delivery.get_problem_display()) if delivery.problem else ""


def with_counts(endpoints: QuerySet[Any]) -> QuerySet[Any]:
    """Adds how many messages wait, and how many were given up in the days they are kept."""
    return endpoints.annotate(
        waiting=Count("deliveries", Q(deliveries__status__in=["waiting", "sending"])),
        given_up=Count("deliveries", Q(deliveries__status="given_up")),
    )


def ailing(principal: Any) -> QuerySet[WebhookEndpoint]:
    """Endpoints that do not answer, or were switched off by Toonbank."""
    endpoints = WebhookEndpoint.objects.visible_to(principal)
    return endpoints.filter(Q(failing_since__isnull=False, off_because="") | Q(off_because__in=["gone", "failing"]))


def ailing_figure(principal: Any) -> Figure | None:
    """For those who look after them, when there are any."""
    number = ailing(principal).count()
    if not number:
        return None
    return Figure(
        name=_("Webhooks that do not arrive"),
        value=formats.quantity(number),
        url=reverse("webhooks:endpoints"),
        how=_("Addresses that do not answer, or that were switched off because nothing arrived."),
    )


def counted(number: int) -> str:
    return ngettext("%(count)s message", "%(count)s messages", number) % {"count": formats.quantity(number)}
