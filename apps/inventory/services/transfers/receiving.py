"""Goods come in from another location: what came is for sale here, and belongs to whom the location belongs to today."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import InvalidInput
from apps.core.events.log import Happened, record
from apps.core.money import ZERO
from apps.core.retry import retried
from apps.inventory.models import (
    Condition,
    Difference,
    StockMovement,
    Transfer,
    TransferLine,
    status_of,
)
from apps.inventory.services.carrying import carry
from apps.inventory.services.levels import deltas_of, key_of, lock
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import owners_on
from apps.inventory.services.promising import held_of, release
from apps.inventory.services.recalls.holding import recalled_among
from apps.inventory.services.transfers.purposes import Purpose, lock_purpose, purpose_of
from apps.inventory.services.transfers.rules import check_to_receive
from apps.inventory.services.transfers.types import (
    CAUSE_TYPE,
    LATER,
    Counted,
    ask_to_count,
    cause_of,
    happened_to,
    is_next,
    locked,
    part_of,
    per_line,
    wrong,
)
from apps.inventory.services.types import Cause, Move, Spot


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What becomes of a line in one go: so many of those on their way came, so many are lost, so many came beyond them."""

    line: TransferLine
    came: Decimal
    lost: Decimal
    found: Decimal


@retried
@transaction.atomic
def receive_transfer(
    *,
    number: str,
    actor: str,
    received: Sequence[Counted] | None = None,
    go: int = 1,
    occurred_at: dt.datetime | None = None,
) -> Transfer:
    """Goods are here, as the receipt number `go` (from 1): so many of each line as `received` says; without it everything
    that is on its way. A line that is not named, or is short `LATER`, stays on its way.

    What differs from what was sent needs a reason of `Difference`: missing pieces are lost on the way, extra ones are found
    here, and the sender is asked to count. What came becomes saleable stock of the owner of the day; the ledger's rows show
    the change of owner. The same go again changes nothing; with other goods it raises `BookedMeanwhile`, and where nothing is
    on its way WrongTransferState. The promise of a document on its goods goes on here; where fewer came than were sent, or what
    came is recalled, it lapses and the document is short. Call it last in a transaction: it locks stock levels.
    """
    lock_purpose(number)
    transfer, lines = locked(number)
    moved = [StockMovement.Kind.ARRIVE, StockMovement.Kind.FOUND]
    if not is_next(
        go=go,
        booked=transfer.receipts,
        moved=moved,
        transfer=transfer,
        told=received,
        was_all=lambda: _nothing_was_left(transfer, go),
    ):
        return transfer
    check_to_receive(transfer)
    given = [Counted(line.line, line.on_the_way) for line in lines] if received is None else received
    counted = per_line(lines, given)
    arrivals = [_note(transfer, line, counted[line.line]) for line in lines if line.line in counted]
    if not any(one.came or one.lost or one.found for one in arrivals):
        raise InvalidInput(_("Say what came."), code="no_lines")
    at = occurred_at or timezone.now()
    TransferLine.objects.bulk_update(lines, ["received", "differs", "unpacked", "differs_because"])
    transfer.status, transfer.receipts = status_of(lines), go
    transfer.is_on_the_way = any(line.on_the_way for line in lines)
    transfer.received_at, transfer.received_by = at, actor
    transfer.save(update_fields=["status", "is_on_the_way", "receipts", "received_at", "received_by"])
    record(Happened(topic="transfer.received", **happened_to(transfer, at, len(arrivals))))
    ask_to_count(transfer, [(one.line.variant_id, one.lost or one.found) for one in arrivals if one.lost or one.found])
    day = business_date(at, transfer.receiver.time_zone)
    cause = cause_of(transfer, at, day, actor)
    receiver = transfer.receiver_id
    owners = owners_on(location_ids=[receiver], variant_ids=[one.line.variant_id for one in arrivals])
    here = {one.line.variant_id: Spot(receiver, owners.of(receiver, one.line.variant_id, day)) for one in arrivals}
    moves = [move for one in arrivals for move in _moves(cause, one, here[one.line.variant_id], part_of(go))]
    purpose = purpose_of(transfer)
    if purpose is None:
        book_moves(moves)
    else:
        _receive_for(purpose, transfer, arrivals, moves, here, actor)
    return transfer


def _nothing_was_left(transfer: Transfer, go: int) -> bool:
    """Whether all that was sent by then had come, or was lost, with this receipt and those before it, by the ledger."""
    kinds = StockMovement.Kind
    rows = StockMovement.objects.filter(cause_type=CAUSE_TYPE, cause_id=transfer.number).order_by()
    came = rows.filter(kind__in=[kinds.ARRIVE, kinds.LOSS, kinds.FOUND], part__lte=part_of(go))
    sent = rows.filter(kind=kinds.SEND, pk__lt=came.aggregate(last=Max("pk"))["last"])
    there = came.exclude(kind=kinds.FOUND).aggregate(sum=Sum("quantity"))["sum"]
    return bool(sent.aggregate(sum=Sum("quantity"))["sum"] == there)


def _receive_for(
    purpose: Purpose,
    transfer: Transfer,
    arrivals: Sequence[_Arrival],
    moves: list[Move],
    here: Mapping[int, Spot],
    actor: str,
) -> None:
    """What came goes on being promised to the document it travelled for; what it called off on the way is not any more."""
    lock(deltas_of(moves))
    promised = {one.line.demand: one for one in arrivals if one.line.demand is not None and (one.came or one.lost)}
    due = {demand.pk: (demand, one) for demand, one in promised.items() if held_of(demand)}
    recalled = recalled_among({demand.variant_id for demand, _one in due.values()})
    lost = {
        pk: held_of(demand)
        for pk, (demand, one) in due.items()
        if one.came < held_of(demand) or demand.variant_id in recalled
    }
    came = {
        pk: key_of(demand.variant_id, here[demand.variant_id]) for pk, (demand, _one) in due.items() if pk not in lost
    }
    release(demand_quantities=lost)
    carry(moves, came)
    purpose.has_come(transfer, came=came.keys(), missing=lost.keys(), actor=actor)


def _note(transfer: Transfer, line: TransferLine, counted: Counted) -> _Arrival:
    due = line.on_the_way
    more = counted.quantity - due
    if more < 0 and counted.reason == LATER:
        if counted.quantity and transfer.is_for_a_document:
            said = _("This is for %(number)s: receive all of it at once, or say why it is not all.")
            raise wrong(line.line, said % {"number": transfer.cause_id})
        more = ZERO
    if more and counted.reason not in Difference.values:
        raise wrong(line.line, _("Say why it is not what was sent."), code="reason_needed", about="reason")
    line.received, line.differs, line.unpacked = line.received + counted.quantity, line.differs + more, ZERO
    if more:
        line.differs_because = counted.reason
    return _Arrival(line, came=min(due, counted.quantity), lost=max(-more, ZERO), found=max(more, ZERO))


def _moves(cause: Cause, arrival: _Arrival, here: Spot, part: int) -> list[Move]:
    """What came, what was lost on the way, what came beyond that."""
    line = arrival.line
    level = line.demand.level if line.demand is not None else None
    way = Spot(here.location_id, level.owner_id if level is not None else here.owner_id, Condition.IN_TRANSIT)
    kinds = StockMovement.Kind
    booked = [
        (kinds.ARRIVE, arrival.came, way, here),
        (kinds.LOSS, arrival.lost, way, None),
        (kinds.FOUND, arrival.found, None, here),
    ]
    return [
        Move(cause, line.line, kind, line.variant_id, quantity, source, target, part)
        for kind, quantity, source, target in booked
        if quantity
    ]
