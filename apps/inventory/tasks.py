"""Background work on stock."""

from celery import shared_task

from apps.inventory.services.consigning import change_hands
from apps.inventory.services.expiring import sweep_expired
from apps.inventory.services.keeping import write_safety
from apps.inventory.services.recalls.starting import hold_what_slipped_through
from apps.inventory.services.selling_through import work_out_sell_through
from apps.inventory.services.telling import tell_stock
from apps.inventory.services.transfers.balancing import work_out_all


@shared_task(name="inventory.release_expired", ignore_result=True)
def release_expired_reservations() -> None:
    """Give back what lapsed reservations hold."""
    while sweep_expired():
        pass


@shared_task(name="inventory.tell_stock", ignore_result=True)
def tell_changed_stock() -> None:
    """Webhooks of what can be promised now."""
    while tell_stock():
        pass


@shared_task(name="inventory.sell_through", ignore_result=True)
def work_out_sell_through_anew() -> None:
    """What each location sells a day, for the sourcing rules, and what follows: where stock lies in the wrong place."""
    work_out_sell_through()
    work_out_all()


@shared_task(name="inventory.write_safety", ignore_result=True)
def write_safety_again() -> None:
    """What the rules say of stock whose product went to another category."""
    after, read = 0, 1
    while read:
        after, read, _changed = write_safety(after=after)


@shared_task(name="inventory.hold_recalled", ignore_result=True)
def hold_recalled() -> None:
    """What came for sale of a recalled variant while its recall began."""
    hold_what_slipped_through()


@shared_task(name="inventory.change_hands", ignore_result=True)
def change_hands_of_consigned() -> None:
    """Consignments that begin or end today, and what was booked by who did not know of them yet."""
    change_hands()
