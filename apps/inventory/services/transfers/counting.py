"""Counting a transfer piece by piece, when it is packed and when it is unpacked. It moves nothing yet."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, InvalidInput
from apps.core.money import plain, spoken
from apps.core.retry import retried
from apps.inventory.models import Transfer, TransferLine
from apps.inventory.services.transfers.rules import check_to_receive, check_to_send
from apps.inventory.services.transfers.types import locked, wrong


class AllCounted(Conflict):
    """More of a line than was asked for."""

    code = "all_counted"


class Counting(StrEnum):
    """Which end counts; the name of the column that keeps it."""

    PACKING = "packed"
    UNPACKING = "unpacked"


def expected(line: TransferLine, end: Counting) -> Decimal:
    """How many of a line are to be counted now: what is to be sent still, or what is on its way."""
    return line.to_send if end == Counting.PACKING else line.on_the_way


def counted_of(line: TransferLine, end: Counting) -> Decimal:
    """What was counted of a line so far."""
    return line.packed if end == Counting.PACKING else line.unpacked


@retried
@transaction.atomic
def count_lines(*, number: str, end: Counting, counted: Mapping[int, Decimal] | None = None) -> Transfer:
    """Note what was counted so far: {line: quantity in all}; without it, everything that is expected."""
    transfer, lines = _to_count(number, end)
    wanted = {line.line: expected(line, end) for line in lines} if counted is None else counted
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
        _refuse_too_many(line, end, quantity)
        setattr(line, end, quantity)
        touched.append(line)
    TransferLine.objects.bulk_update(touched, [str(end)])
    return transfer


@retried
@transaction.atomic
def count_one_more(*, number: str, end: Counting, variant_id: int) -> TransferLine:
    """A piece of a variant was scanned. Raises Conflict when the transfer has none of it, or all were counted already."""
    _transfer, lines = _to_count(number, end)
    same = [ln for ln in lines if ln.variant_id == variant_id]
    # A variant may stand on several lines of an order's transfer: the first that is not full.
    line = next((ln for ln in same if counted_of(ln, end) < expected(ln, end)), same[-1] if same else None)
    if line is None:
        raise Conflict(_("This product is not on the transfer."), code="not_on_transfer")
    one_more = counted_of(line, end) + 1
    _refuse_too_many(line, end, one_more)
    setattr(line, end, one_more)
    line.save(update_fields=[str(end)])
    return line


def _to_count(number: str, end: Counting) -> tuple[Transfer, list[TransferLine]]:
    transfer, lines = locked(number)
    if end == Counting.PACKING:
        check_to_send(transfer)
    else:
        check_to_receive(transfer)
    return transfer, lines


def _refuse_too_many(line: TransferLine, end: Counting, quantity: Decimal) -> None:
    """No more is sent than was asked for; what came is what came."""
    if end == Counting.PACKING and quantity > line.to_send:
        wanted = {"count": spoken(plain(line.to_send)), "name": line.variant.name}
        raise AllCounted(_("%(name)s: only %(count)s asked for.") % wanted)
