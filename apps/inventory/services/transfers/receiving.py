"""Goods come in from another location: what came is for sale here, and belongs to whom the location belongs to today."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.events.log import Happened, record
from apps.core.money import ZERO
from apps.core.retry import retried
from apps.inventory.models import (
    Condition,
    Difference,
    StockMovement,
    Transfer,
    TransferLine,
    TransferStatus,
    status_of,
)
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import owner_of
from apps.inventory.services.transfers.rules import check_to_receive
from apps.inventory.services.transfers.types import (
    Counted,
    ask_to_count,
    cause_of,
    happened_to,
    locked,
    per_line,
    wrong,
)
from apps.inventory.services.types import Cause, Move, Spot


@retried
@transaction.atomic
def receive_transfer(
    *, number: str, actor: str, received: Sequence[Counted] | None = None, occurred_at: dt.datetime | None = None
) -> Transfer:
    """The goods are here: so many of each line as `received` says; without it everything that was sent.

    What differs from what was sent needs a reason of `Difference`: missing pieces are lost on the way, extra ones are found
    here, and the sender is asked to count. What came becomes saleable stock of the owner of the day; the ledger's rows show
    the change of owner. Receiving the same again changes nothing; anything else of a transfer that was received raises
    WrongTransferState. Call it last in a transaction: it locks stock levels.
    """
    transfer, lines = locked(number)
    given = [Counted(line.line, line.sent or ZERO) for line in lines] if received is None else received
    counted = per_line(lines, given)
    if transfer.status == TransferStatus.RECEIVED and all(
        line.received == counted[line.line].quantity for line in lines
    ):
        return transfer
    check_to_receive(transfer)
    for line in lines:
        _note(line, counted[line.line])
    at = occurred_at or timezone.now()
    TransferLine.objects.bulk_update(lines, ["received", "counted", "differs_because"])
    transfer.status = status_of(lines)
    transfer.received_at, transfer.received_by = at, actor
    transfer.save(update_fields=["status", "received_at", "received_by"])
    record(Happened(topic="transfer.received", **happened_to(transfer, at, len(lines))))
    differing = {line.variant_id: abs(_short(line)) for line in lines if _short(line)}
    ask_to_count(transfer, differing)
    day = business_date(at, transfer.receiver.time_zone)
    cause = cause_of(transfer, at, day, actor)
    here = Spot(transfer.receiver_id, owner_of(transfer.receiver_id, day=day))
    book_moves([move for line in lines for move in _moves(cause, line, transfer, here)])
    return transfer


def _note(line: TransferLine, counted: Counted) -> None:
    differs = counted.quantity != line.sent
    if differs and counted.reason not in Difference.values:
        raise wrong(line.line, _("Say why it is not what was sent."), code="reason_needed", about="reason")
    line.received, line.counted = counted.quantity, ZERO
    line.differs_because = counted.reason if differs else ""


def _short(line: TransferLine) -> Decimal:
    """How many fewer came than were sent; below zero when more came."""
    return (line.sent or ZERO) - (line.received or ZERO)


def _moves(cause: Cause, line: TransferLine, transfer: Transfer, here: Spot) -> list[Move]:
    """What came, what was lost on the way, what came beyond that."""
    level = line.demand.level
    sent, received = line.sent or ZERO, line.received or ZERO
    owner_id = level.owner_id if level is not None else here.owner_id
    way = Spot(transfer.receiver_id, owner_id, Condition.IN_TRANSIT)
    kinds = StockMovement.Kind
    found = []
    if came := min(sent, received):
        found.append(Move(cause, line.line, kinds.ARRIVE, line.variant_id, came, source=way, target=here))
    if sent > received:
        found.append(Move(cause, line.line, kinds.LOSS, line.variant_id, sent - received, source=way))
    if received > sent:
        found.append(Move(cause, line.line, kinds.FOUND, line.variant_id, received - sent, target=here))
    return found
