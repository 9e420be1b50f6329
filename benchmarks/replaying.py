"""The yardstick of placing orders: the very writes of one order, in bare SQL.

They are taken down from a real order, so that they stay those of the product: the stock rows, the reservation, the payment
with its ledger row, the order with its lines, the event. What reads and decides is left out, and nothing is made in Python
but numbers of their own for each time.
"""

import json
import random
import uuid
from collections.abc import Callable, Sequence
from typing import Any

_HOLD, _PAYMENT, _ORDER, _EVENT = "WITH held", "WITH given", "WITH head", 'INSERT INTO "core_event"'


class Replay:
    """Taken down from `place()`, which places one order of three lines; calling it writes such an order again."""

    def __init__(self, place: Callable[[], object]) -> None:
        from django.db import connection

        taken: dict[str, tuple[str, Sequence[Any]]] = {}

        def take_down(execute, sql, params, many, context):
            words = " ".join(sql.split())
            for begins in (_HOLD, _PAYMENT, _ORDER, _EVENT):
                if words.startswith(begins):
                    taken[begins] = (sql, params)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(take_down):
            place()
        self.hold, self.payment, self.order, self.event = (taken[it] for it in (_HOLD, _PAYMENT, _ORDER, _EVENT))

    def __call__(self, n: int, *, levels: Sequence[int] = ()) -> None:
        """Write it again, on these stock levels instead of its own."""
        from django.db import connection, transaction

        number, key = f"X{n % 10**14}", str(uuid.UUID(int=random.getrandbits(128), version=4))
        with transaction.atomic(), connection.cursor() as cursor:
            sql, params = self.hold
            here = sorted(levels) or params[0]
            cursor.execute(sql, [here, params[1], key, *params[3:9], params[9], here, params[11]])
            demands = {line: demand for _reservation, _held, line, demand in cursor.fetchall()}
            sql, params = self.payment
            accounts, entries = json.loads(params[0]), json.loads(params[1])
            accounts[0]["key"] = entries[0]["key"] = key
            entries[0]["cause_id"] = number
            cursor.execute(sql, [json.dumps(accounts), json.dumps(entries), params[2]])
            (account,) = cursor.fetchone()
            sql, params = self.order
            heads, lines, contacts = (json.loads(rows) for rows in params)
            heads[0] |= {
                "number": number,
                "external_id": number,
                "collect_code": number[-12:],
                "payment_account_id": account,
            }
            for line in lines:
                line |= {"order_id": number, "demand_id": demands[line["line"]]}
            contacts[0]["order_id"] = number
            cursor.execute(sql, [json.dumps(heads), json.dumps(lines), json.dumps(contacts)])
            sql, params = self.event
            events = json.loads(params[0])
            events[0]["object_key"] = number
            cursor.execute(sql, [json.dumps(events)])
