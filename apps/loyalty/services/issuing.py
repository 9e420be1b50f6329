"""Cards for people who sign up: the loyalty programme behind the sign-up of the customers app."""

from apps.customers.models import SourceRecord
from apps.customers.services.signing_up import card_issuer
from apps.loyalty.models import LoyaltyAccount
from apps.loyalty.services.cards import draw_cards


@card_issuer
def issue_card(*, source_record_id: int, location_id: int | None, actor: str) -> str:
    """The card of the person behind a source record: the one they have, or a new one that works at once."""
    customer = SourceRecord.objects.filter(pk=source_record_id).values("customer")
    known = LoyaltyAccount.objects.filter(source_record__customer__in=customer).order_by("pk").first()
    if known is not None:
        return known.card_number
    [(pk, number)] = draw_cards(1)
    account, _new = LoyaltyAccount.objects.get_or_create(
        source_record_id=source_record_id, defaults={"pk": pk, "card_number": number, "issued_by_id": location_id}
    )
    return account.card_number
