"""A small network with something of everything, and the values that lead to it: what is drawn at random would only ever meet
404 and `does_not_exist`."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from apps.accounts.webhooks.queueing import queue
from apps.accounts.webhooks.registering import register_endpoint
from tests.local_delivery import brings, slot_id
from tests.shop import Shop, open_shop


@dataclass
class Known:
    """A key of all scopes, and per name of a parameter or field the values that exist."""

    shop: Shop
    key: str
    values: dict[str, list[Any]] = field(default_factory=dict)


def build_known() -> Known:
    shop = open_shop()
    for location in (shop.s1, shop.dc):
        shop.receive(location, A=50, B=50, C=5)
    brings(shop, shop.s1, capacity=999)
    numbers = [_order(shop, state) for state in ("placed", "picked", "ready", "collected")]
    rma = shop.post(
        "returns/",
        {
            "external_id": "R-1",
            "channel": "web",
            "lines": [{"order": numbers[-1], "line": 1, "quantity": "1", "reason": "changed_mind"}],
            "destination": {"method": "store", "location": "S1"},
        },
    ).json()
    reservation = shop.post(
        "reservations/", {"reference": "basket", "lines": [{"sku": "A", "quantity": "1"}], "location": "S1"}
    ).json()
    found = shop.post(
        "customers/lookup/", {"identifiers": {"email": "j.jansen@example.org"}, "purpose": "service"}
    ).json()
    endpoint = register_endpoint(client=shop.client, url="https://shop.example/hooks", topics=["order.updated"])
    delivery = queue(endpoint, "order.updated", numbers[0], {"number": numbers[0]})
    collect_code = shop.get(f"orders/{numbers[2]}/").json()["collect_code"]
    asked = {"lines": [{"sku": "A", "quantity": "2"}], "from": "DC", "to": "S1"}
    transfers = [shop.post("transfers/", asked | {"reference": f"T-{n}"}).json()["number"] for n in (1, 2)]
    assert shop.post(f"transfers/{transfers[1]}/send/", {"sending": 1}).status_code == 200
    values = {
        "sku": ["A", "B", "C"],
        "location": ["S1", "DC"],
        "store": ["S1"],
        "order": numbers,
        "line": [1],
        "quantity": ["1"],
        "unit_price": ["10.00"],
        "currency": ["EUR"],
        "postcode": ["3511AB"],
        "country": ["NL"],
        "channel": ["web", "email"],
        "email": ["j.jansen@example.org"],
        "collect_code": [collect_code],
        "reservation": [reservation["id"]],
        "url": ["https://shop.example/more"],
        "topics": [["order.updated"], ["stock.changed", "price.changed"]],
        "delivery": [str(delivery.key)],
        "/orders/": numbers,
        "/returns/": [rma["number"]],
        "/reservations/": [reservation["id"]],
        "/transfers/": transfers,
        "from": ["DC"],
        "to": ["S1"],
        "sending": [1],
        "receipt": [1],
        "/customers/": [found["id"]],
        "/webhook-endpoints/": [str(endpoint.key)],
        "/products/": ["A"],
        "slot": [slot_id(shop.s1, timezone.localdate() + dt.timedelta(days=1))],
    }
    return Known(shop, shop.key, values)


def _order(shop: Shop, state: str) -> str:
    number: str = shop.post("orders/", shop.order_body(("A", 2))).json()["number"]
    steps = {"placed": [], "picked": ["pick"], "ready": ["pick", "ready"], "collected": ["pick", "ready", "hand-over"]}
    for step in steps[state]:
        code = shop.get(f"orders/{number}/").json()["collect_code"]
        answer = shop.post(f"orders/{number}/{step}/", {"collect_code": code} if step == "hand-over" else {})
        assert answer.status_code == 200, answer.content
    return number
