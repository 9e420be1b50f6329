"""From something that happens to a message that arrives: signed, in order, at least once."""

import datetime as dt
import socket
import threading

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from apps.accounts.models import ApiClient, WebhookDelivery, WebhookEndpoint
from apps.accounts.services import issue_api_key
from apps.accounts.webhooks import sending
from apps.accounts.webhooks.clearing import clear_up
from apps.accounts.webhooks.posting import NotSent, post
from apps.accounts.webhooks.queueing import queue
from apps.accounts.webhooks.sending import send_due
from apps.accounts.webhooks.targets import parse_target
from apps.network.models import Channel
from tests.shop import open_shop
from tests.webhooks.receiver import listening
from tests.webhooks.telling import at_once, order, register, told

pytestmark = pytest.mark.django_db


def statuses():
    return list(WebhookDelivery.objects.order_by("pk").values_list("status", flat=True))


def test_an_order_is_told_signed_and_without_personal_data(shop, receiver):
    # given
    shop.receive(shop.s1, A=5)
    _endpoint, secret = register(shop, receiver)
    # when
    number = order(shop)
    # then
    assert told() == 1
    (request,) = receiver.came
    assert request.is_signed_by(secret)
    assert not request.is_signed_by("whsec_" + "A" * 44)
    assert request.headers["content-type"] == "application/json"
    assert abs(int(request.headers["webhook-timestamp"]) - timezone.now().timestamp()) < 30
    assert request.body["type"] == "order.updated"
    assert request.data["number"] == number
    assert request.data["events"] == ["order.placed"]
    assert request.data["lines"][0]["quantity_fulfilled"] == "0"
    for secret_thing in (b"jansen", b"Jan", shop.get(f"orders/{number}/").json()["collect_code"].encode()):
        assert secret_thing not in request.raw
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.answer_status, delivery.answer) == ("delivered", 200, "thanks")
    assert str(delivery.key) == request.id


def test_what_was_before_is_not_told(shop, receiver):
    shop.receive(shop.s1, A=5)
    order(shop)
    told()
    register(shop, receiver)
    assert told() == 0
    assert receiver.came == []


def test_only_what_the_client_may_see_is_told(shop, receiver):
    # given: a client of another channel, which works in no store
    other = ApiClient.objects.create(
        name="Other", channel=Channel.objects.get(code="S2"), scopes=["orders:read", "webhooks:manage"]
    )
    body = {"url": receiver.url, "topics": ["order.updated"]}
    assert shop.post("webhook-endpoints/", body, api_key=issue_api_key(client=other)).status_code == 201
    shop.receive(shop.s1, A=5)
    # when
    order(shop)
    told()
    # then
    assert receiver.came == []


def test_messages_of_one_object_wait_for_each_other(shop, receiver):
    # given: two orders, of which the receiver does not take the first one's
    shop.receive(shop.s1, A=9)
    register(shop, receiver)
    first, second = order(shop), order(shop)
    receiver.answer = lambda request: (500 if request.data["number"] == first else 200, {}, "")
    told()
    # when: both go on
    for number in (first, second):
        shop.post(f"orders/{number}/pick/")
        told()
    # then: the second has arrived twice, of the first nothing newer was sent
    assert receiver.objects == [first, second, second]
    # when
    receiver.answers(200)
    at_once()
    send_due()
    # then: first what was first
    assert receiver.objects[3:] == [first, first]
    assert [r.data["lines"][0]["quantity_picked"] for r in receiver.came[3:]] == ["0", "1"]
    assert receiver.came[0].id == receiver.came[3].id


def test_tried_again_with_growing_pauses_for_three_days(shop, receiver):
    # given
    shop.receive(shop.s1, A=5)
    receiver.answers(500, text="no")
    register(shop, receiver)
    order(shop)
    told()
    pauses, began = [], timezone.now()
    with time_machine.travel(began, tick=False) as clock:
        # when: each time it is due
        for _ in range(60):
            delivery = WebhookDelivery.objects.get()
            if delivery.status == "given_up":
                break
            pauses.append(max(delivery.due_at - timezone.now(), dt.timedelta(0)))
            assert send_due() == 0
            clock.move_to(max(delivery.due_at, timezone.now()) + dt.timedelta(milliseconds=1))
            send_due()
        # then
        assert timezone.now() - began >= dt.timedelta(days=3)
    assert delivery.status == "given_up"
    assert (delivery.problem, delivery.answer_status, delivery.answer) == ("refused", 500, "no")
    assert 20 < len(receiver.came) < 60
    assert len({r.id for r in receiver.came}) == 1
    assert pauses[1] < pauses[3] < pauses[5]
    # and: nothing arrived for so long that nobody is told any more
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.off_because == "failing"


def test_whoever_is_gone_is_not_told_any_more(shop, receiver):
    shop.receive(shop.s1, A=5)
    receiver.answers(410)
    endpoint, _secret = register(shop, receiver)
    order(shop)
    order(shop)
    told()
    endpoint.refresh_from_db()
    assert endpoint.off_because == "gone"
    assert len(receiver.came) == 1
    assert statuses() == ["given_up", "waiting"]
    # and what is still to be told is kept for the days it would be tried
    with time_machine.travel(timezone.now() + dt.timedelta(days=3, minutes=1)):
        clear_up()
    assert statuses() == ["given_up", "given_up"]


