"""A store took recalled goods off its shelves, and says how many it set apart."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import InvalidInput
from apps.core.retry import retried
from apps.inventory.models import Condition, Reason, Recall, StockLevel, StoreTask
from apps.inventory.services.correcting import adjust
from apps.inventory.services.finishing import check_to_do, finish_task
from apps.inventory.services.levels import key_of, lock
from apps.inventory.services.places.setting_apart import set_apart_in
from apps.inventory.services.recalls.moving import Held, give_back, held_by
from apps.inventory.services.types import Cause, Spot

ZERO = Decimal(0)


def to_set_apart(task: StoreTask) -> Decimal:
    """How many should lie there by the books: what the recall holds back, less what a till sold of it all the same."""
    held, sold = _held_and_sold(task)
    return sum((one.quantity for one in held), ZERO) - sold


@retried
@transaction.atomic
def take_off(*, task: StoreTask, quantity: Decimal, actor: str) -> StoreTask:
    """Note that so many were set apart: they lie in quarantine now, or on no place where the location has none.

    What differs from the books is found, or lost, in quality control.

    Raises Conflict for a task that was done. Call it last in a transaction: it locks stock levels.
    """
    # The recall first, as whoever lifts it does; other stores that have sold of it write their lines after these.
    recall = Recall.objects.select_for_update(of=("self",)).get(number=task.cause_id)
    locked = StoreTask.objects.select_for_update(of=("self",)).select_related("location", "variant").get(pk=task.pk)
    check_to_do(locked)
    variant = locked.variant
    assert variant is not None
    if not quantity.is_finite() or quantity < 0 or (quantity % 1 and not variant.allows_fractions):
        raise InvalidInput(_("Say how many there are: zero or more."), code="quantity")
    finish_task(task=locked, actor=actor)
    _lock(locked)
    held, sold = _held_and_sold(locked)
    rest = sold
    for one in held:  # what a till sold came out of these
        part = min(rest, one.quantity)
        if part > 0:
            given = Held(one.variant_id, one.spot, part)
            give_back(recall, held=[given], actor=actor, at=timezone.now())
            rest -= part
    difference = quantity - (sum((one.quantity for one in held), ZERO) - sold)
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
    return locked


def _in_quality(task: StoreTask) -> list[Held]:
    levels = StockLevel.objects.filter(location=task.location, variant=task.variant, condition=Condition.QUALITY)
    rows = levels.order_by("owner_id").values_list("variant_id", "owner_id", "on_hand")
    return [Held(v, Spot(task.location_id, owner, Condition.QUALITY), on_hand) for v, owner, on_hand in rows]


def _held_and_sold(task: StoreTask) -> tuple[list[Held], Decimal]:
    recall = Recall.objects.get(number=task.cause_id)
    held = [one for one in held_by(recall, location=task.location) if one.variant_id == task.variant_id]
    levels = StockLevel.objects.saleable().filter(location=task.location, variant=task.variant, on_hand__lt=0)
    sold = -sum(levels.values_list("on_hand", flat=True), ZERO)
    return held, min(sold, sum((one.quantity for one in held), ZERO))


def _lock(task: StoreTask) -> None:
    levels = StockLevel.objects.filter(location=task.location, variant=task.variant)
    lock(
        key_of(variant_id, Spot(location_id, owner_id, condition))
        for variant_id, location_id, owner_id in levels.values_list("variant_id", "location_id", "owner_id").distinct()
        for condition in (Condition.QUALITY, Condition.SALEABLE)
    )
