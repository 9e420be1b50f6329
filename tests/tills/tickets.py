"""Tickets as a till sends them."""

import itertools
from decimal import Decimal
from typing import Any

_sequence = itertools.count(1)


def line(sku: str | None = "A", quantity: Any = "1", unit_price: str = "10.00", **more: Any) -> dict[str, Any]:
    return {"type": "sale", "sku": sku, "quantity": quantity, "unit_price": unit_price, "vat_rate": "21.00", **more}


def ticket(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A ticket of store S1, paid by card to the cent unless tenders are given."""
    lines = lines or (line(),)
    body = {
        "store": "S1",
        "till": "1",
        "sequence": next(_sequence),
        "business_date": "2026-11-20",
        "occurred_at": "2026-11-20T11:00:00+01:00",
        "operator": "A17",
        "currency": "EUR",
        "customer": None,
        "rounding": "0.00",
        "lines": list(lines),
        **changes,
    }
    return {"tenders": [{"method": "pin", "amount": str(total(body)), "reference": "t1"}], **body}


def total(body: dict[str, Any]) -> Decimal:
    """What the lines come to: unit price × quantity, less what comes back."""
    amounts = [
        Decimal(str(ln.get("amount") or Decimal(str(ln["unit_price"])) * Decimal(str(ln["quantity"]))))
        * (-1 if ln["type"] == "return" else 1)
        for ln in body["lines"]
    ]
    return sum(amounts, Decimal(0)) + Decimal(body["rounding"])


def send(shop: Any, body: Any, **options: Any) -> Any:
    """Send tickets to the API, and return what became of them."""
    answer = shop.post("sales/", body, **options)
    assert answer.status_code == 202, answer.content
    return answer.json()
