"""Writing deliveries, in the transaction of whatever read the news."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import ApiClient
from apps.accounts.tasks import nudge_sender
from apps.accounts.webhooks.models import DeliveryStatus, WebhookDelivery, WebhookEndpoint
from apps.accounts.webhooks.topics import Document, Topic
from apps.core.events.models import Event
from apps.core.ids import new_id


def tell_events(topic: Topic, events: Sequence[Event]) -> None:
    """Tell endpoints of objects that something happened to: one message per object, of how it is after the last event."""
    endpoints = _listening(topic)
    if not endpoints:
        return
    by_object: dict[str, list[Event]] = {}
    for event in events:
        by_object.setdefault(event.object_key, []).append(event)
    for client, theirs in _by_client(endpoints):
        documents = topic.documents(client, by_object)
        for endpoint in theirs:
            wanted = {
                key: documents[key] | {"events": list(dict.fromkeys(e.topic for e in happened))}
                for key, happened in by_object.items()
                if key in documents and (happened[-1].position or 0) > endpoint.since_position
            }
            _write(endpoint, topic, wanted, at={key: by_object[key][-1].occurred_at for key in wanted})


def tell(topic: Topic, wanted: Mapping[str, Any]) -> None:
    """Tell endpoints of objects, outside the event log; `wanted` is handed to the topic's `documents`."""
    for client, theirs in _by_client(_listening(topic)):
        documents = topic.documents(client, wanted)
        for endpoint in theirs:
            _write(endpoint, topic, documents, at={})


def queue(endpoint: WebhookEndpoint, topic: str, object_key: str, document: Document) -> WebhookDelivery:
    """Write one delivery, whatever the endpoint's topics."""
    delivery = WebhookDelivery(
        endpoint=endpoint, topic=topic, object_key=object_key, body=_body(topic, timezone.now(), document)
    )
    delivery.save(force_insert=True)
    transaction.on_commit(nudge_sender, robust=True)
    return delivery


def _listening(topic: Topic) -> list[WebhookEndpoint]:
    return [e for e in WebhookEndpoint.objects.told_of(topic.name) if topic.is_open_to(e.client)]


def _by_client(endpoints: Sequence[WebhookEndpoint]) -> Iterator[tuple[ApiClient, list[WebhookEndpoint]]]:
    clients: dict[int, list[WebhookEndpoint]] = {}
    for endpoint in endpoints:
        clients.setdefault(endpoint.client_id, []).append(endpoint)
    for theirs in clients.values():
        yield theirs[0].client, theirs


def _write(
    endpoint: WebhookEndpoint, topic: Topic, documents: Mapping[str, Document], *, at: Mapping[str, dt.datetime]
) -> None:
    if not documents:
        return
    now = timezone.now()
    taken_up = _merge(endpoint, topic, documents, now) if topic.merges else ()
    WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(
                endpoint=endpoint, topic=topic.name, object_key=key, body=_body(topic.name, at.get(key, now), document)
            )
            for key, document in documents.items()
            if key not in taken_up
        ],
        batch_size=500,
    )
    transaction.on_commit(nudge_sender, robust=True)


def _merge(
    endpoint: WebhookEndpoint, topic: Topic, documents: Mapping[str, Document], now: dt.datetime
) -> Collection[str]:
    """Have messages that wait take up the news; one that was tried before becomes another message, with an id of its own."""
    waiting = WebhookDelivery.objects.select_for_update(skip_locked=True, no_key=True).filter(
        endpoint=endpoint, topic=topic.name, object_key__in=list(documents), status=DeliveryStatus.WAITING
    )
    latest = {delivery.object_key: delivery for delivery in waiting.order_by("pk")}
    for key, delivery in latest.items():
        known: Document = orjson.loads(delivery.body)["data"]
        delivery.body = _body(topic.name, now, topic.merged(known, documents[key]))
        if delivery.attempts:
            delivery.key, delivery.attempts = new_id(), 0
        delivery.made_at = now
    WebhookDelivery.objects.bulk_update(latest.values(), ["body", "key", "attempts", "made_at"], batch_size=500)
    return latest.keys()


def _body(topic: str, at: dt.datetime, document: Document) -> str:
    return orjson.dumps({"type": topic, "timestamp": at.astimezone(dt.UTC).isoformat(), "data": document}).decode()
