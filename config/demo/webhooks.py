"""A webshop that is told what happens: its endpoint, and the messages of today."""

import datetime as dt
from typing import Any

import orjson
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import ApiClient, WebhookDelivery, WebhookEndpoint
from apps.accounts.webhooks.registering import register_endpoint
from apps.accounts.webhooks.topics import topic_called
from apps.orders.models import Order

_TOLD = 40
_TOPICS = ["order.updated", "return.updated", "stock.changed", "price.changed"]


def tell_webshop(client: ApiClient) -> int:
    """Register an endpoint and write what it was told of the newest orders; how many messages.

    It is switched off, since nobody listens there: the demo talks to nobody by itself.
    """
    endpoint = register_endpoint(client=client, url="https://webshop.example/toonbank", topics=_TOPICS)
    topic = topic_called("order.updated")
    newest = Order.objects.filter(channel=client.channel_id, origin="live").order_by("-placed_at")[:_TOLD]
    orders = {order.number: order.placed_at for order in newest}
    documents = topic.documents(client, orders) if topic else {}
    told = [_told(endpoint, n, orders[key], document) for n, (key, document) in enumerate(sorted(documents.items()))]
    WebhookDelivery.objects.bulk_create(told)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        delivered_at=max((one.delivered_at for one in told if one.delivered_at), default=None),
        off_because=WebhookEndpoint.Off.BY_HAND,
        off_at=timezone.now(),
        created_at=F("created_at") - dt.timedelta(days=9),
    )
    return len(told)


def _told(endpoint: WebhookEndpoint, n: int, at: dt.datetime, document: dict[str, Any]) -> WebhookDelivery:
    """Most arrived; some the webshop refused until we gave up."""
    failed = n % 9 == 4
    body = {"type": "order.updated", "timestamp": at.isoformat(), "data": document | {"events": ["order.placed"]}}
    return WebhookDelivery(
        endpoint=endpoint,
        topic="order.updated",
        object_key=document["number"],
        body=orjson.dumps(body).decode(),
        status="given_up" if failed else "delivered",
        attempts=26 if failed else 1,
        made_at=at,
        due_at=at,
        tried_at=at + dt.timedelta(seconds=1),
        delivered_at=None if failed else at + dt.timedelta(seconds=1),
        problem="refused" if failed else "",
        answer_status=500 if failed else 200,
        answer="Internal Server Error" if failed else "ok",
    )
