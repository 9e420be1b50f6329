"""What was promised, is not found, and is promised to nobody until the store has counted."""

from collections.abc import Collection

from django.utils import timezone

from apps.inventory.models import Demand, StoreTask
from apps.inventory.services.promising import held_of, release


def hold_back(*, demand: Demand, cause_type: str, cause_id: str) -> StoreTask:
    """Keep what a demand holds from everybody, and ask the store to count; the same cause asks once for a variant.

    The line that the goods were for needs a demand of its own from now on.
    """
    level = demand.level
    assert level is not None  # only what was promised can be missed
    task, _created = StoreTask.objects.get_or_create(
        location_id=level.location_id,
        kind=StoreTask.Kind.COUNT_MISSING,
        variant_id=demand.variant_id,
        cause_type=cause_type,
        cause_id=cause_id,
        defaults={"quantity": held_of(demand), "raised_at": timezone.now()},
    )
    demand.held_for = task
    demand.save(update_fields=["held_for"])
    return task


def let_go(tasks: Collection[StoreTask]) -> None:
    """The store has looked: what was held back for these tasks is free again, as far as it exists."""
    held = Demand.objects.filter(held_for__in=tasks).select_for_update(of=("self",))
    release(demand_quantities={demand.pk: held_of(demand) for demand in held if held_of(demand)})
