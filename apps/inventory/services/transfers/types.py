"""The nouns and first steps that the acts on transfers share."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.inventory.models import StockMovement, StoreTask, Transfer, TransferLine
from apps.inventory.services.transfers.rules import BookedMeanwhile, WrongTransferState
from apps.inventory.services.types import Cause

CAUSE_TYPE = "transfer"
MOST_GOES = 300
"""What the `part` of a ledger row has room for: each go keeps a hundred for the places that its goods left."""
LATER = "later"
"""The reason of who sends, or receives, less now because the rest follows in another go."""


@dataclass(frozen=True, slots=True)
class Counted:
    """So many of a line were sent, or came. `reason` says why it is not what it should be; `LATER`: the rest follows."""

    line: int
    quantity: Decimal
    reason: str = ""


def locked(number: str) -> tuple[Transfer, list[TransferLine]]:
    """The transfer and its lines, locked until the transaction ends."""
    transfer = Transfer.objects.select_for_update(of=("self",)).select_related("sender", "receiver").get(number=number)
    lines = transfer.lines.select_related("variant__product", "demand__level").prefetch_related(
        "variant__product__texts"
    )
    return transfer, list(lines.order_by("line"))


def per_line(lines: Sequence[TransferLine], counted: Sequence[Counted]) -> dict[int, Counted]:
    """What was counted of each line that is named; the others stay as they are."""
    known = {line.line: line for line in lines}
    found: dict[int, Counted] = {}
    for one in counted:
        line = known.get(one.line)
        if line is None:
            raise wrong(one.line, _("This transfer has no such line."), code="does_not_exist", about="line")
        if not one.quantity.is_finite() or one.quantity < 0:
            raise wrong(one.line, _("A quantity is zero or more."))
        if one.quantity % 1 and not line.variant.allows_fractions:
            raise wrong(one.line, _("This is sold by the piece."))
        found[one.line] = one
    return found


def is_next(
    *,
    go: int,
    booked: int,
    moved: Sequence[str],
    transfer: Transfer,
    told: Sequence[Counted] | None,
    was_all: Callable[[], bool],
) -> bool:
    """Whether this go comes next, after `booked` goes; False for one that stands with just these goods.

    `moved` are the kinds of movement that a go was booked by. Without `told` it is about all there was: `was_all` says
    whether the go that stands left nothing. Raises `BookedMeanwhile` for a go that stands with other goods, and for one beyond
    the next.
    """
    if go == booked + 1:
        if go > MOST_GOES:
            raise WrongTransferState(_("A transfer leaves and comes in at most %(most)s goes.") % {"most": MOST_GOES})
        return True
    if go < 1 or go > booked or not (was_all() if told is None else _booked(transfer, go, moved) == _goods(told)):
        raise BookedMeanwhile(_("Goods of this transfer were booked meanwhile; look at what is still to be done."))
    return False


def _booked(transfer: Transfer, go: int, kinds: Sequence[str]) -> dict[int, Decimal]:
    rows = StockMovement.objects.filter(
        cause_type=CAUSE_TYPE, cause_id=transfer.number, part=part_of(go), kind__in=list(kinds)
    )
    return dict(rows.order_by().values("cause_line").annotate(n=Sum("quantity")).values_list("cause_line", "n"))


def _goods(told: Sequence[Counted]) -> dict[int, Decimal]:
    return {one.line: one.quantity for one in told if one.quantity}


def part_of(go: int) -> int:
    """The `part` of a ledger row of a go; the first one has none before it."""
    return go - 1


def wrong(line: int, detail: str, *, code: str = "invalid", about: str = "quantity") -> InvalidInput:
    """A refusal that names the line it is about."""
    return InvalidInput(detail, faults=[Fault(code, detail, f"{about}-{line}")])


def cause_of(transfer: Transfer, at: dt.datetime, day: dt.date, actor: str) -> Cause:
    return Cause(CAUSE_TYPE, transfer.number, transfer.business_date, at, day, actor)


def happened_to(transfer: Transfer, at: dt.datetime, lines: int) -> dict[str, Any]:
    """What every event of a transfer says beside its topic: between which two, and how many lines it is about."""
    return {
        "object_type": CAUSE_TYPE,
        "object_key": transfer.number,
        "occurred_at": at,
        "payload": {"from": transfer.sender.code, "to": transfer.receiver.code, "lines": lines},
    }


def ask_to_count(transfer: Transfer, differing: Iterable[tuple[int, Decimal]]) -> None:
    """Ask the sender to count what came in another number than it was sent in: (variant id, by how many).

    What differs again in a later go comes on top of what is still to be counted; what was counted is asked anew.
    """
    by_how_many: dict[int, Decimal] = defaultdict(Decimal)
    for variant_id, quantity in differing:
        by_how_many[variant_id] += quantity
    if not by_how_many:
        return
    about: dict[str, Any] = {"location": transfer.sender, "kind": StoreTask.Kind.COUNT_TRANSFER}
    about |= {"cause_type": CAUSE_TYPE, "cause_id": transfer.number}
    for task in StoreTask.objects.select_for_update().filter(**about, variant__in=by_how_many).order_by("pk"):
        quantity = by_how_many.pop(cast("int", task.variant_id))
        task.quantity = quantity + (task.quantity if task.done_at is None else 0)
        task.raised_at, task.done_at, task.done_by = timezone.now(), None, ""
        task.save(update_fields=["quantity", "raised_at", "done_at", "done_by"])
    StoreTask.objects.bulk_create(
        StoreTask(**about, variant_id=variant_id, quantity=quantity)
        for variant_id, quantity in sorted(by_how_many.items())
    )
