"""Sending what is due.

A sender takes one delivery at a time: it leases the row in a short transaction, posts outside any transaction, and writes
down how it went if the lease is still its own. Several work side by side. Should one die while sending, the lease runs out
and another sends again under the same `webhook-id`: at least once, and never lost. A later message of the same object
is not due before the earlier one arrived or was given up.

What one receiver does not accept is tried again later by itself. When a receiver cannot be reached at all, its endpoint
pauses, and only one delivery tries whether it is there again; so an endpoint that is away costs little however much waits.
"""

import datetime as dt
import logging
import random
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.accounts.webhooks.models import DeliveryStatus, WebhookDelivery, WebhookEndpoint
from apps.accounts.webhooks.posting import Answered, NotSent, post
from apps.accounts.webhooks.secrets import signatures
from apps.accounts.webhooks.targets import parse_target
from apps.core.errors import InvalidInput

log = logging.getLogger(__name__)

TRIES_FOR = dt.timedelta(days=3)
LEASE = dt.timedelta(minutes=2)  # longer than any try takes: looking the name up, connecting, and the answer
AT_ONCE = 2  # so that one slow receiver does not keep every sender
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=5), dt.timedelta(hours=4)
LONGEST_ENDPOINT_PAUSE = dt.timedelta(minutes=15)
GONE, _LATER = 410, {429, 503}
Problem = WebhookDelivery.Problem
_UNREACHED = {Problem.NOT_PUBLIC, Problem.UNKNOWN_HOST, Problem.UNREACHABLE, Problem.UNTRUSTED}


def send_due(*, limit: int = 500) -> int:
    """Send what is due, at most `limit` deliveries; return how many arrived. Endpoints take turns."""
    arrived = tried = 0
    found = True
    while found and tried < limit:
        found = False
        for endpoint_id in _ready_endpoints():
            delivery = _lease(endpoint_id)
            if delivery is not None:
                found, tried = True, tried + 1
                arrived += _send(delivery)
    return arrived


def _ready_endpoints() -> list[int]:
    """Endpoints that may be called now and have something due."""
    now = timezone.now()
    ready = WebhookEndpoint.objects.switched_on().filter(Q(paused_until=None) | Q(paused_until__lte=now))
    due = WebhookDelivery.objects.open().filter(due_at__lte=now)
    return list(ready.filter(pk__in=due.values("endpoint")).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _lease(endpoint_id: int) -> WebhookDelivery | None:
    """Take the delivery of an endpoint that has been due longest, so that nobody else sends it meanwhile."""
    now = timezone.now()
    endpoint = (
        WebhookEndpoint.objects.switched_on()
        .select_related(None)
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=endpoint_id)
        .first()
    )
    if endpoint is None or (endpoint.paused_until is not None and endpoint.paused_until > now):
        return None
    of_endpoint = WebhookDelivery.objects.filter(endpoint=endpoint)
    if of_endpoint.filter(status=DeliveryStatus.SENDING, due_at__gt=now).count() >= AT_ONCE:
        return None
    delivery: WebhookDelivery | None = (
        of_endpoint.due()
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .order_by("due_at", "pk")
        .first()
    )
    if delivery is None:
        return None
    delivery.status, delivery.attempts, delivery.tried_at = DeliveryStatus.SENDING, delivery.attempts + 1, now
    delivery.due_at = now + LEASE
    delivery.save(update_fields=["status", "attempts", "tried_at", "due_at"])
    if endpoint.failures:
        # One at a time until something arrives; whoever takes the lease is the one that tries.
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(paused_until=now + LEASE)
    delivery.endpoint = endpoint
    return delivery


def _send(delivery: WebhookDelivery) -> bool:
    """Post a leased delivery and note what came of it; whether it arrived."""
    endpoint, at = delivery.endpoint, timezone.now()
    body = delivery.body.encode()
    message = str(delivery.key)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Toonbank-Webhooks/1",
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures(endpoint, message=message, at=at, body=delivery.body),
    }
    try:
        answered = post(parse_target(endpoint.url), body=body, headers=headers)
    except InvalidInput:  # the settings changed since it was registered
        return _failed(delivery, Problem.NOT_PUBLIC)
    except NotSent as error:
        return _failed(delivery, Problem(error.problem), text=error.detail)
    except Exception:  # one receiver never keeps the others from their messages
        log.exception("webhook %s could not be sent", delivery.key)
        return _failed(delivery, Problem.UNREACHABLE)
    if 200 <= answered.status < 300:
        return _arrived(delivery, answered)
    return _failed(delivery, Problem.REFUSED, answered, text=answered.text)


@transaction.atomic
def _arrived(delivery: WebhookDelivery, answered: Answered) -> bool:
    now = timezone.now()
    # Endpoints are locked before deliveries, as a lease does.
    WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(
        failures=0, failing_since=None, paused_until=None, delivered_at=now
    )
    return _note(
        delivery,
        status=DeliveryStatus.DELIVERED,
        delivered_at=now,
        problem="",
        answer_status=answered.status,
        answer=answered.text[:500],
    )


@transaction.atomic
def _failed(delivery: WebhookDelivery, problem: Problem, answered: Answered | None = None, text: str = "") -> bool:
    """Try again later, with a growing pause, for three days; a receiver that is gone is not called again."""
    now = timezone.now()
    status = answered.status if answered else None
    log.info("webhook %s: attempt %s failed: %s %s", delivery.key, delivery.attempts, problem, status or "")
    is_gone = status == GONE
    is_away = problem in _UNREACHED or status in _LATER
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=delivery.endpoint_id).first()
    if endpoint is None or not _ours(delivery).exists():  # removed meanwhile, or taken over by another sender
        return False
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    asked = answered.retry_after_s if answered and status in _LATER else None
    pause = dt.timedelta(seconds=asked) if asked else _pause(endpoint.failures, LONGEST_ENDPOINT_PAUSE)
    endpoint.paused_until = now + pause if is_away else None
    if is_gone:
        endpoint.off_because, endpoint.off_at = WebhookEndpoint.Off.GONE, now
    elif now - endpoint.failing_since >= TRIES_FOR:
        endpoint.off_because, endpoint.off_at = WebhookEndpoint.Off.FAILING, now
    endpoint.save(update_fields=["failures", "failing_since", "paused_until", "off_because", "off_at"])
    gives_up = is_gone or now - delivery.made_at >= TRIES_FOR
    _note(
        delivery,
        status=DeliveryStatus.GIVEN_UP if gives_up else DeliveryStatus.WAITING,
        due_at=endpoint.paused_until if is_away else now + _pause(delivery.attempts, LONGEST_PAUSE),
        problem=problem,
        answer_status=status,
        answer=text[:500],
    )
    return False


def _pause(failures: int, longest: dt.timedelta) -> dt.timedelta:
    """5 s, 15 s, 45 s, … with a fifth of chance, so that what failed together does not come back together."""
    pause = min(FIRST_PAUSE * 3 ** min(failures - 1, 20), longest)
    return pause * random.uniform(0.8, 1.2)


def _note(delivery: WebhookDelivery, **outcome: Any) -> bool:
    """Write the outcome down, unless the lease ran out and somebody else took the delivery over."""
    return bool(_ours(delivery).update(**outcome))


def _ours(delivery: WebhookDelivery) -> QuerySet[WebhookDelivery]:
    """The delivery, as long as this sender's lease of it holds."""
    return WebhookDelivery.objects.filter(
        pk=delivery.pk, status=DeliveryStatus.SENDING, attempts=delivery.attempts, key=delivery.key
    )
