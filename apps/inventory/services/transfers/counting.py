"""Counting a transfer piece by piece, when it is packed and when it is unpacked. It moves nothing yet."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, InvalidInput
from apps.core.money import ZERO, plain, spoken
from apps.core.retry import retried
from apps.inventory.models import Transfer, TransferLine, TransferStatus
from apps.inventory.services.transfers.rules import check_to_receive, check_to_send
from apps.inventory.services.transfers.types import locked, wrong


class AllCounted(Conflict):
    """More of a line than was asked for."""

    code = "all_counted"


def expected(transfer: Transfer, line: TransferLine) -> Decimal:
    """How many of a line are to be counted now: what was asked for, or once it is on its way what was sent."""
    return line.requested if transfer.status == TransferStatus.TO_SEND else (line.sent or ZERO)


@retried
@transaction.atomic
def count_lines(*, number: str, counted: Mapping[int, Decimal] | None = None) -> Transfer:
    """Note what was counted so far: {line: quantity in all}; without it, everything that is expected."""
    transfer, lines = _to_count(number)
    wanted = {line.line: expected(transfer, line) for line in lines} if counted is None else counted
    known = {line.line: line for line in lines}
    touched = []
    for number_of_line, quantity in wanted.items():
        line = known.get(number_of_line)
        if line is None:
            raise InvalidInput(_("This transfer has no such line."), code="does_not_exist")
        if not quantity.is_finite() or quantity < 0:
            raise wrong(line.line, _("A quantity is zero or more."))
        if quantity % 1 and not line.variant.allows_fractions:
            raise wrong(line.line, _("This is sold by the piece."))
        _refuse_too_many(transfer, line, quantity)
        line.counted = quantity
        touched.append(line)
    TransferLine.objects.bulk_update(touched, ["counted"])
    return transfer


@retried
@transaction.atomic
def count_one_more(*, number: str, variant_id: int) -> TransferLine:
    """A piece of a variant was scanned. Raises Conflict when the transfer has none of it, or all were counted already."""
    transfer, lines = _to_count(number)
    line = next((line for line in lines if line.variant_id == variant_id), None)
    if line is None:
        raise Conflict(_("This product is not on the transfer."), code="not_on_transfer")
    _refuse_too_many(transfer, line, line.counted + 1)
    line.counted += 1
    line.save(update_fields=["counted"])
    return line


def _to_count(number: str) -> tuple[Transfer, list[TransferLine]]:
    transfer, lines = locked(number)
    if transfer.status == TransferStatus.TO_SEND:
        check_to_send(transfer)
    else:
        check_to_receive(transfer)
    return transfer, lines


def _refuse_too_many(transfer: Transfer, line: TransferLine, quantity: Decimal) -> None:
    """No more is sent than was asked for; what came is what came."""
    if transfer.status == TransferStatus.TO_SEND and quantity > line.requested:
        wanted = {"count": spoken(plain(line.requested)), "name": line.variant.name}
        raise AllCounted(_("%(name)s: only %(count)s asked for.") % wanted)
