"""A store took recalled goods off its shelves, and says how many it set apart; of a batch, which pieces are of it."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import InvalidInput
from apps.core.retry import retried
from apps.inventory.models import Condition, Reason, Recall, RecalledVariant, RecallSorting, StockLevel, StoreTask
from apps.inventory.services.correcting import adjust
from apps.inventory.services.finishing import check_to_do, finish_task
from apps.inventory.services.levels import key_of, lock
from apps.inventory.services.places.setting_apart import set_apart_in
from apps.inventory.services.recalls.moving import Held, give_back, held_by, send_back
from apps.inventory.services.types import Cause, Spot

ZERO = Decimal(0)


def to_set_apart(task: StoreTask) -> Decimal:
    """How many should lie there by the books: what the recall holds back, less what a till sold of it all the same."""
    held, sold = _held_and_sold(task)
    return sum((one.quantity for one in held), ZERO) - sold


@retried
@transaction.atomic
def take_off(*, task: StoreTask, quantity: Decimal, actor: str, others: Decimal | None = None) -> StoreTask:
    """Note that so many were set apart: they lie in quarantine now, or on no place where the location has none.

    What differs from the books is found, or lost, in quality control. Of a recalled batch `others` are the pieces of which
    the store saw that they are not of it: those are for sale again, and the pieces of the batch go back to the supplier.

    Raises Conflict for a task that was done. Call it last in a transaction: it locks stock levels.
    """
    # The recall first, as whoever lifts it does; other stores that have sold of it write their lines after these.
    recall = Recall.objects.select_for_update(of=("self",)).get(number=task.cause_id)
    locked = StoreTask.objects.select_for_update(of=("self",)).select_related("location", "variant").get(pk=task.pk)
    check_to_do(locked)
    variant = locked.variant
    assert variant is not None
    for said in (quantity, others or ZERO):
        if not said.is_finite() or said < 0 or (said % 1 and not variant.allows_fractions):
            raise InvalidInput(_("Say how many there are: zero or more."), code="quantity")
    if others is not None and not recall.batch:
        raise InvalidInput(_("All of this is recalled, whatever its batch."), code="no_batch")
    finish_task(task=locked, actor=actor)
    _lock(locked)
    held, sold = _held_and_sold(locked)
    give_back(recall, held=_part(held, sold), actor=actor, at=timezone.now())  # what a till sold came out of these
    difference = quantity + (others or ZERO) - (sum((one.quantity for one in held), ZERO) - sold)
    if difference:
        adjust(
            location=locked.location,
            variant=variant,
            quantity=abs(difference),
            reason=Reason.FOUND if difference > 0 else Reason.LOST,
            reference=f"{locked.cause_id}/{locked.pk}",
            actor=actor,
            condition=Condition.QUALITY,
        )
    if quantity:
        now = timezone.now()
        zone = locked.location.time_zone
        set_apart_in(
            variant_id=variant.pk,
            spots=[one.spot for one in _in_quality(locked)],
            quantity=quantity,
            cause=Cause("store_task", str(locked.pk), business_date(now, zone), now, business_date(now, zone), actor),
        )
    if others is not None:
        _sort(recall, locked, of_batch=quantity, others=others, actor=actor)
    return locked


def _sort(recall: Recall, task: StoreTask, *, of_batch: Decimal, others: Decimal, actor: str) -> None:
    now = timezone.now()
    give_back(recall, held=_part(_held(recall, task), others), actor=actor, at=now)
    send_back(recall, held=_part(_held(recall, task), of_batch), actor=actor, at=now)
    RecallSorting.objects.create(
        recalled=RecalledVariant.objects.get(recall=recall, variant=task.variant),
        location=task.location,
        of_batch=of_batch,
        others=others,
        sorted_at=now,
        sorted_by=actor,
    )


def _part(held: Sequence[Held], quantity: Decimal) -> list[Held]:
    """So many of what is held, of one owner after the other."""
    parts, left = [], quantity
    for one in held:
        if (part := min(left, one.quantity)) > 0:
            parts.append(Held(one.variant_id, one.spot, part))
            left -= part
    return parts


def _in_quality(task: StoreTask) -> list[Held]:
    levels = StockLevel.objects.filter(location=task.location, variant=task.variant, condition=Condition.QUALITY)
    rows = levels.order_by("owner_id").values_list("variant_id", "owner_id", "on_hand")
    return [Held(v, Spot(task.location_id, owner, Condition.QUALITY), on_hand) for v, owner, on_hand in rows]


def _held_and_sold(task: StoreTask) -> tuple[list[Held], Decimal]:
    recall = Recall.objects.get(number=task.cause_id)
    held = _held(recall, task)
    levels = StockLevel.objects.saleable().filter(location=task.location, variant=task.variant, on_hand__lt=0)
    sold = -sum(levels.values_list("on_hand", flat=True), ZERO)
    return held, min(sold, sum((one.quantity for one in held), ZERO))


def _held(recall: Recall, task: StoreTask) -> list[Held]:
    return [one for one in held_by(recall, location=task.location) if one.variant_id == task.variant_id]


def _lock(task: StoreTask) -> None:
    levels = StockLevel.objects.filter(location=task.location, variant=task.variant)
    lock(
        key_of(variant_id, Spot(location_id, owner_id, condition))
        for variant_id, location_id, owner_id in levels.values_list("variant_id", "location_id", "owner_id").distinct()
        for condition in (Condition.QUALITY, Condition.SALEABLE, Condition.SUPPLIER)
    )
