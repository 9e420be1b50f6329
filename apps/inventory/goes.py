"""The goes that a transfer left and came in, as the ledger has them."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max, Sum

from apps.inventory.models import StockMovement, Transfer, TransferStatus
from apps.inventory.services.transfers.types import CAUSE_TYPE, part_of

_KINDS = StockMovement.Kind


@dataclass(frozen=True, slots=True)
class Go:
    """So many pieces left, or came, at once: the how-manieth time (from 1), when, and by whom."""

    number: int
    is_sending: bool
    at: dt.datetime
    actor: str
    pieces: Decimal

    @property
    def several(self) -> int:
        """The number by which a sentence about them is singular or plural."""
        return 1 if self.pieces == 1 else 2


def goes_of(transfer: Transfer) -> list[Go]:
    """The goes of a transfer in the order they were booked; none where one sending and one receipt say all there is."""
    if transfer.sendings < 2 and transfer.receipts < 2 and not _is_halfway(transfer):
        return []
    rows = StockMovement.objects.filter(
        cause_type=CAUSE_TYPE, cause_id=transfer.number, kind__in=[_KINDS.SEND, _KINDS.ARRIVE, _KINDS.FOUND]
    ).order_by()
    found: dict[tuple[bool, int], Go] = {}
    summed = rows.values("kind", "part").annotate(pieces=Sum("quantity"), at=Max("occurred_at"), by=Max("actor"))
    for row in summed:
        key = (row["kind"] == _KINDS.SEND, row["part"])
        before = found[key].pieces if key in found else Decimal(0)
        found[key] = Go(row["part"] + 1, key[0], row["at"], row["by"], before + row["pieces"])
    return sorted(found.values(), key=lambda go: (go.at, not go.is_sending, go.number))


def sent_in(transfer: Transfer, go: int) -> dict[int, Decimal]:
    """What left in one go: {line: quantity}."""
    rows = StockMovement.objects.filter(
        cause_type=CAUSE_TYPE, cause_id=transfer.number, kind=_KINDS.SEND, part=part_of(go)
    )
    return dict(rows.values_list("cause_line", "quantity"))


def _is_halfway(transfer: Transfer) -> bool:
    return transfer.status == TransferStatus.PARTLY or (transfer.is_on_the_way and transfer.receipts > 0)
