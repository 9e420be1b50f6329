"""Cards of an old programme keep their numbers and work here from now on; their points open the books of the card."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from django.utils import timezone

from apps.core.bulk import reserve_ids
from apps.core.days import business_date
from apps.customers.models import SourceRecord
from apps.customers.services.cards import card_keeper
from apps.loyalty.models import EarnRule, LoyaltyAccount, PointsEntry, PointsLot
from apps.loyalty.services.arithmetic import months_later
from apps.loyalty.services.books import Booking, Cause, write_entries

CAUSE = "source_record"
"""Points brought along are booked on the record that brought them: so once, whichever file says it again."""
_MONTHS = 24


class Keeper:
    """Keeps cards as loyalty accounts."""

    def working(self, numbers: Sequence[str]) -> set[str]:
        return set(LoyaltyAccount.objects.filter(card_number__in=numbers).values_list("card_number", flat=True))

    def take_over(self, cards: Mapping[int, str]) -> int:
        known = self.working(list(cards.values()))
        new = {record_id: number for record_id, number in cards.items() if number not in known}
        ids = reserve_ids(LoyaltyAccount, len(new))
        LoyaltyAccount.objects.bulk_create(
            [
                LoyaltyAccount(pk=pk, card_number=number, source_record_id=record_id)
                for pk, (record_id, number) in zip(ids, new.items(), strict=True)
            ],
            ignore_conflicts=True,
        )
        return len(new)

    def have_brought(self, source_record_ids: Sequence[int]) -> set[int]:
        records = {str(record.key): record.pk for record in _records(source_record_ids).values()}
        booked = PointsEntry.objects.filter(cause_type=CAUSE, cause_id__in=records, kind=PointsEntry.Kind.OPENING)
        return {records[cause_id] for cause_id in booked.values_list("cause_id", flat=True)}

    def bring_along(self, points: Mapping[int, tuple[str, int]], *, actor: str) -> int:
        cards = {card for card, _number in points.values()}
        # What was brought is read under the locks of the accounts, so that of two files at once one books.
        locked = LoyaltyAccount.objects.select_for_update(no_key=True).filter(card_number__in=cards).order_by("pk")
        accounts = {account.card_number: account for account in locked}
        brought = self.have_brought(list(points))
        now = timezone.now()
        lots = Lots(list(accounts.values()), business_date(now, str(timezone.get_default_timezone())))
        bookings: list[Booking] = []
        for record in _records(points).values():
            card, number = points[record.pk]
            account = accounts.get(card)
            if account is None or number <= 0 or record.pk in brought:
                continue
            lot = lots.of(account)
            lot.earned += number
            lot.remaining += number
            account.balance += number
            cause = Cause(CAUSE, str(record.key), 0, record.recorded_at.date(), now, lots.day)
            bookings.append(Booking(cause, PointsEntry.Kind.OPENING, 0, account, lot, number, False, "", ""))
        lots.save()
        write_entries(bookings, actor=actor)
        LoyaltyAccount.objects.bulk_update({b.account for b in bookings}, ["balance"], batch_size=2000)
        return len(bookings)


class Lots:
    """The lots of one day for points of no order, one for each account."""

    def __init__(self, accounts: Sequence[LoyaltyAccount], day: dt.date) -> None:
        self.day = day
        self._expires_on = months_later(day, _months_valid(day))
        there = PointsLot.objects.filter(account__in=accounts, order_number="", active_from=day)
        self._there = {lot.account_id: lot for lot in there}
        self._new: dict[int, PointsLot] = {}

    def of(self, account: LoyaltyAccount) -> PointsLot:
        if account.pk in self._there:
            return self._there[account.pk]
        draft = PointsLot(account=account, order_number="", earned=0, remaining=0, is_active=True)
        draft.active_from, draft.expires_on = self.day, self._expires_on
        return self._new.setdefault(account.pk, draft)

    def save(self) -> None:
        PointsLot.objects.bulk_update(self._there.values(), ["earned", "remaining"], batch_size=2000)
        PointsLot.objects.bulk_create(self._new.values())


def _records(source_record_ids: Collection[int]) -> dict[int, SourceRecord]:
    return SourceRecord.objects.only("key", "recorded_at").in_bulk(list(source_record_ids))


def _months_valid(day: dt.date) -> int:
    """How long points are valid by the newest rule, in the programme's own currency or any other."""
    in_force = EarnRule.objects.filter(valid_from__lte=day).order_by("-valid_from", "-pk")
    return in_force.values_list("months_valid", flat=True).first() or _MONTHS


card_keeper(Keeper())
