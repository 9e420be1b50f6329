"""Store tasks that were done."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.retry import retried
from apps.inventory.models import StoreTask
from apps.inventory.services.holding_back import let_go
from apps.inventory.services.places.putting_home import put_home


def check_to_do(task: StoreTask) -> None:
    """Raise Conflict for a task that was done."""
    if task.done_at is not None:
        raise Conflict(_("This task was done already."))


@retried
@transaction.atomic
def finish_task(*, task: StoreTask, actor: str) -> StoreTask:
    """Note that a task was done, and by whom; once done it stays as it is.

    What was held back for it is free again, and what was to be put back lies where it belongs.
    """
    locked = StoreTask.objects.select_for_update().get(pk=task.pk)
    if locked.done_at is None:
        locked.done_at, locked.done_by = timezone.now(), actor
        locked.save(update_fields=["done_at", "done_by"])
        let_go([locked])
        if locked.kind == StoreTask.Kind.PUT_BACK:
            put_home(locked, actor=actor)
    return locked
