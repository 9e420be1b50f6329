"""Goods that were picked and stay go back to the place where they belong, once somebody says so."""

from decimal import Decimal

from django.utils import timezone

from apps.core.days import business_date
from apps.inventory.models import Place, StockLevel, StockMovement, StoreTask
from apps.inventory.services.ledger import next_parts, write_movements
from apps.inventory.services.levels import key_of, lock
from apps.inventory.services.places.homes import homes_of
from apps.inventory.services.places.lying import apply_places, lying
from apps.inventory.services.types import Cause, Move, Spot

ZERO = Decimal(0)


def put_home(task: StoreTask, *, actor: str) -> None:
    """Move what a task says was put back from no place to where it belongs, as far as it lies on none. Locks stock levels."""
    if task.variant_id is None:
        return
    home = homes_of(task.location_id, [task.variant_id]).get(task.variant_id)
    place = Place.objects.filter(location=task.location_id, code=home).first() if home else None
    if place is None:
        return
    here = StockLevel.objects.saleable().filter(location=task.location_id, variant=task.variant_id)
    spots = [
        Spot(task.location_id, owner_id) for owner_id in here.order_by("-on_hand").values_list("owner_id", flat=True)
    ]
    keys = {key_of(task.variant_id, spot): spot for spot in spots}
    lock(keys)
    there, now = lying(list(keys)), timezone.now()
    day = business_date(now, task.location.time_zone)
    cause = Cause("store_task", str(task.pk), business_date(task.raised_at, task.location.time_zone), now, day, actor)
    parts = next_parts(cause)  # a task may be done, asked anew and done again
    left, moves = task.quantity, []
    for line, (key, spot) in enumerate(keys.items(), start=1):
        if (quantity := min(left, there[key].rest)) > 0:
            kind = StockMovement.Kind.PLACE
            moves.append(
                Move(
                    cause,
                    line,
                    kind,
                    task.variant_id,
                    quantity,
                    source=spot,
                    target=spot,
                    part=parts[line],
                    to_place=place.pk,
                )
            )
            left -= quantity
    apply_places(write_movements(moves))
