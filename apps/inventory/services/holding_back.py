"""What was promised, is not found, and is promised to nobody until the store has counted."""

from collections.abc import Collection

from django.utils import timezone

from apps.inventory.models import Demand, StoreTask
from apps.inventory.services.promising import held_of, release_rest


def hold_back(*, demand: Demand, cause_type: str, cause_id: str) -> StoreTask:
    """Keep what a demand holds from everybody, and ask the store to count; the same cause asks once for a variant.

    What is missed again after the store has looked is asked again. The line that the goods were for needs a demand of its own
    from now on.
    """
    level = demand.level
    assert level is not None  # only what was promised can be missed
    # Locked, so that nobody calls it done before this demand is seen to hang on it.
    task, _created = StoreTask.objects.select_for_update().get_or_create(
        location_id=level.location_id,
        kind=StoreTask.Kind.COUNT_MISSING,
        variant_id=demand.variant_id,
        cause_type=cause_type,
        cause_id=cause_id,
        defaults={"quantity": held_of(demand), "raised_at": timezone.now()},
    )
    if task.done_at is not None:
        task.quantity, task.raised_at = held_of(demand), timezone.now()
        task.done_at, task.done_by = None, ""
        task.save(update_fields=["quantity", "raised_at", "done_at", "done_by"])
    demand.held_for = task
    demand.save(update_fields=["held_for"])
    return task


def let_go(tasks: Collection[StoreTask]) -> None:
    """The store has looked: what was held back for these tasks is free again, as far as it exists."""
    release_rest(demand_ids=list(Demand.objects.filter(held_for__in=tasks).values_list("pk", flat=True)))
