"""Orders for people at the counter and behind a desk, and how to read what they see."""

import re
from typing import Any

from django.db.models import Max

from apps.core.events.models import Event
from apps.core.events.subscribers import catch_up
from apps.orders.models import Order
from tests.shop import Shop

SWAP = {"HX-Request": "true"}


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def order_of(shop: Shop, *lines: tuple[str, Any], **changes: Any) -> Order:
    """An order placed through the API, to be collected in S1 unless said otherwise."""
    answer = shop.post("orders/", shop.order_body(*lines, **changes))
    assert answer.status_code == 201, answer.content
    return Order.objects.get(number=answer.json()["number"])


def numbers_in(response: Any) -> list[str]:
    """The order numbers of a list's rows, in their order."""
    return re.findall(r'<th scope="row"[^>]*><a href="/orders/(T\d+)/["?]', response.content.decode())


def read_events() -> None:
    """Let every subscriber read to the head of the log."""
    assert Event.objects.aggregate(newest=Max("pk"))["newest"], "nothing happened"
    catch_up(names={"orders.confirm", "orders.tell_ready"})
