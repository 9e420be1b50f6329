"""At the counter everything happens at once: announced, received, inspected and paid back in one transaction."""

import datetime as dt
import hashlib
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import InvalidInput
from apps.core.retry import retried
from apps.inventory.services.moving import book_moves
from apps.network.models import Channel, Location
from apps.returns.models import WAITING, Return, ReturnStatus
from apps.returns.services.announcing import announce_return
from apps.returns.services.inspecting import grade
from apps.returns.services.purchases import Taken, take_announced
from apps.returns.services.receiving import arrive, lock_return
from apps.returns.services.settling import settle
from apps.returns.services.types import Accepted, Announced, Graded, NotReturnable


@transaction.atomic
def quote_return(*, lines: Sequence[Announced]) -> list[Taken]:
    """What these goods would bring if they came back now. Writes nothing; raises what announcing them would."""
    return take_announced(lines)


@retried
@transaction.atomic
def accept_in_store(
    *, location: Location, lines: Sequence[Accepted], reference: str, occurred_at: dt.datetime, actor: str
) -> Return:
    """Take goods back over the counter of any store, whichever channel sold them, and pay back.

    `reference` is the desk's own key: the same lines under it once more give the first return. Raises `NotReturnable` when
    another desk was first.
    """
    channel = Channel.objects.filter(location=location).first()
    if channel is None:
        raise InvalidInput(_("%(location)s has no counter.") % {"location": location}, code="no_counter")
    rma, is_new = announce_return(
        channel=channel,
        external_id=reference,
        fingerprint=_fingerprint(lines),
        lines=[Announced(order=a.order, line=a.line, quantity=a.quantity, reason=a.reason) for a in lines],
        occurred_at=occurred_at,
        destination=location,
    )
    if not is_new:
        return rma
    # Every accepted line names an order line, so the return has one line for each, in the same order.
    gradings = [Graded(n, a.grade, a.quantity) for n, a in enumerate(lines, start=1)]
    _take_in(lock_return(rma), location, gradings, occurred_at, actor)
    return Return.objects.get(pk=rma.pk)


@retried
@transaction.atomic
def accept_announced(
    *, rma: Return, location: Location, gradings: Sequence[Graded], occurred_at: dt.datetime, actor: str
) -> Return:
    """Take in a return that was announced elsewhere, and pay back. Raises `NotReturnable` when it was taken in before."""
    rma = lock_return(rma)
    check_take_in(rma)
    if rma.status == ReturnStatus.RECEIVED and rma.location_id != location.pk:
        raise NotReturnable
    _take_in(rma, location, gradings, occurred_at, actor)
    return rma


def check_take_in(rma: Return) -> None:
    """Raise NotReturnable for a return that does not wait to be taken in at a counter."""
    if rma.status == ReturnStatus.WITHDRAWN:
        raise NotReturnable(detail=_("Return %(number)s was withdrawn already.") % {"number": rma.number})
    if rma.status not in WAITING:
        raise NotReturnable(detail=_("Return %(number)s was taken in already.") % {"number": rma.number})


def _take_in(rma: Return, location: Location, gradings: Sequence[Graded], occurred_at: dt.datetime, actor: str) -> None:
    if rma.status == ReturnStatus.ANNOUNCED:
        arrive(rma, location, occurred_at)
    moves = grade(rma, gradings, occurred_at=occurred_at, actor=actor)
    settle(rma, occurred_at=occurred_at, actor=actor)
    book_moves(moves)  # last: stock levels are what others wait for most


def _fingerprint(lines: Sequence[Accepted]) -> str:
    told = "\n".join(f"{a.order}/{a.line} {a.quantity.normalize():f} {a.reason} {a.grade}" for a in lines)
    return hashlib.sha256(told.encode()).hexdigest()
