"""Announced goods that do not come after all: the customer called it off, or never brought them."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.events.log import Happened, record
from apps.core.money import ZERO, plain
from apps.core.retry import retried
from apps.returns.models import Return, ReturnLine, ReturnStatus, Withdrawal
from apps.returns.services.counting import Counted, count
from apps.returns.services.purchases import lock_lines
from apps.returns.services.receiving import WrongState, lock_return

ANNOUNCED_FOR = dt.timedelta(days=30)
"""How long goods may be on their way: the customer has 14 days to send them after announcing, the post may dawdle."""

_AT_ONCE = 200


@retried
@transaction.atomic
def withdraw_return(*, rma: Return, occurred_at: dt.datetime) -> Return:
    """Call off a return that has not arrived: its pieces can be announced again. Doing it again changes nothing."""
    rma = lock_return(rma)
    if rma.status == ReturnStatus.WITHDRAWN:
        return rma
    check_withdrawable(rma)
    _call_off(rma, Withdrawal.ASKED, occurred_at)
    return rma


def check_withdrawable(rma: Return) -> None:
    """Raise WrongState for a return whose goods are not on their way."""
    if rma.status == ReturnStatus.WITHDRAWN:
        raise WrongState(_("Return %(number)s was withdrawn already.") % {"number": rma.number})
    if rma.status != ReturnStatus.ANNOUNCED:
        raise WrongState(_("The goods of return %(number)s are here already.") % {"number": rma.number})


def lapse_announced() -> int:
    """Withdraw returns that nobody brought in time; return how many there were, at most so many at once."""
    now = timezone.now()
    stale = Return.objects.filter(status=ReturnStatus.ANNOUNCED, occurred_at__lte=now - ANNOUNCED_FOR)
    found = list(stale.order_by("occurred_at", "pk")[:_AT_ONCE])
    for rma in found:
        _lapse(rma, now)
    return len(found)


@retried
@transaction.atomic
def _lapse(rma: Return, now: dt.datetime) -> None:
    rma = lock_return(rma)
    if rma.status == ReturnStatus.ANNOUNCED:  # it may have arrived meanwhile
        _call_off(rma, Withdrawal.LAPSED, now)


def _call_off(rma: Return, because: Withdrawal, occurred_at: dt.datetime) -> None:
    lines = list(rma.lines.select_related("order", "order_line").filter(order_line__isnull=False))
    lock_lines(line.order_line_id for line in lines if line.order_line_id is not None)
    count(Counted(ln.order_line_id, returning=-ln.quantity) for ln in lines if ln.order_line_id is not None)
    close(rma, because, occurred_at)
    rma.save(update_fields=CLOSED)
    record(withdrawn(rma, [(line, line.quantity) for line in lines], because, occurred_at))


CLOSED = ["status", "total", "withdrawn_at", "withdrawn_because"]


def close(rma: Return, because: Withdrawal, occurred_at: dt.datetime) -> None:
    """Nothing of a return will come; to be saved with the `CLOSED` fields."""
    rma.status, rma.total = ReturnStatus.WITHDRAWN, ZERO
    rma.withdrawn_at, rma.withdrawn_because = occurred_at, because


def withdrawn(
    rma: Return, pieces: Iterable[tuple[ReturnLine, Decimal]], because: Withdrawal, occurred_at: dt.datetime
) -> Happened:
    """The event that so many pieces of a return's lines will not come this way; `status` says whether any still will."""
    return Happened(
        topic="return.withdrawn",
        object_type="return",
        object_key=rma.number,
        occurred_at=occurred_at,
        payload={
            "return": rma.number,
            "status": str(rma.status),
            "because": str(because),
            "lines": [
                {
                    "line": line.line,
                    "order": line.order.number if line.order else None,
                    "order_line": line.order_line.line if line.order_line else None,
                    "quantity": plain(quantity),
                }
                for line, quantity in pieces
            ],
        },
    )
