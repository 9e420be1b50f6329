"""Goods leave for another location, or do not: what is promised is sent, and what is not sent is free again."""

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
    StockLevel,
    StockMovement,
    Transfer,
    TransferLine,
    TransferStatus,
    Unsent,
    status_of,
)
from apps.inventory.services.holding_back import hold_back
from apps.inventory.services.levels import key_of, lock
from apps.inventory.services.moving import book_moves
from apps.inventory.services.promising import mark_consumed, release
from apps.inventory.services.transfers.rules import WrongTransferState, check_to_cancel, check_to_send
from apps.inventory.services.transfers.types import CAUSE_TYPE, Counted, cause_of, happened_to, locked, per_line, wrong
from apps.inventory.services.types import Move, Spot


@retried
@transaction.atomic
def send_transfer(
    *, number: str, actor: str, sent: Sequence[Counted] | None = None, occurred_at: dt.datetime | None = None
) -> Transfer:
    """The goods leave: so many of each line as `sent` says, at most what was asked for; without `sent` everything.

    What stays behind, for a reason of `Unsent`, is free again; what was not found is held back until the sender has counted.
    Nothing sent at all cancels the transfer. Sending the same again changes nothing; anything else of a transfer that was
    sent raises WrongTransferState. Call it last in a transaction: it locks stock levels.
    """
    transfer, lines = locked(number)
    given = [Counted(line.line, line.requested) for line in lines] if sent is None else sent
    counted = per_line(lines, given)
    if transfer.status != TransferStatus.TO_SEND and _is_the_same(lines, counted):
        return transfer
    check_to_send(transfer)
    for line in lines:
        _note(line, counted[line.line])
    at = occurred_at or timezone.now()
    _leave(transfer, lines, at, actor)
    return transfer


@retried
@transaction.atomic
def cancel_transfer(*, number: str, actor: str, occurred_at: dt.datetime | None = None) -> Transfer:
    """Nothing is sent: the goods are free again. Doing it again changes nothing; once sent, it raises WrongTransferState."""
    transfer, lines = locked(number)
    if transfer.status == TransferStatus.CANCELLED:
        return transfer
    check_to_cancel(transfer)
    for line in lines:
        line.sent, line.counted = ZERO, ZERO
    _leave(transfer, lines, occurred_at or timezone.now(), actor)
    return transfer


def _is_the_same(lines: Sequence[TransferLine], counted: dict[int, Counted]) -> bool:
    return all(line.sent == counted[line.line].quantity for line in lines)


def _sent(line: TransferLine) -> Decimal:
    return line.sent if line.sent is not None else ZERO


def _note(line: TransferLine, counted: Counted) -> None:
    if counted.quantity > line.requested:
        raise wrong(line.line, _("More than was asked for."))
    if counted.quantity < line.requested and counted.reason not in Unsent.values:
        raise wrong(line.line, _("Say why not everything is sent."), code="reason_needed", about="reason")
    line.sent, line.counted = counted.quantity, ZERO
    line.unsent_because = counted.reason if counted.quantity < line.requested else ""


def _leave(transfer: Transfer, lines: Sequence[TransferLine], at: dt.datetime, actor: str) -> None:
    """Settle the promises and move what is sent, by the counters of the lines; levels are locked here, all at once."""
    TransferLine.objects.bulk_update(lines, ["sent", "counted", "unsent_because"])
    transfer.status = status_of(lines)
    transfer.sent_at, transfer.sent_by = at, actor
    transfer.save(update_fields=["status", "sent_at", "sent_by"])
    is_off = transfer.status == TransferStatus.CANCELLED
    said = happened_to(transfer, at, sum(1 for line in lines if line.sent))
    record(Happened(topic="transfer.cancelled", **said) if is_off else Happened(topic="transfer.sent", **said))
    day = business_date(at, transfer.sender.time_zone)
    moves = []
    keys = []
    for line in lines:
        level = _level(line)
        source = Spot(level.location_id, level.owner_id, level.condition)
        keys.append(key_of(line.variant_id, source))
        if line.sent:
            target = Spot(transfer.receiver_id, level.owner_id, Condition.IN_TRANSIT)
            keys.append(key_of(line.variant_id, target))
            cause = cause_of(transfer, at, day, actor)
            moves.append(
                Move(
                    cause, line.line, StockMovement.Kind.SEND, line.variant_id, line.sent, source=source, target=target
                )
            )
    lock(keys)
    missed = [line for line in lines if line.unsent_because == Unsent.NOT_FOUND]
    stays = {line.demand_id: line.requested - _sent(line) for line in lines if line not in missed}
    release(demand_quantities={pk: quantity for pk, quantity in stays.items() if quantity})
    mark_consumed(demand_quantities={line.demand_id: line.sent for line in lines if line.sent})
    for line in missed:
        line.demand.refresh_from_db(fields=["consumed"])
        hold_back(demand=line.demand, cause_type=CAUSE_TYPE, cause_id=transfer.number)
    book_moves(moves)


def _level(line: TransferLine) -> StockLevel:
    if line.demand.level is None:
        raise WrongTransferState(_("Line %(line)s has no stock behind it.") % {"line": line.line})
    return line.demand.level
