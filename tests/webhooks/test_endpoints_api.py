"""Endpoints over the API: registering, changing, secrets, the deliveries and sending them again."""

import datetime as dt
import ipaddress
import socket
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.accounts.models import ApiClient, WebhookDelivery, WebhookEndpoint
from apps.accounts.services import issue_api_key
from apps.accounts.webhooks import topics
from apps.accounts.webhooks.registering import MOST
from apps.accounts.webhooks.sending import send_due
from apps.accounts.webhooks.targets import is_public
from apps.core.events import subscribers
from apps.core.models import IdempotencyKey
from tests.api import ApiCaller
from tests.webhooks.telling import at_once, order, register, told

pytestmark = pytest.mark.django_db
HOOKS = {"url": "https://shop.example/hooks", "topics": ["order.updated"]}


def change(shop, path, body, method="patch"):
    return getattr(ApiCaller(shop.key), method)(f"/api/v1/{path}", body, format="json")


def test_the_secret_is_shown_once_and_stored_nowhere(shop):
    # when
    first = shop.post("webhook-endpoints/", HOOKS, key="one")
    again = shop.post("webhook-endpoints/", HOOKS, key="one")
    # then
    secret = first.json()["secret"]
    assert secret.startswith("whsec_")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert "secret" not in IdempotencyKey.objects.get(key="one").body
    path = f"webhook-endpoints/{first.json()['id']}/"
    assert shop.get(path).json() == {k: v for k, v in first.json().items() if k != "secret"}
    assert [e["id"] for e in shop.get("webhook-endpoints/").json()["results"]] == [first.json()["id"]]


@pytest.mark.parametrize(
    ("change", "attr", "code"),
    [
        ({"url": "http://shop.example/hooks"}, "url", "not_encrypted"),
        ({"url": "ftp://shop.example/"}, "url", "invalid"),
        ({"url": "https://user:pass@shop.example/"}, "url", "invalid"),
        ({"url": "https://10.1.2.3/"}, "url", "not_public"),
        ({"url": "https://[::ffff:169.254.169.254]/latest/meta-data"}, "url", "not_public"),
        ({"url": "http://127.0.0.1:9/"}, "url", "not_public"),
        ({"url": "http://localhost/"}, "url", "not_public"),
        ({"url": "https://shop.example:99999/"}, "url", "invalid"),
        ({"url": "https:///x"}, "url", "invalid"),
        ({"topics": ["order.updated", "weather.changed"]}, "topics.1", "does_not_exist"),
        ({"topics": []}, "topics", "empty"),
    ],
)
def test_what_cannot_be_registered(shop, change, attr, code):
    answer = shop.post("webhook-endpoints/", HOOKS | change)
    assert answer.status_code == 400
    assert [(e["attr"], e["code"]) for e in answer.json()["errors"]] == [(attr, code)]
    assert not WebhookEndpoint.objects.exists()


def test_a_topic_needs_the_scope_to_read_it(shop):
    shop.client.scopes = ["webhooks:manage", "stock:read"]
    shop.client.save()
    answer = shop.post("webhook-endpoints/", HOOKS | {"topics": ["stock.changed", "order.updated"]})
    assert [(e["attr"], e["code"]) for e in answer.json()["errors"]] == [("topics.1", "no_scope")]


def test_an_address_is_registered_once_and_not_without_end(shop):
    assert shop.post("webhook-endpoints/", HOOKS).status_code == 201
    assert shop.post("webhook-endpoints/", HOOKS).json()["errors"][0]["code"] == "already_registered"
    for n in range(MOST - 1):
        assert shop.post("webhook-endpoints/", HOOKS | {"url": f"https://shop.example/{n}"}).status_code == 201
    more = shop.post("webhook-endpoints/", HOOKS | {"url": "https://shop.example/more"})
    assert (more.status_code, more.json()["errors"][0]["code"]) == (409, "too_many")


def test_changed_switched_off_and_on_and_removed(shop, receiver):
    # given
    shop.receive(shop.s1, A=9)
    endpoint, _secret = register(shop, receiver)
    path = f"webhook-endpoints/{endpoint.key}/"
    # when switched off
    answer = change(shop, path, {"enabled": False, "topics": ["order.updated", "price.changed"]})
    order(shop)
    told()
    # then
    assert (answer.json()["enabled"], answer.json()["disabled_because"]) == (False, "by_hand")
    assert answer.json()["topics"] == ["order.updated", "price.changed"]
    assert receiver.came == []
    assert shop.post(f"{path}test/").json()["errors"][0]["code"] == "switched_off"
    # when switched on: what happened meanwhile is not told
    assert change(shop, path, {"enabled": True}).json()["disabled_because"] is None
    number = order(shop)
    told()
    assert receiver.objects == [number]
    # when removed
    assert change(shop, path, {}, "delete").status_code == 204
    assert shop.get(path).status_code == 404


