"""Background work on orders."""

import logging

from celery import shared_task

from apps.orders.services.cancelling import lapse_unpaid
from apps.orders.services.choosing_time import keep_chosen_times
from apps.orders.services.keeping import let_uncollected_expire, remind_of_collecting
from apps.orders.services.relieving import relieve_oversold
from apps.orders.services.shortages import source_waiting

log = logging.getLogger(__name__)


@shared_task(name="orders.lapse_unpaid", ignore_result=True)
def lapse_unpaid_orders() -> None:
    """Cancel prepaid orders whose payment did not come in time."""
    while lapse_unpaid():
        pass


@shared_task(name="orders.source_waiting", ignore_result=True)
def source_waiting_lines() -> None:
    """Give what came in to the lines that wait for it, and look elsewhere for what tills sold under a promise."""
    source_waiting()
    keep_chosen_times()
    relieve_oversold()


@shared_task(name="orders.follow_up_collecting", ignore_result=True)
def follow_up_collecting() -> None:
    """Remind who has goods lying ready, and call off what nobody came for."""
    remind_of_collecting()
    let_uncollected_expire()


@shared_task(name="orders.book_parcels", ignore_result=True)
def book_parcels() -> None:
    """Tell carriers of what was packed. Asked for after each commit that packed something, and by the clock."""
    from apps.orders.services.booking import book_due  # the services ask for this task

    book_due()


def nudge_booking() -> None:
    """Ask a worker to book; if the broker is away, the clock will."""
    try:
        book_parcels.apply_async(retry=False)
    except Exception:
        log.warning("could not nudge the booking of parcels; the clock will", exc_info=True)


@shared_task(name="orders.follow_parcels", ignore_result=True)
def follow_parcels_under_way() -> None:
    """Ask carriers which parcels have arrived."""
    from apps.orders.services.booking import follow_parcels

    follow_parcels()
