"""Head office looks after webhooks: whom we tell what, whether it arrives, and once more what did not."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import WebhookDelivery, WebhookEndpoint
from apps.accounts.webhooks.queueing import queue
from apps.accounts.webhooks.sending import send_due
from tests.staff import browser, person
from tests.webhooks.telling import order, register, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def head_office(shop):
    return browser(person("Mirjam Vos", "head_office"))


def test_an_endpoint_that_fails_is_seen_switched_off_and_on(shop, receiver, head_office):
    # given
    shop.receive(shop.s1, A=5)
    endpoint, secret = register(shop, receiver)
    receiver.answers(500, text="out of order")
    number = order(shop)
    told()
    # then
    today = head_office.get("/").content.decode()
    listed = head_office.get("/webhooks/").content.decode()
    page = head_office.get(endpoint.get_absolute_url()).content.decode()
    assert "Webhooks that do not arrive" in today
    assert receiver.url in listed
    assert "Does not answer" in listed
    assert number in page
    assert "HTTP 500" in page
    assert secret not in page
    # when
    assert (
        head_office.post(f"{endpoint.get_absolute_url()}switch-off/", {"reason": "asked by phone"}).status_code == 302
    )
    # then
    endpoint.refresh_from_db()
    assert endpoint.off_because == "by_hand"
    trail = head_office.get(f"{endpoint.get_absolute_url()}?part=audit").content.decode()
    assert "asked by phone" in trail
    # when
    assert head_office.post(f"{endpoint.get_absolute_url()}switch-on/").status_code == 302
    assert head_office.post(f"{endpoint.get_absolute_url()}test/").status_code == 302
    receiver.answers(200)
    # then
    assert send_due() == 1
    assert receiver.came[-1].body["type"] == "webhook.test"


def test_a_message_shows_what_it_says_and_goes_out_again(shop, receiver, head_office):
    # given
    shop.receive(shop.s1, A=5)
    register(shop, receiver)
    receiver.answers(422, text="<b>what is this</b>")
    number = order(shop)
    told()
    WebhookDelivery.objects.update(status="given_up")
    delivery = WebhookDelivery.objects.get()
    # when
    page = head_office.get(delivery.get_absolute_url()).content.decode()
    # then
    assert f"&quot;number&quot;: &quot;{number}&quot;" in page
    assert "&lt;b&gt;what is this&lt;/b&gt;" in page
    # when
    assert head_office.post(f"{delivery.get_absolute_url()}again/").status_code == 302
    receiver.answers(200)
    send_due()
    # then
    assert receiver.objects == [number, number]
    assert receiver.came[0].id == receiver.came[1].id


def test_all_that_failed_goes_out_again_in_one_act(shop, receiver, head_office):
    # given
    endpoint, _secret = register(shop, receiver)
    for n in range(3):
        queue(endpoint, "order.updated", f"T{n}", {"number": f"T{n}"})
    WebhookDelivery.objects.update(status="given_up")
    # when
    asked = head_office.post("/webhooks/messages/?view=given-up&part=many", {"act": "again", "all": "1"})
    # then
    assert "Send 3 messages again?" in asked.content.decode()


@pytest.mark.parametrize("path", ["/webhooks/", "/webhooks/messages/"])
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(shop, head_office, path):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert head_office.get(path).status_code == 200
        return len(captured)

    def more(n: int) -> None:
        for _ in range(n):
            at = WebhookEndpoint.objects.count()
            endpoint = WebhookEndpoint.objects.create(
                client=shop.client, url=f"https://shop.example/{at}", topics=["order.updated"]
            )
            queue(endpoint, "order.updated", "T1", {"number": "T1"})

    more(2)
    queries()
    few = queries()
    more(12)
    assert queries() == few
