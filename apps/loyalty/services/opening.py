"""New cards."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from apps.core.events.models import Origin
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.loyalty.models import LoyaltyAccount
from apps.loyalty.services.cards import draw_cards
from apps.network.models import Location

SOURCE = "loyalty"


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card handed to a person. `issued_by_id` is the store that did, None for one from the webshop."""

    person: Person
    issued_by_id: int | None = None
    opened_at: dt.datetime | None = None


def open_account(*, person: Person, issued_by: Location | None, actor: str) -> LoyaltyAccount:
    """Open one account; its card works at once, in the store and online."""
    card = NewCard(person, issued_by.pk if issued_by else None)
    return open_accounts(cards=[card], actor=actor)[0]


@transaction.atomic
def open_accounts(*, cards: Sequence[NewCard], actor: str, origin: str = Origin.LIVE) -> list[LoyaltyAccount]:
    """Open an account for each card, in their order, in a fixed number of statements.

    The card becomes a proof of who its holder is: each account has a source record of the loyalty programme, which joins
    the customer that the person's other proofs (an account of the webshop, a confirmed e-mail address) lead to.
    """
    now = timezone.now()
    drawn = draw_cards(len(cards))
    record_ids = recognise(
        [
            replace(card.person, source=SOURCE, external_id=f"card:{number}", loyalty_card=number)
            for card, (_pk, number) in zip(cards, drawn, strict=True)
        ],
        actor=actor,
        origin=origin,
    )
    accounts = []
    for card, (pk, number), record_id in zip(cards, drawn, record_ids, strict=True):
        assert record_id is not None  # a card number is an identifier
        accounts.append(
            LoyaltyAccount(
                pk=pk,
                card_number=number,
                source_record_id=record_id,
                issued_by_id=card.issued_by_id,
                opened_at=card.opened_at or now,
            )
        )
    return LoyaltyAccount.objects.bulk_create(accounts)
