"""Registering endpoints, and what one may change of them."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import ApiClient
from apps.accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from apps.accounts.webhooks.queueing import queue
from apps.accounts.webhooks.targets import parse_target
from apps.accounts.webhooks.topics import topic_called, topic_names
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.core.events.sequencer import head

MOST = 20
"""Endpoints of one client."""
TEST = "webhook.test"


@transaction.atomic
def register_endpoint(*, client: ApiClient, url: str, topics: Sequence[str]) -> WebhookEndpoint:
    """Have a client told of topics at an address, of what happens from now on.

    Raises `InvalidInput` for an address or topic that cannot be, `Conflict` where the client registered it before.
    """
    parse_target(url)
    _check_topics(client, topics)
    if WebhookEndpoint.objects.filter(client=client).count() >= MOST:
        raise Conflict(_("At most %(most)s endpoints.") % {"most": MOST}, code="too_many")
    endpoint = WebhookEndpoint(client=client, url=url, topics=sorted(set(topics)), since_position=head())
    _save(endpoint)
    return endpoint


@transaction.atomic
def change_endpoint(
    *, endpoint: WebhookEndpoint, url: str | None = None, topics: Sequence[str] | None = None, is_on: bool | None = None
) -> WebhookEndpoint:
    """Change where an endpoint is, what it is told of, or whether it is told at all; None leaves as it is."""
    endpoint = locked(endpoint)
    if url is not None and url != endpoint.url:
        parse_target(url)
        endpoint.url = url
        _is_fresh(endpoint)
    if topics is not None:
        _check_topics(endpoint.client, topics)
        endpoint.topics = sorted(set(topics))
    if is_on is True and not endpoint.is_on:
        endpoint.off_because, endpoint.off_at, endpoint.since_position = "", None, head()
        _is_fresh(endpoint)
    elif is_on is False and endpoint.is_on:
        endpoint.off_because, endpoint.off_at = WebhookEndpoint.Off.BY_HAND, timezone.now()
    _save(endpoint)
    return endpoint


def switch_on(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Tell an endpoint again, of what happens from now on and what still waits."""
    return change_endpoint(endpoint=endpoint, is_on=True)


def switch_off(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Tell an endpoint nothing; what waits is kept for three days."""
    return change_endpoint(endpoint=endpoint, is_on=False)


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Give an endpoint another secret; messages are signed by both for a day."""
    endpoint = locked(endpoint)
    endpoint.generation += 1
    endpoint.rotated_at = timezone.now()
    endpoint.save(update_fields=["generation", "rotated_at"])
    return endpoint


@transaction.atomic
def remove_endpoint(*, endpoint: WebhookEndpoint) -> None:
    """Forget an endpoint and what it was told."""
    locked(endpoint).delete()


@transaction.atomic
def send_test(*, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Send a message that says nothing. Raises `Conflict` for an endpoint that is switched off."""
    endpoint = locked(endpoint)
    if not endpoint.is_on:
        raise Conflict(_("This endpoint is switched off."), code="switched_off")
    return queue(endpoint, TEST, str(endpoint.key), {"endpoint": str(endpoint.key)})


def locked(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """The endpoint as it is now, locked."""
    found: WebhookEndpoint = (
        WebhookEndpoint.objects.select_for_update(of=("self",)).select_related("client__channel").get(pk=endpoint.pk)
    )
    return found


def _is_fresh(endpoint: WebhookEndpoint) -> None:
    endpoint.failures, endpoint.failing_since, endpoint.paused_until = 0, None, None


def _save(endpoint: WebhookEndpoint) -> None:
    try:
        with transaction.atomic():
            endpoint.save()
    except IntegrityError as error:
        raise Conflict(_("This address is registered already."), code="already_registered") from error


def _check_topics(client: ApiClient, topics: Sequence[str]) -> None:
    faults = []
    for n, name in enumerate(topics):
        topic = topic_called(name)
        if topic is None:
            detail = _("There is no topic %(topic)s. There are: %(topics)s.")
            said = detail % {"topic": name, "topics": ", ".join(topic_names())}
            faults.append(Fault("does_not_exist", said, f"topics.{n}"))
        elif not topic.is_open_to(client):
            said = _("Your key has not the scope to read what %(topic)s tells.") % {"topic": name}
            faults.append(Fault("no_scope", said, f"topics.{n}"))
    if faults:
        raise InvalidInput(faults[0].detail, code=faults[0].code, faults=faults)
