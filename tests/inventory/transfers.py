"""Short ways to move goods between the locations of the shop of the tests."""

from decimal import Decimal
from typing import Any

from apps.inventory.models import StockLevel, Transfer
from apps.inventory.services.transfers.receiving import receive_transfer
from apps.inventory.services.transfers.requesting import request_transfer
from apps.inventory.services.transfers.sending import send_transfer
from apps.inventory.services.transfers.types import Counted
from tests.shop import Shop


def ask(
    shop: Shop, reference: str = "", sender: Any = None, receiver: Any = None, waits: bool = False, **quantities: Any
) -> Transfer:
    """S1 (a franchisee's) is asked to send to S2 (the retailer's): ask(shop, A=3, B=1)."""
    return request_transfer(
        sender=sender or shop.s1,
        receiver=receiver or shop.s2,
        lines=[(shop.variants[sku], Decimal(str(q))) for sku, q in quantities.items()],
        reference=reference,
        actor="test",
        waits=waits,
    )


def send(transfer: Transfer, *counted: tuple[int, Any] | tuple[int, Any, str], go: int = 1) -> Transfer:
    """Send all, or so many of each line: send(transfer, (1, 2, "not_found"))."""
    return send_transfer(number=transfer.number, sent=_read(counted), go=go, actor="test")


def receive(transfer: Transfer, *counted: tuple[int, Any] | tuple[int, Any, str], go: int = 1) -> Transfer:
    return receive_transfer(number=transfer.number, received=_read(counted), go=go, actor="test")


def _read(counted: Any) -> list[Counted] | None:
    return [Counted(line, Decimal(str(q)), *reason) for line, q, *reason in counted] or None


def levels(shop: Shop, sku: str = "A") -> dict[tuple[str, str, str], tuple[int, int]]:
    """{(location, condition, owner): (on hand, reserved)} of a variant, where there is any."""
    rows = StockLevel.objects.filter(variant__sku=sku).exclude(on_hand=0, reserved=0)
    return {
        (level.location.code, level.condition, level.owner.code): (int(level.on_hand), int(level.reserved))
        for level in rows.select_related("location", "owner")
    }