def test_another_clients_endpoint_is_not_there(shop, receiver):
    endpoint, _secret = register(shop, receiver)
    other = issue_api_key(client=ApiClient.objects.create(name="x", channel=shop.web, scopes=["webhooks:manage"]))
    path = f"webhook-endpoints/{endpoint.key}/"
    assert shop.get(path, api_key=other).status_code == 404
    assert shop.get(f"{path}deliveries/", api_key=other).status_code == 404
    assert shop.post(f"{path}rotate-secret/", api_key=other).status_code == 404
    assert shop.get("webhook-endpoints/", api_key=other).json()["results"] == []


def test_for_a_day_both_secrets_verify(shop, receiver):
    # given
    endpoint, old = register(shop, receiver)
    path = f"webhook-endpoints/{endpoint.key}/"
    # when
    new = shop.post(f"{path}rotate-secret/").json()["secret"]
    shop.post(f"{path}test/")
    send_due()
    # then
    assert new != old
    assert receiver.came[0].is_signed_by(old)
    assert receiver.came[0].is_signed_by(new)
    # and a day later
    with time_machine.travel(timezone.now() + dt.timedelta(days=1, minutes=1)):
        shop.post(f"{path}test/")
        send_due()
    assert not receiver.came[1].is_signed_by(old)
    assert receiver.came[1].is_signed_by(new)


def test_another_installation_key_breaks_no_receiver(shop, receiver, settings):
    endpoint, old = register(shop, receiver)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" * 8
    shop.post(f"webhook-endpoints/{endpoint.key}/test/")
    send_due()
    assert receiver.came[0].is_signed_by(old)


def test_a_test_message(shop, receiver):
    endpoint, secret = register(shop, receiver)
    answer = shop.post(f"webhook-endpoints/{endpoint.key}/test/")
    send_due()
    assert answer.status_code == 202
    (request,) = receiver.came
    assert request.is_signed_by(secret)
    assert request.body["type"] == "webhook.test"
    assert answer.json()["id"] == request.id


def test_the_client_reads_what_it_was_told_and_has_it_sent_again(shop, receiver):
    # given: one that arrived, one that was given up
    shop.receive(shop.s1, A=9)
    endpoint, _secret = register(shop, receiver)
    first, second = order(shop), order(shop)
    receiver.answer = lambda request: (400 if request.data["number"] == second else 200, {}, "no")
    told()
    WebhookDelivery.objects.filter(object_key=second).update(status="given_up")
    path = f"webhook-endpoints/{endpoint.key}/"
    # when
    page = shop.get(f"{path}deliveries/?page_size=1").json()
    failed = shop.get(f"{path}deliveries/?status=given_up").json()["results"]
    # then
    assert page["next"]
    assert [(d["object"], d["answer_status"], d["answer"]) for d in failed] == [(second, 400, "no")]
    assert failed[0]["body"]["data"]["number"] == second
    # when sent again
    receiver.answers(200)
    assert shop.post(f"{path}deliveries/{failed[0]['id']}/replay/").status_code == 202
    assert shop.post(f"{path}deliveries/{failed[0]['id']}/replay/").json()["errors"][0]["code"] == "still_to_arrive"
    assert send_due() == 1
    # then
    assert receiver.objects == [first, second, second]
    assert receiver.came[1].id == receiver.came[2].id == failed[0]["id"]


def test_what_newer_news_overtook_is_not_sent_again(shop, receiver):
    # given: an order of which the first message was given up, and the second arrived
    shop.receive(shop.s1, A=9)
    endpoint, _secret = register(shop, receiver)
    receiver.answers(500)
    number = order(shop)
    told()
    WebhookDelivery.objects.update(status="given_up")
    receiver.answers(200)
    shop.post(f"orders/{number}/pick/")
    told()
    old = WebhookDelivery.objects.get(status="given_up")
    path = f"webhook-endpoints/{endpoint.key}/"
    # when
    one = shop.post(f"{path}deliveries/{old.key}/replay/")
    many = shop.post(f"{path}replay/", {"since": "2020-01-01T00:00:00Z"})
    # then
    assert (one.status_code, one.json()["errors"][0]["code"]) == (409, "superseded")
    assert many.json() == {"replayed": 0}


