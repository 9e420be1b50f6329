"""The receiver in the how-to verifies what Toonbank sends: its text is what runs here."""

import re
import socket
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

from apps.accounts.models import WebhookEndpoint
from apps.accounts.webhooks.sending import send_due
from tests.webhooks.telling import register

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "webhooks.md"


@pytest.mark.django_db
def test_the_receiver_of_the_how_to(shop, receiver):
    # given: the text's receiver at an endpoint, with the secret that was answered
    (code,) = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(), flags=re.DOTALL)
    endpoint, secret = register(shop, receiver)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = []
    names = {"SECRET": secret, "PORT": port, "remember": lambda key, message: kept.append((key, message))}
    threading.Thread(target=exec, args=(code, names), daemon=True).start()
    wait_for(port)
    WebhookEndpoint.objects.update(url=f"http://127.0.0.1:{port}/")
    # when
    answer = shop.post(f"webhook-endpoints/{endpoint.key}/test/")
    # then
    assert send_due() == 1
    assert [(key, message["type"]) for key, message in kept] == [(answer.json()["id"], "webhook.test")]
    # and what somebody else sends is refused
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    forged = {"webhook-id": "x", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,AAAA"}
    connection.request("POST", "/", body=b'{"type": "order.updated"}', headers=forged)
    assert connection.getresponse().status == 401
    assert len(kept) == 1


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise AssertionError("the receiver does not listen")
