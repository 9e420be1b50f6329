"""What looks for damage afterwards sees it."""

import pytest
from django.db import close_old_connections, connection
from django.test import Client

from apps.core.events.subscribers import catch_up
from apps.inventory.models import StockLevel
from apps.messages.services.sending import send_due
from tests.killing.aftermath import STOCKED, waits, wrongs
from tests.killing.crowd import order_body
from tests.shop import open_shop


@pytest.mark.django_db
def test_damage_is_seen():
    # given: two orders, of which one was cancelled
    shop = open_shop()
    shop.receive(shop.s1, A=STOCKED, B=STOCKED)
    one, two = (shop.post("orders/", order_body(name)).json()["number"] for name in ("ONE", "TWO"))
    shop.post(f"orders/{two}/cancel/")
    assert waits().keys() >= {"events without a position"}
    catch_up()
    assert waits() == {"mail": 1}
    send_due()
    # then nothing is wrong
    assert waits() == {}
    assert wrongs({"ONE": (one, "placed"), "TWO": (two, "cancelled")}) == []
    # and each kind of damage is
    assert "orders that are not those acknowledged" in " ".join(wrongs({"ONE": (one, "placed")}))
    assert "ONE is sourced, was acknowledged as collected" in wrongs(
        {"ONE": (one, "collected"), "TWO": (two, "cancelled")}
    )
    assert "TWO is cancelled, was acknowledged as placed" in wrongs({"ONE": (one, "placed"), "TWO": (two, "placed")})
    StockLevel.objects.filter(variant__sku="A", location=shop.s1).update(on_hand=STOCKED - 1)
    assert wrongs({"ONE": (one, "placed"), "TWO": (two, "cancelled")}) == [
        f"A: {STOCKED - 1}.000 on hand, 0 of {STOCKED} were handed over",
        "a running figure is not what its ledger adds up to",
    ]


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_the_api_says_when_to_come_back():
    # given
    shop = open_shop()
    headers = {"Authorization": f"Bearer {shop.key}"}
    # when: the connection is gone, as after a restart of the server
    connection.ensure_connection()
    connection.connection.close()
    answer = Client(raise_request_exception=False).get("/api/v1/orders/", headers=headers)
    # then
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert answer.json()["type"] == "server_error"
    assert answer.json()["errors"][0]["code"] == "busy"
    # and the next request, before which the server looks at its connections, finds another one
    close_old_connections()
    assert Client().get("/api/v1/orders/", headers=headers).status_code == 200
