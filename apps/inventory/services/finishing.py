"""Store tasks that were done."""

from django.db import transaction
from django.utils import timezone

from apps.inventory.models import StoreTask


@transaction.atomic
def finish_task(*, task: StoreTask, actor: str) -> StoreTask:
    """Note that a task was done, and by whom; once done it stays as it is."""
    locked = StoreTask.objects.select_for_update().get(pk=task.pk)
    if locked.done_at is None:
        locked.done_at, locked.done_by = timezone.now(), actor
        locked.save(update_fields=["done_at", "done_by"])
    return locked
