"""Events say who acted, through what and in which request."""

from apps.core.events.models import Event
from tests.orders.counter import order_of
from tests.staff import browser


def test_an_order_by_the_api_is_the_clients_act(shop):
    order_of(shop, external_id="WEB-1")
    event = Event.objects.get(topic="order.placed")
    assert (event.actor.partition(":")[0], event.source) == ("client", "api")
    joined = Event.objects.filter(request_id=event.request_id).values_list("topic", flat=True)
    assert {"order.placed", "customer.recognised"} <= set(joined)  # all that one request did


def test_an_act_on_a_page_is_the_persons(shop, manager):
    order = order_of(shop, external_id="WEB-1")
    browser(manager).post(f"/orders/{order.number}/cancel/", {"lines": ["1"], "reason": "Sold out"})
    event = Event.objects.get(topic="order.cancelled")
    assert (event.actor, event.source) == (f"user:{manager.pk}", "page")
    assert event.request_id


def test_the_page_of_the_order_tells_it(shop, head_office):
    order = order_of(shop, external_id="WEB-1")
    page = browser(head_office).get(f"/orders/{order.number}/?part=audit").content.decode()
    assert "<b>Placed</b>" in page
    assert "· API" in page
