"""What the tests of webhooks do again and again."""

from typing import Any

from apps.accounts.models import WebhookDelivery, WebhookEndpoint
from apps.accounts.webhooks.sending import send_due
from apps.core.events.subscribers import catch_up
from tests.shop import Shop
from tests.webhooks.receiver import Receiver


def register(shop: Shop, receiver: Receiver, *topics: str) -> tuple[WebhookEndpoint, str]:
    """An endpoint of the shop's client at the receiver, with its secret."""
    answer = shop.post("webhook-endpoints/", {"url": receiver.url, "topics": topics or ["order.updated"]})
    assert answer.status_code == 201, answer.content
    return WebhookEndpoint.objects.get(key=answer.json()["id"]), answer.json()["secret"]


def order(shop: Shop, **changes: Any) -> str:
    """The number of a new order."""
    answer = shop.post("orders/", shop.order_body(**changes))
    assert answer.status_code == 201, answer.content
    return str(answer.json()["number"])


def told() -> int:
    """Read the log to its end, and send what is due."""
    catch_up()
    return send_due()


def at_once() -> None:
    """Let the pauses be over: those of endpoints and those of deliveries."""
    from django.utils import timezone

    WebhookEndpoint.objects.update(paused_until=None)
    WebhookDelivery.objects.filter(status="waiting").update(due_at=timezone.now())
