"""Correcting stock by hand: goods found, gone, or now in another condition. Each correction is a document with its reason."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.core.errors import Conflict, InvalidInput
from apps.core.money import ZERO, plain, spoken
from apps.core.retry import retried
from apps.inventory.models import IN_THE_BUILDING, Condition, Reason, StockDocument, StockLevel, StockMovement
from apps.inventory.services.documenting import cause_of, document_of
from apps.inventory.services.levels import key_of, lock
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import owners_on
from apps.inventory.services.recalls.holding import recalled_among
from apps.inventory.services.types import Move, Spot
from apps.network.models import Location

GAINS = frozenset({Reason.FOUND})
LOSSES = frozenset(
    {Reason.LOST, Reason.STOLEN, Reason.BROKEN, Reason.EXPIRED, Reason.OWN_USE, Reason.GIVEN_AWAY},
)
BECOMES = {
    Reason.DAMAGED: Condition.DAMAGED,
    Reason.DISPLAY: Condition.DISPLAY,
    Reason.INSPECT: Condition.QUALITY,
    Reason.REFURBISH: Condition.REFURBISH,
    Reason.SEND_BACK: Condition.SUPPLIER,
    Reason.SOUND: Condition.SALEABLE,
}
"""The condition that goods are in after a change for this reason."""


class NotSoMany(Conflict):
    """There are fewer in this condition than were named. Nothing changed."""

    code = "not_so_many"


@retried
@transaction.atomic
def adjust(
    *,
    location: Location,
    variant: Variant,
    quantity: Decimal,
    reason: str,
    reference: str,
    actor: str,
    condition: str = Condition.SALEABLE,
    note: str = "",
    occurred_at: dt.datetime | None = None,
) -> StockDocument:
    """Book goods that were found, or that are gone for one of `LOSSES`, in a condition.

    What is gone of the saleable goods is a fact: it is booked whatever was promised, and the store gets a task. Of the other
    conditions no more can go than there are (`NotSoMany`). The same reference at a location is booked once. `note` is kept in
    the audit trail. Call it last in a transaction: it locks stock levels.
    """
    if reason not in GAINS | LOSSES:
        raise InvalidInput(_("This reason does not say that goods were found or are gone."), code="wrong_reason")
    _check(variant, quantity, condition)
    at = occurred_at or timezone.now()
    document, is_new = document_of(
        location=location, reason=reason, reference=reference, actor=actor, note=note, at=at, lines=1
    )
    if not is_new:
        return document
    spot = _spot(document, variant, condition)
    if reason in GAINS:
        book_moves([Move(cause_of(document), 1, StockMovement.Kind.FOUND, variant.pk, quantity, target=spot)])
        return document
    lock([key_of(variant.pk, spot)])
    if condition != Condition.SALEABLE:
        _refuse_beyond(variant, spot, quantity)
    book_moves([Move(cause_of(document), 1, StockMovement.Kind.LOSS, variant.pk, quantity, source=spot)])
    return document


@retried
@transaction.atomic
def change_condition(
    *,
    location: Location,
    variant: Variant,
    quantity: Decimal,
    source: str,
    reason: str,
    reference: str,
    actor: str,
    note: str = "",
    occurred_at: dt.datetime | None = None,
) -> StockDocument:
    """Put goods out of one condition into the one that the reason leads to (`BECOMES`).

    As for `adjust`: out of the saleable goods it is a fact, unless they are put on display, which is a wish and takes only
    what is not promised.
    """
    target = BECOMES.get(Reason(reason)) if reason in Reason.values else None
    if target is None:
        raise InvalidInput(_("This reason does not say in which condition the goods are now."), code="wrong_reason")
    if target == source:
        raise InvalidInput(_("The goods are in this condition already."), code="same_condition")
    _check(variant, quantity, source)
    if target == Condition.SALEABLE and recalled_among([variant.pk]):
        raise Conflict(_("This is recalled: it goes back for sale when the recall is lifted."), code="recalled")
    at = occurred_at or timezone.now()
    document, is_new = document_of(
        location=location, reason=reason, reference=reference, actor=actor, note=note, at=at, lines=1
    )
    if not is_new:
        return document
    spot, there = _spot(document, variant, source), _spot(document, variant, target)
    lock([key_of(variant.pk, spot), key_of(variant.pk, there)])
    if source != Condition.SALEABLE or target == Condition.DISPLAY:
        _refuse_beyond(variant, spot, quantity)
    book_moves(
        [Move(cause_of(document), 1, StockMovement.Kind.CONDITION, variant.pk, quantity, source=spot, target=there)]
    )
    return document


def _check(variant: Variant, quantity: Decimal, condition: str) -> None:
    if condition not in IN_THE_BUILDING:
        raise InvalidInput(_("What is on its way is changed by its transfer."), code="on_its_way")
    if not quantity.is_finite() or quantity <= 0:
        raise InvalidInput(_("A quantity is greater than zero."), code="quantity")
    if quantity % 1 and not variant.allows_fractions:
        raise InvalidInput(_("This is sold by the piece."), code="fraction")


def _spot(document: StockDocument, variant: Variant, condition: str) -> Spot:
    owners = owners_on(location_ids=[document.location_id], variant_ids=[variant.pk])
    owner_id = owners.of(document.location_id, variant.pk, document.business_date)
    return Spot(document.location_id, owner_id, condition)


def _refuse_beyond(variant: Variant, spot: Spot, quantity: Decimal) -> None:
    """Raise NotSoMany when the level, which the caller has locked, holds less that is not promised."""
    level = StockLevel.objects.get(
        variant=variant, location=spot.location_id, condition=spot.condition, owner=spot.owner_id
    )
    there = max(level.on_hand - level.reserved, ZERO)
    if there < quantity:
        told = {"there": spoken(plain(there)), "condition": level.get_condition_display()}
        if level.reserved:
            raise NotSoMany(_("%(condition)s: only %(there)s here that nobody was promised.") % told)
        raise NotSoMany(_("%(condition)s: only %(there)s here.") % told)
