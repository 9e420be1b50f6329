"""Background work on orders."""

from celery import shared_task

from apps.orders.services.cancelling import lapse_unpaid
from apps.orders.services.keeping import let_uncollected_expire, remind_of_collecting
from apps.orders.services.relieving import relieve_oversold
from apps.orders.services.shortages import source_waiting


@shared_task(name="orders.lapse_unpaid", ignore_result=True)
def lapse_unpaid_orders() -> None:
    """Cancel prepaid orders whose payment did not come in time."""
    while lapse_unpaid():
        pass


@shared_task(name="orders.source_waiting", ignore_result=True)
def source_waiting_lines() -> None:
    """Give what came in to the lines that wait for it, and look elsewhere for what tills sold under a promise."""
    source_waiting()
    relieve_oversold()


@shared_task(name="orders.follow_up_collecting", ignore_result=True)
def follow_up_collecting() -> None:
    """Remind who has goods lying ready, and call off what nobody came for."""
    remind_of_collecting()
    let_uncollected_expire()