def test_one_that_is_away_is_asked_for_once_then_all_arrives(shop, receiver):
    # given: nobody listens
    shop.receive(shop.s1, A=9)
    endpoint, _secret = register(shop, receiver)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        WebhookEndpoint.objects.update(url=f"http://127.0.0.1:{taken.getsockname()[1]}/")
        for _ in range(3):
            order(shop)
        told()
    # then: one was tried, and the endpoint pauses
    assert sorted(WebhookDelivery.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert WebhookDelivery.objects.get(attempts=1).problem == "no_answer"
    endpoint.refresh_from_db()
    assert endpoint.paused_until > timezone.now()
    # when it is back
    WebhookEndpoint.objects.update(url=receiver.url)
    with time_machine.travel(endpoint.paused_until):
        assert send_due() == 3
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since, endpoint.paused_until) == (0, None, None)


def test_a_receiver_says_how_long_to_wait(shop, receiver):
    shop.receive(shop.s1, A=5)
    receiver.answers(429, {"Retry-After": "120"})
    endpoint, _secret = register(shop, receiver)
    order(shop)
    told()
    endpoint.refresh_from_db()
    assert 100 < (endpoint.paused_until - timezone.now()).total_seconds() <= 120


def test_a_redirect_is_not_followed(shop, receiver):
    shop.receive(shop.s1, A=5)
    with listening() as elsewhere:
        receiver.answers(307, {"Location": elsewhere.url})
        register(shop, receiver)
        order(shop)
        told()
        assert elsewhere.came == []
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.answer_status) == ("waiting", 307)


def test_little_is_read_of_a_long_answer(shop, receiver):
    shop.receive(shop.s1, A=5)
    receiver.answers(200, text="x" * 3_000_000)
    register(shop, receiver)
    order(shop)
    assert told() == 1
    assert len(WebhookDelivery.objects.get().answer) == 500


def test_a_receiver_that_never_finishes_is_left(settings, monkeypatch):
    # given: something that lets its answer drip
    settings.WEBHOOKS_TO_LOOPBACK = True
    monkeypatch.setattr("apps.accounts.webhooks.posting.WHOLE_S", 0.3)
    server = socket.create_server(("127.0.0.1", 0))

    def drip():
        connection, _address = server.accept()
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            for _ in range(100):
                connection.sendall(b"X-A: b\r\n")
                threading.Event().wait(0.05)
        except OSError:
            connection.close()

    threading.Thread(target=drip, daemon=True).start()
    began = timezone.now()
    # when
    with pytest.raises(NotSent) as refused:
        post(parse_target(f"http://127.0.0.1:{server.getsockname()[1]}/"), body=b"{}", headers={})
    # then
    server.close()
    assert refused.value.problem == "no_answer"
    assert timezone.now() - began < dt.timedelta(seconds=3)


def test_a_sender_that_died_is_followed_by_another(shop, receiver, monkeypatch):
    # given: one that is killed after the message arrived, before it wrote that down
    shop.receive(shop.s1, A=5)
    register(shop, receiver)
    order(shop)
    monkeypatch.setattr(sending, "_arrived", lambda *_: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        told()
    monkeypatch.undo()
    assert statuses() == ["sending"]
    assert send_due() == 0
    # when: its lease is over
    with time_machine.travel(timezone.now() + sending.LEASE + dt.timedelta(seconds=1)):
        assert send_due() == 1
    # then
    assert [r.id for r in receiver.came] == [receiver.came[0].id] * 2
    assert statuses() == ["delivered"]


def test_a_sender_that_was_taken_for_dead_changes_nothing(shop, receiver):
    # given
    shop.receive(shop.s1, A=5)
    endpoint, _secret = register(shop, receiver)
    delivery = queue(endpoint, "webhook.test", "x", {})
    slow = sending._lease(endpoint.pk)
    WebhookDelivery.objects.update(due_at=timezone.now())
    assert send_due() == 1
    # when
    receiver.answers(500)
    sending._send(slow)
    # then
    delivery.refresh_from_db()
    assert delivery.status == "delivered"


@pytest.mark.django_db(transaction=True)
def test_two_senders_send_everything_once_and_in_order(settings):
    # given
    settings.WEBHOOKS_TO_LOOPBACK = True
    shop = open_shop()
    with listening() as receiver:
        endpoint, _secret = register(shop, receiver)
        for n in range(60):
            queue(endpoint, "order.updated", f"T{n % 6}", {"number": f"T{n % 6}", "n": n})

        # when
        def work():
            try:
                send_due()
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # a sender that finds nothing due goes home, though another may still be at it
        send_due()
        # then
        assert sorted(r.data["n"] for r in receiver.came) == list(range(60))
        for key in {r.data["number"] for r in receiver.came}:
            numbers = [r.data["n"] for r in receiver.came if r.data["number"] == key]
            assert numbers == sorted(numbers)
