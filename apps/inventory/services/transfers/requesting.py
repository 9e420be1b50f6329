"""Asking for goods of another location: they are promised there at once, or once the sender agrees."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.core.days import business_date
from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.numbers import TRANSFER, next_number
from apps.core.retry import retried
from apps.inventory.models import Reservation, Transfer, TransferLine, TransferStatus
from apps.inventory.services.promising import reserve
from apps.inventory.services.transfers.rules import check_to_add, check_to_agree
from apps.inventory.services.transfers.types import happened_to, locked
from apps.inventory.services.types import Want
from apps.network.models import Location


@retried
@transaction.atomic
def request_transfer(
    *,
    sender: Location,
    receiver: Location,
    lines: Sequence[tuple[Variant, Decimal]],
    reference: str,
    actor: str,
    waits: bool = False,
    occurred_at: dt.datetime | None = None,
) -> Transfer:
    """Ask a location to send goods to another one: all of them are promised there now, or nothing is.

    A request that `waits` (`agreeing.needs_consent` says which do) promises nothing until the sender agrees. The same
    reference between the same two is asked for once. Raises `InsufficientStock` with what there still is, by the place in
    `lines`, and InvalidInput for lines that cannot be asked for. Call it last in a transaction: it locks stock levels.
    """
    if sender.pk == receiver.pk:
        raise InvalidInput(_("Goods go from one location to another one."), code="same_location")
    _check(lines)
    at = occurred_at or timezone.now()
    written: dict[str, Any] = {
        "status": TransferStatus.ASKED if waits else TransferStatus.TO_SEND,
        "number": next_number(TRANSFER),
        "business_date": business_date(at, sender.time_zone),
        "requested_at": at,
        "requested_by": actor,
    }
    if reference:
        # A twin of the same form waits here until this one is written, and then finds it.
        transfer, is_new = Transfer.objects.get_or_create(
            sender=sender, receiver=receiver, reference=reference, defaults=written
        )
        if not is_new:
            return transfer
    else:
        transfer = Transfer.objects.create(sender=sender, receiver=receiver, **written)
    record(Happened(topic="transfer.requested", **happened_to(transfer, at, len(lines))))
    _write(transfer, lines, after=0, into=None)
    return transfer


@retried
@transaction.atomic
def add_to_transfer(*, number: str, goods: tuple[Variant, Decimal], waits: bool = False) -> Transfer:
    """Ask for one thing more on a transfer that still lies at the sender; it is promised there now, or nothing changes.
    Where the sender was asked to agree, it waits with the rest.

    Raises WrongTransferState once it was sent, for what `waits` for the sender's word also once they gave it, and otherwise
    what asking raises. Call it last in a transaction.
    """
    transfer, lines = locked(number)
    check_to_add(transfer)
    if waits:
        check_to_agree(transfer)
    _check([(line.variant, line.requested) for line in lines] + [goods])
    into = Reservation.objects.filter(demands__transfer_line__in=[line.pk for line in lines[:1]]).first()
    _write(transfer, [goods], after=max(line.line for line in lines), into=into)
    record(Happened(topic="transfer.requested", **happened_to(transfer, timezone.now(), len(lines) + 1)))
    return transfer


def _write(
    transfer: Transfer, goods: Sequence[tuple[Variant, Decimal]], *, after: int, into: Reservation | None
) -> None:
    """Write lines behind those there are, and set their goods aside unless the sender is to agree first."""
    lines = TransferLine.objects.bulk_create(
        TransferLine(transfer=transfer, line=n, variant=variant, requested=quantity)
        for n, (variant, quantity) in enumerate(goods, start=after + 1)
    )
    if transfer.status != TransferStatus.ASKED:
        promise_lines(transfer, lines, into=into)


def promise_lines(transfer: Transfer, lines: Sequence[TransferLine], *, into: Reservation | None = None) -> None:
    """Set the goods of lines aside at the sender, all or nothing, in the caller's transaction."""
    wants = [Want(line.line, line.variant_id, line.requested, transfer.sender_id) for line in lines]
    _reservation, promises = reserve(channel_id=None, reference=transfer.number, wants=wants, into=into)
    demands = {promise.line: promise.demand_id for promise in promises}
    for line in lines:
        line.demand_id = demands[line.line]
    TransferLine.objects.bulk_update(lines, ["demand"])


def _check(lines: Sequence[tuple[Variant, Decimal]]) -> None:
    if not lines:
        raise InvalidInput(_("Say which goods you ask for."), code="no_lines")
    seen: set[int] = set()
    for n, (variant, quantity) in enumerate(lines):
        if not quantity.is_finite() or quantity <= 0:
            raise _wrong(n, _("A quantity is greater than zero."))
        if quantity % 1 and not variant.allows_fractions:
            raise _wrong(n, _("This is sold by the piece."))
        if variant.pk in seen:
            raise _wrong(n, _("This product stands on another line already."))
        seen.add(variant.pk)


def _wrong(n: int, detail: str) -> InvalidInput:
    return InvalidInput(detail, faults=[Fault("invalid", detail, f"lines.{n}.quantity")])
