"""Submitting a count, and booking what it found: at once where it differs little, else when somebody approved it."""

from collections.abc import Collection
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.money import to_cents
from apps.core.retry import retried
from apps.inventory.models import Count, CountResult
from apps.inventory.services.counting import Counted, Expected, book_counted
from apps.inventory.services.counts.differing import (
    NOTHING,
    Tally,
    differences_of,
    left_of,
    needs_approval,
    prices_at,
    tallies_of,
)
from apps.inventory.services.counts.noting import check_open
from apps.inventory.services.counts.opening import about, locked

_NONE = Expected(NOTHING, NOTHING)


def check_submittable(count: Count) -> None:
    """Raise Conflict for a count that cannot be submitted: over already, or nothing was counted."""
    check_open(count)
    if count.status == Count.Status.DRAFT:
        raise Conflict(_("Nothing was counted yet."))


def check_to_approve(count: Count) -> None:
    """Raise Conflict for a count that waits for nobody's approval."""
    if count.status in {Count.Status.DRAFT, Count.Status.COUNTING}:
        raise Conflict(_("This count is not submitted yet."))
    if count.status == Count.Status.CLOSED:
        raise Conflict(_("This count was closed already."))
    if count.status == Count.Status.WITHDRAWN:
        raise Conflict(_("This count was withdrawn."))


@retried
@transaction.atomic
def submit_count(*, count: Count, actor: str) -> Count:
    """Nobody counts any more. Closed at once when it differs little, else it waits for approval.

    A count that was submitted already stays as it is.
    """
    now = locked(count)
    if now.status in {Count.Status.SUBMITTED, Count.Status.CLOSED}:
        return now
    check_submittable(now)
    tallies = tallies_of(now)
    left = left_of(now, tallies)
    now.status, now.submitted_at, now.submitted_by = Count.Status.SUBMITTED, timezone.now(), actor
    now.save(update_fields=["status", "submitted_at", "submitted_by"])
    record(Happened(topic="count.submitted", **about(now, counted=len(tallies), left=len(left.all))))
    differences = list(differences_of(now, tallies).values())
    if not needs_approval(differences, left):
        _close(now, tallies, zeroed=(), actor=actor)
    return now


@retried
@transaction.atomic
def approve_count(*, count: Count, actor: str, zeroed: Collection[int] = ()) -> Count:
    """Book what a submitted count found. A count that was closed already stays as it is.

    Of what was to be counted and was not, nothing is assumed, but for the variants in `zeroed`: of those there are none.
    """
    now = locked(count)
    if now.status == Count.Status.CLOSED:
        return now
    check_to_approve(now)
    tallies = tallies_of(now)
    if set(zeroed) - set(left_of(now, tallies).all):
        raise InvalidInput(_("Only what was to be counted and was not can be set to nothing."), code="not_uncounted")
    now.approved_by = actor
    _close(now, tallies, zeroed=zeroed, actor=actor)
    return now


def _close(count: Count, tallies: dict[int, Tally], *, zeroed: Collection[int], actor: str) -> None:
    """Book it as one stock document, note what lies on which shelf, and keep what came of it. Locks stock levels."""
    assert count.submitted_at is not None  # who submits says when
    counted = {
        v: Counted(tally.quantity, tally.at, {shelf: quantity for shelf, quantity in tally.shelves if shelf})
        for v, tally in sorted(tallies.items())
    }
    counted |= {variant_id: Counted(NOTHING, count.submitted_at) for variant_id in sorted(zeroed)}
    prices, currency = prices_at(count, counted)
    count.status, count.closed_at = Count.Status.CLOSED, timezone.now()
    record(Happened(topic="count.closed", **about(count, counted=len(tallies), set_to_nothing=len(zeroed))))
    count.document, expected = book_counted(
        location=count.location,
        counted=counted,
        reference=count.number,
        counted_at=max(one.at for one in counted.values()),
        actor=actor,
    )
    count.save(update_fields=["status", "closed_at", "approved_by", "document"])
    CountResult.objects.bulk_create(
        _result(count, variant_id, one, expected.get(variant_id, _NONE), prices.get(variant_id), currency, zeroed)
        for variant_id, one in counted.items()
    )


def _result(
    count: Count,
    variant_id: int,
    one: Counted,
    expected: Expected,
    price: Decimal | None,
    currency: str,
    zeroed: Collection[int],
) -> CountResult:
    difference = one.quantity - expected.quantity
    return CountResult(
        count=count,
        variant_id=variant_id,
        quantity=one.quantity,
        expected=expected.quantity,
        difference=difference,
        value=None if price is None else to_cents(difference * price),
        currency=currency,
        counted_at=one.at,
        is_assumed=variant_id in zeroed,
    )
