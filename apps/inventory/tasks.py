"""Background work on stock."""

from celery import shared_task

from apps.inventory.services.expiring import sweep_expired


@shared_task(name="inventory.release_expired", ignore_result=True)
def release_expired_reservations() -> None:
    """Give back what lapsed reservations hold."""
    while sweep_expired():
        pass
