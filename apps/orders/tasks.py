"""Background work on orders."""

from celery import shared_task

from apps.orders.services.cancelling import lapse_unpaid


@shared_task(name="orders.lapse_unpaid", ignore_result=True)
def lapse_unpaid_orders() -> None:
    """Cancel prepaid orders whose payment did not come in time."""
    while lapse_unpaid():
        pass
