"""A crowd of shops and stores that send orders and act on them, and do not give up: what was not answered, or with 503, is sent
again under the same key."""

import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

ENDED = {"cancelled": "cancelled", "collected": "collected", "picked": "picking", "placed": "sourced"}
PATIENCE_S = 60


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class Crowd:
    """Clients of one key on several ports. `acknowledged` says per external id which order it is and what became of it."""

    ports: list[int]
    key: str
    acknowledged: dict[str, tuple[str, str]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    faults: list[str] = field(default_factory=list)

    def run(self, *, clients: int, enough: Callable[[], bool]) -> None:
        """Let each client send orders, one after the other, at any port, until it is enough."""
        threads = [threading.Thread(target=self._work, args=(n, enough), daemon=True) for n in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, client: int, enough: Callable[[], bool]) -> None:
        chance = random.Random(client)
        try:
            for n in itertools.count():
                if self.faults or enough():
                    return
                self._order(f"C{client}-{n}", chance)
        except AssertionError as error:
            self.faults.append(f"{error} {dict(self.statuses)}, {self.broken} without an answer")

    def _order(self, name: str, chance: random.Random) -> None:
        answer = self.send("orders/", order_body(name), key=name, chance=chance)
        assert answer.status in {200, 201}, (answer.status, answer.body)
        number, code = answer.body["number"], answer.body["collect_code"]
        self.acknowledged[name] = (number, "placed")
        end = chance.choice(["placed", "cancelled", "picked", "collected"])
        steps = {
            "cancelled": [("cancel", {})],
            "picked": [("pick", {})],
            "collected": [("pick", {}), ("ready", {}), ("hand-over", {"collect_code": code})],
        }
        for step, body in steps.get(end, []):
            answer = self.send(f"orders/{number}/{step}/", body, key=f"{name}-{step}", chance=chance)
            assert answer.status == 200, (step, answer.status, answer.body)
        self.acknowledged[name] = (number, end)

    def send(self, path: str, body: Any, *, key: str, chance: random.Random) -> Answer:
        """POST until there is an answer that is not "later"."""
        began = time.monotonic()
        while True:
            try:
                answer = post(chance.choice(self.ports), path, body, api_key=self.key, key=key)
            except (OSError, HTTPException):
                self.broken += 1
                pause = chance.uniform(0.02, 0.2)
            else:
                self.statuses[answer.status] += 1
                if answer.status != 503 and not is_in_progress(answer):
                    return answer
                assert set(answer.body) == {"type", "errors"}, answer.body
                assert answer.status != 503 or int(answer.headers["Retry-After"]) >= 1
                pause = chance.uniform(0.1, 0.4)
            assert time.monotonic() - began < PATIENCE_S, f"{path} was never answered"
            time.sleep(pause)


def is_in_progress(answer: Answer) -> bool:
    """Whether the first try under the key is still at it."""
    return answer.status == 409 and answer.body["errors"][0]["code"] == "in_progress"


def post(port: int, path: str, body: Any, *, api_key: str, key: str) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json", "Idempotency-Key": key}
        connection.request("POST", f"/api/v1/{path}", body=json.dumps(body), headers=headers)
        response = connection.getresponse()
        text = response.read()
        return Answer(response.status, dict(response.headers), json.loads(text) if text else None)
    finally:
        connection.close()


def order_body(name: str) -> dict[str, Any]:
    return {
        "external_id": name,
        "placed_at": "2026-11-21T12:00:00+01:00",
        "currency": "EUR",
        "customer": {"email": f"{name.lower()}@example.org", "account_id": name, "first_name": "Jan"},
        "fulfilment": {"method": "collect", "location": "S1"},
        "lines": [
            {"sku": "A", "quantity": "1", "unit_price": "10.00"},
            {"sku": "B", "quantity": "2", "unit_price": "10.00"},
        ],
        "payments": [{"method": "ideal", "status": "captured", "amount": "30.00", "provider": "mollie"}],
    }
