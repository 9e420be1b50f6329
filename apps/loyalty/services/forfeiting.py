"""Points of somebody who is forgotten are forfeited: ledger rows take them out, and the card says nothing any more."""

from collections.abc import Sequence

from django.utils import timezone

from apps.core.days import business_date
from apps.customers.rights.erasing import at_erasure
from apps.loyalty.models import LoyaltyAccount, PointsEntry, PointsLot
from apps.loyalty.services.books import Booking, Cause, write_entries


@at_erasure
def forfeit(source_record_ids: Sequence[int], actor: str) -> None:
    """Take every point that is left out of the lots of these records' accounts, in the caller's transaction. A debt stays."""
    now = timezone.now()
    day = business_date(now, str(timezone.get_default_timezone()))
    accounts = LoyaltyAccount.objects.select_for_update(no_key=True).filter(source_record__in=source_record_ids)
    for account in accounts.order_by("pk"):
        lots = list(PointsLot.objects.filter(account=account, remaining__gt=0).order_by("pk"))
        cause = Cause("erasure", str(account.pk), 0, day, now, day)
        write_entries(
            [
                Booking(
                    cause,
                    PointsEntry.Kind.FORFEITED,
                    part,
                    account,
                    lot,
                    -lot.remaining,
                    not lot.is_active,
                    lot.order_number,
                    "",
                )
                for part, lot in enumerate(lots)
            ],
            actor=actor,
        )
        account.balance -= sum(lot.remaining for lot in lots if lot.is_active)
        account.pending -= sum(lot.remaining for lot in lots if not lot.is_active)
        account.save(update_fields=["balance", "pending"])
        PointsLot.objects.filter(pk__in=[lot.pk for lot in lots]).update(remaining=0)
