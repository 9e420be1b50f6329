"""The owner of a mailbox says that a card is theirs, and what they want (double opt-in)."""

from django.db import transaction

from apps.customers.services.consenting import record_consent
from apps.customers.services.verifying import verify_email
from apps.loyalty.enrolment.links import Confirming, confirming_by
from apps.loyalty.models import LoyaltyAccount

TEXT = "sign-up-2026-11"  # the words beside the boxes


@transaction.atomic
def confirm_card(token: str) -> LoyaltyAccount:
    """Somebody pressed the button behind the link in their mail: the address is theirs, and they want what was ticked.

    A second time changes nothing. Raises LinkGone.
    """
    asked: Confirming = confirming_by(token)
    account = asked.account
    if verify_email(source_record_id=account.source_record_id, address=asked.address):
        for purpose in asked.purposes:
            record_consent(
                source_record_id=account.source_record_id,
                purpose=purpose,
                given=True,
                text_version=TEXT,
                proof=f"mail, {account.issued_by.code}" if account.issued_by else "mail",
            )
    return account
