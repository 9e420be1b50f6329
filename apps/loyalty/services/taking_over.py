"""Cards of an old programme keep their numbers and work here from now on, with no points yet."""

from collections.abc import Mapping, Sequence

from apps.core.bulk import reserve_ids
from apps.customers.services.cards import card_keeper
from apps.loyalty.models import LoyaltyAccount


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


card_keeper(Keeper())
