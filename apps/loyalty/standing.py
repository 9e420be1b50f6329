"""How somebody stands in the loyalty programme: what counts, what waits, what lapses next."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F

from apps.loyalty.models import LoyaltyAccount, PointsLot


@dataclass(frozen=True)
class Standing:
    """One account. Each date belongs to the earliest such points, None where there are none."""

    account: LoyaltyAccount
    open_lots: list[PointsLot]

    @property
    def card_hint(self) -> str:
        """The card as it may be said aloud."""
        return f"•••• {self.account.card_number[-4:]}"

    @property
    def counts_from(self) -> dt.date | None:
        return min((lot.active_from for lot in self.open_lots if not lot.is_active), default=None)

    @property
    def expires_on(self) -> dt.date | None:
        return min((lot.expires_on for lot in self.open_lots if lot.is_active), default=None)

    @property
    def expiring(self) -> int:
        """How many points lapse on that day."""
        return sum(lot.remaining for lot in self.open_lots if lot.is_active and lot.expires_on == self.expires_on)


def standings_of(source_record_ids: Collection[int]) -> list[Standing]:
    """The accounts of a person, through any of their source records, the oldest first. Two statements."""
    accounts = list(
        LoyaltyAccount.objects.filter(source_record__in=source_record_ids).select_related("issued_by").order_by("pk")
    )
    lots: dict[int, list[PointsLot]] = {account.pk: [] for account in accounts}
    for lot in PointsLot.objects.filter(account__in=accounts, remaining__gt=0).order_by(F("expires_on"), "pk"):
        lots[lot.account_id].append(lot)
    return [Standing(account, lots[account.pk]) for account in accounts]