def test_all_that_was_given_up_in_a_period_is_sent_again(shop, receiver):
    # given
    shop.receive(shop.s1, A=9)
    endpoint, _secret = register(shop, receiver)
    numbers = [order(shop) for _ in range(3)]
    receiver.answers(500)
    told()
    WebhookDelivery.objects.update(status="given_up")
    longer_ago = WebhookDelivery.objects.get(object_key=numbers[0])
    WebhookDelivery.objects.filter(pk=longer_ago.pk).update(made_at=timezone.now() - dt.timedelta(days=5))
    receiver.answers(200)
    # when
    since = (timezone.now() - dt.timedelta(days=1)).isoformat()
    answer = shop.post(f"webhook-endpoints/{endpoint.key}/replay/", {"since": since})
    wrong = shop.post(f"webhook-endpoints/{endpoint.key}/replay/", {"since": since, "until": "2020-01-01T00:00:00Z"})
    at_once()
    send_due()
    # then
    assert answer.json() == {"replayed": 2}
    assert wrong.status_code == 400
    assert receiver.objects[3:] == numbers[1:]


def test_an_app_adds_a_topic_without_touching_the_mechanism(shop, receiver, monkeypatch):
    # given: a topic, and with it a reader of the log, that no other test knows
    monkeypatch.setattr(topics, "_topics", dict(topics._topics))
    monkeypatch.setattr(subscribers, "_registry", dict(subscribers._registry))
    topics.contribute(
        topics.Topic(
            name="weather.changed",
            permission="orders.view",
            events=frozenset({"order.placed"}),
            documents=lambda client, wanted: {key: {"number": key, "sun": True} for key in wanted},
        )
    )
    shop.receive(shop.s1, A=1)
    register(shop, receiver, "weather.changed")
    # when
    number = order(shop)
    told()
    # then
    (request,) = receiver.came
    assert request.data == {"number": number, "sun": True, "events": ["order.placed"]}


# --- where webhooks may not go ----------------------------------------------------------------------------------------


NOT_PUBLIC = """
    127.0.0.1 0.0.0.0 10.0.0.1 172.16.5.4 192.168.1.1 169.254.169.254 100.64.0.1 224.0.0.1 255.255.255.255 ::1
    :: fe80::1 fc00::1 ff02::1 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1:: 2001:0:1:1::f5ff:fffe
"""


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_addresses_that_are_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_addresses_that_are_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("inside", ["127.0.0.1", "169.254.169.254", "::1"])
def test_a_name_that_leads_inside_is_not_called(shop, receiver, settings, monkeypatch, inside):
    # given: a name that looked well when it was registered
    settings.WEBHOOKS_TO_LOOPBACK = False
    endpoint = WebhookEndpoint.objects.get(key=shop.post("webhook-endpoints/", HOOKS).json()["id"])
    port = int(receiver.url.rpartition(":")[2].partition("/")[0])
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", port))
    hidden = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (inside, port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: [public, hidden])
    # when
    shop.post(f"webhook-endpoints/{endpoint.key}/test/")
    send_due()
    # then
    assert receiver.came == []
    assert WebhookDelivery.objects.get().problem == "not_public"


def test_a_name_that_leads_nowhere(shop, monkeypatch):
    endpoint = WebhookEndpoint.objects.get(key=shop.post("webhook-endpoints/", HOOKS).json()["id"])

    def nowhere(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    shop.post(f"webhook-endpoints/{endpoint.key}/test/")
    send_due()
    assert WebhookDelivery.objects.get().problem == "no_host"


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example"])
def test_a_name_that_no_resolver_takes_keeps_nobody_from_their_messages(shop, receiver, host):
    # given one that was registered before such names were refused, and another
    shop.receive(shop.s1, A=1)
    refused = shop.post("webhook-endpoints/", HOOKS | {"url": f"https://{host}/"})
    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "url")
    broken = WebhookEndpoint.objects.get(key=shop.post("webhook-endpoints/", HOOKS).json()["id"])
    WebhookEndpoint.objects.filter(pk=broken.pk).update(url=f"https://{host}/")
    register(shop, receiver, "order.updated")
    # when
    shop.post(f"webhook-endpoints/{broken.key}/test/")
    order(shop)
    told()
    # then
    assert len(receiver.came) == 1
    broken.refresh_from_db()
    assert broken.failures == 1


def test_an_endpoint_that_is_removed_while_it_is_called(shop, receiver, monkeypatch):
    shop.receive(shop.s1, A=1)
    register(shop, receiver, "order.updated")
    monkeypatch.setattr("apps.accounts.webhooks.sending.post", _remove_and_fail)
    order(shop)
    told()
    assert not WebhookEndpoint.objects.exists()


def _remove_and_fail(*_args: Any, **_kwargs: Any) -> Any:
    WebhookDelivery.objects.all().delete()
    WebhookEndpoint.objects.all().delete()
    raise OSError("gone")
