"""Sending again what was sent, or given up."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.tasks import nudge_sender
from apps.accounts.webhooks.models import DeliveryStatus, WebhookDelivery, WebhookEndpoint
from apps.core.errors import Conflict

MOST = 10_000


def check_replayable(delivery: WebhookDelivery) -> None:
    """Raise Conflict for a delivery that is still to arrive, or that would bring back what is no longer so."""
    if delivery.status in {DeliveryStatus.WAITING, DeliveryStatus.SENDING}:
        raise Conflict(_("This is still to arrive."), code="still_to_arrive")
    if not WebhookDelivery.objects.replayable().filter(pk=delivery.pk).exists():
        raise Conflict(_("Something newer about the same has arrived since; this would undo it."), code="superseded")


@transaction.atomic
def replay(*, delivery: WebhookDelivery) -> WebhookDelivery:
    """Send one delivery again, under the same `webhook-id`, and try for three days from now. Raises `Conflict`."""
    again: WebhookDelivery = WebhookDelivery.objects.select_for_update(no_key=True).get(pk=delivery.pk)
    check_replayable(again)
    now = timezone.now()
    again.status, again.attempts, again.due_at, again.made_at = DeliveryStatus.WAITING, 0, now, now
    again.save(update_fields=["status", "attempts", "due_at", "made_at"])
    transaction.on_commit(nudge_sender, robust=True)
    return again


@transaction.atomic
def replay_given_up(*, endpoint: WebhookEndpoint, since: dt.datetime, until: dt.datetime | None = None) -> int:
    """Send again all that was given up of what was made in a period, at most 10,000; return how many.

    What would undo newer news is left alone.
    """
    now = timezone.now()
    within = Q(made_at__gte=since) & (Q(made_at__lt=until) if until else Q())
    given_up = WebhookDelivery.objects.filter(within, endpoint=endpoint, status=DeliveryStatus.GIVEN_UP).replayable()
    chosen = list(
        given_up.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk", flat=True)[:MOST]
    )
    WebhookDelivery.objects.filter(pk__in=chosen).update(
        status=DeliveryStatus.WAITING, attempts=0, due_at=now, made_at=now
    )
    transaction.on_commit(nudge_sender, robust=True)
    return len(chosen)
