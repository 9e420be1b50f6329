"""Points begin to count once the return period of what earned them is over."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from apps.loyalty.models import LoyaltyAccount, PointsEntry, PointsLot
from apps.loyalty.services.books import Booking, Cause, write_entries

BATCH = 2000


def activate_due(*, day: dt.date) -> int:
    """Let every lot count whose day has come, a batch at a time; return how many lots that were."""
    done = 0
    while batch := _activate_batch(day):
        done += batch
    return done


@transaction.atomic
def _activate_batch(day: dt.date) -> int:
    due = PointsLot.objects.filter(is_active=False, active_from__lte=day)
    account_ids = list(due.order_by("account").values_list("account", flat=True)[:BATCH])
    accounts = {
        account.pk: account
        for account in LoyaltyAccount.objects.select_for_update(no_key=True).filter(pk__in=account_ids).order_by("pk")
    }
    now = timezone.now()
    bookings: list[Booking] = []
    # Read again: while we waited for the locks, a return may have taken points or another worker this whole batch.
    lots = list(due.filter(account__in=accounts))
    for lot in lots:
        lot.is_active = True
        account = accounts[lot.account_id]
        account.pending -= lot.remaining
        account.balance += lot.remaining
        if lot.remaining:
            cause = Cause("points_lot", str(lot.pk), 0, lot.active_from, now, day)
            bookings += [
                Booking(cause, PointsEntry.Kind.ACTIVATED, part, account, lot, points, is_pending, lot.order_number, "")
                for part, (points, is_pending) in enumerate([(-lot.remaining, True), (lot.remaining, False)])
            ]
    PointsLot.objects.bulk_update(lots, ["is_active"])
    write_entries(bookings)
    LoyaltyAccount.objects.bulk_update(accounts.values(), ["balance", "pending"])
    return len(lots)
