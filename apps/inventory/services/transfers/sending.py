"""Goods leave for another location, or do not: what is promised is sent, and what is not sent is free again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import InvalidInput
from apps.core.events.log import Happened, record
from apps.core.money import ZERO
from apps.core.retry import retried
from apps.inventory.models import (
    Condition,
    Demand,
    StockLevel,
    StockMovement,
    Transfer,
    TransferLine,
    TransferStatus,
    Unsent,
    status_of,
)
from apps.inventory.models.transfers import UNSENT_BY_SENDER
from apps.inventory.services.carrying import carry
from apps.inventory.services.holding_back import hold_back
from apps.inventory.services.levels import key_of, lock
from apps.inventory.services.moving import book_moves
from apps.inventory.services.promising import mark_consumed, release
from apps.inventory.services.transfers.purposes import lock_purpose, purpose_of
from apps.inventory.services.transfers.rules import WrongTransferState, check_to_cancel, check_to_send
from apps.inventory.services.transfers.types import (
    CAUSE_TYPE,
    LATER,
    Counted,
    cause_of,
    happened_to,
    is_next,
    locked,
    part_of,
    per_line,
    wrong,
)
from apps.inventory.services.types import Move, Spot


@dataclass(frozen=True, slots=True)
class _Share:
    """What becomes of a line in one go: so many leave, so many stay behind for good."""

    line: TransferLine
    leaves: Decimal
    stays: Decimal


@retried
@transaction.atomic
def send_transfer(
    *,
    number: str,
    actor: str,
    sent: Sequence[Counted] | None = None,
    go: int = 1,
    occurred_at: dt.datetime | None = None,
) -> Transfer:
    """The goods leave as the sending number `go` (from 1): so many of each line as `sent` says, at most what is still to be
    sent; without `sent` all of that. A line that is not named, or is short `LATER`, stays promised for a later go.

    What stays behind, for a reason of `Unsent`, is free again; what was not found is held back until the sender has counted.
    Nothing sent at all cancels the transfer. The same go again changes nothing; with other goods it raises `BookedMeanwhile`,
    and where nothing is to be sent any more WrongTransferState. A line that is for a document leaves whole or stays. Call it last
    in a transaction: it locks stock levels.
    """
    lock_purpose(number)
    transfer, lines = locked(number)
    if not is_next(
        go=go,
        booked=transfer.sendings,
        moved=[StockMovement.Kind.SEND],
        transfer=transfer,
        told=sent,
        was_all=lambda: go == transfer.sendings and not any(line.to_send for line in lines),
    ):
        return transfer
    check_to_send(transfer)
    given = [Counted(line.line, line.to_send) for line in lines] if sent is None else sent
    counted = per_line(lines, given)
    shares = [_note(transfer, line, counted[line.line]) for line in lines if line.line in counted]
    if not any(share.leaves or share.stays for share in shares):
        raise InvalidInput(_("Say what is sent."), code="no_lines")
    transfer.sendings = go
    _leave(transfer, lines, shares, occurred_at or timezone.now(), actor)
    return transfer


@retried
@transaction.atomic
def cancel_transfer(*, number: str, actor: str, occurred_at: dt.datetime | None = None) -> Transfer:
    """What was not sent so far is not sent: it is free again, and the transfer ends with what left, if anything did.

    Doing it again to one that was cancelled changes nothing; where all was sent, it raises WrongTransferState.
    """
    transfer, lines = locked(number)
    if transfer.status == TransferStatus.CANCELLED:
        return transfer
    check_to_cancel(transfer)
    shares = [_Share(line, ZERO, line.to_send) for line in lines if line.to_send and line.demand_id]
    for line in lines:
        line.unsent, line.packed = line.unsent + line.to_send, ZERO
    _leave(transfer, lines, shares, occurred_at or timezone.now(), actor)
    return transfer


def _note(transfer: Transfer, line: TransferLine, counted: Counted) -> _Share:
    short = line.to_send - counted.quantity
    if short < 0:
        raise wrong(line.line, _("More than was asked for."))
    if short and counted.reason not in {LATER, *dict(UNSENT_BY_SENDER)}:
        raise wrong(line.line, _("Say why not everything is sent."), code="reason_needed", about="reason")
    if short and counted.quantity and transfer.is_for_a_document:
        said = _("This is for %(number)s: send all of it at once, or nothing.")
        raise wrong(line.line, said % {"number": transfer.cause_id})
    stays = ZERO if counted.reason == LATER else short
    line.sent, line.unsent, line.packed = line.sent + counted.quantity, line.unsent + stays, ZERO
    if stays:
        line.unsent_because = counted.reason
    return _Share(line, counted.quantity, stays)


def _leave(
    transfer: Transfer, lines: Sequence[TransferLine], shares: Sequence[_Share], at: dt.datetime, actor: str
) -> None:
    """Settle the promises and move what is sent; levels are locked here, all at once."""
    TransferLine.objects.bulk_update(lines, ["sent", "unsent", "packed", "unsent_because"])
    leaving = [share for share in shares if share.leaves]
    transfer.status = status_of(lines)
    if transfer.status == TransferStatus.CANCELLED or (leaving and not transfer.is_on_the_way):
        transfer.sent_at, transfer.sent_by = at, actor
    transfer.is_on_the_way = any(line.on_the_way for line in lines)
    transfer.save(update_fields=["status", "is_on_the_way", "sendings", "sent_at", "sent_by"])
    said = happened_to(transfer, at, len(leaving or lines))
    record(Happened(topic="transfer.sent", **said) if leaving else Happened(topic="transfer.cancelled", **said))
    day = business_date(at, transfer.sender.time_zone)
    cause, part = cause_of(transfer, at, day, actor), part_of(transfer.sendings)
    moves = []
    keys = []
    for share in shares:
        line, level = share.line, _level(share.line)
        source = Spot(level.location_id, level.owner_id, level.condition)
        keys.append(key_of(line.variant_id, source))
        if share.leaves:
            target = _way(transfer, line)
            keys.append(key_of(line.variant_id, target))
            kind = StockMovement.Kind.SEND
            moves.append(Move(cause, line.line, kind, line.variant_id, share.leaves, source, target, part))
    lock(keys)
    missed = [share.line for share in shares if share.stays and share.line.unsent_because == Unsent.NOT_FOUND]
    stays = [share for share in shares if share.stays and share.line not in missed]
    release(demand_quantities={_demand(share.line).pk: share.stays for share in stays})
    purpose = purpose_of(transfer)
    if purpose is None:
        mark_consumed(demand_quantities={_demand(share.line).pk: share.leaves for share in leaving})
    for line in missed:
        demand = _demand(line)
        demand.refresh_from_db(fields=["consumed"])
        hold_back(demand=demand, cause_type=CAUSE_TYPE, cause_id=transfer.number)
    if purpose is None:
        book_moves(moves)
        return
    gone = {_demand(share.line).pk: share.line for share in leaving}
    carry(moves, {pk: key_of(line.variant_id, _way(transfer, line)) for pk, line in gone.items()})
    refused = {_demand(share.line).pk: share.line.unsent_because for share in shares if share.stays}
    purpose.has_left(transfer, gone=gone.keys(), stays=refused, actor=actor)


def _way(transfer: Transfer, line: TransferLine) -> Spot:
    """Where what is sent stands while it is on its way."""
    return Spot(transfer.receiver_id, _level(line).owner_id, Condition.IN_TRANSIT)


def _demand(line: TransferLine) -> Demand:
    if line.demand is None:
        raise WrongTransferState(_("Line %(line)s has no stock behind it.") % {"line": line.line})
    return line.demand


def _level(line: TransferLine) -> StockLevel:
    level = _demand(line).level
    if level is None:
        raise WrongTransferState(_("Line %(line)s has no stock behind it.") % {"line": line.line})
    return level
