"""Noting what was counted: each scan or typed quantity is a row of its own. Several people may count at once."""

import datetime as dt
import uuid
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.core.errors import Conflict, InvalidInput
from apps.core.money import ZERO
from apps.core.retry import retried
from apps.inventory.models import Count, CountedLine, CountItem
from apps.inventory.services.counting import expected_at
from apps.inventory.services.counts.opening import locked

MOST = Decimal(99_999)


class NotInThisRound(Conflict):
    """Only some products are counted again, and this is none of them. Nothing was noted."""

    code = "not_in_this_round"


def check_open(count: Count) -> None:
    """Raise Conflict for a count in which nobody counts any more."""
    if count.status in {Count.Status.DRAFT, Count.Status.COUNTING}:
        return
    if count.status == Count.Status.WITHDRAWN:
        raise Conflict(_("This count was withdrawn."))
    raise Conflict(_("This count was submitted: nothing is counted in it any more."))


@retried
@transaction.atomic
def note_counted(
    *,
    count: Count,
    variant: Variant,
    shelf: str,
    quantity: Decimal,
    actor: str,
    token: uuid.UUID,
    adds: bool = False,
    counted_at: dt.datetime | None = None,
) -> CountedLine:
    """Note that so many of a variant lie on a shelf; with `adds`, so many more than were noted there.

    The last row of a variant and shelf stands. The same token notes once. What should be there at this moment is kept beside
    it, and shown to nobody who counts blind.
    """
    now = locked(count)
    known = CountedLine.objects.filter(count=now, token=token).first()
    if known is not None:
        return known
    check_open(now)
    if now.round > 1 and not CountItem.objects.filter(count=now, round=now.round, variant=variant).exists():
        raise NotInThisRound(_("%(name)s is not counted again in this round.") % {"name": variant.name})
    if adds:
        quantity += _noted(now, variant, shelf)
    _check(variant, quantity)
    at = counted_at or timezone.now()
    expected = expected_at(location=now.location, moments={variant.pk: at}).get(variant.pk)
    line = CountedLine.objects.create(
        count=now,
        round=now.round,
        variant=variant,
        shelf=shelf,
        quantity=quantity,
        book=expected.quantity if expected else ZERO,
        counted_at=at,
        counted_by=actor,
        token=token,
    )
    if now.status == Count.Status.DRAFT:
        now.status = Count.Status.COUNTING
        now.save(update_fields=["status"])
    return line


def _noted(count: Count, variant: Variant, shelf: str) -> Decimal:
    of_shelf = CountedLine.objects.filter(count=count, round=count.round, variant=variant, shelf=shelf)
    last = of_shelf.order_by("-pk").values_list("quantity", flat=True).first()
    return last if last is not None else ZERO


def _check(variant: Variant, quantity: Decimal) -> None:
    if not quantity.is_finite() or quantity < 0 or quantity > MOST:
        raise InvalidInput(_("A count is a number from 0 to %(most)s.") % {"most": f"{MOST:f}"}, code="quantity")
    if quantity % 1 and not variant.allows_fractions:
        raise InvalidInput(_("This is sold by the piece."), code="fraction")
