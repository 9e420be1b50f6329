"""What people are mailed about their card."""

from django.conf import settings

from apps.customers.models import Identifier
from apps.customers.services import normalising
from apps.customers.services.confirming import keep_question
from apps.customers.services.reading import current_details
from apps.customers.services.verifying import is_known, is_verified
from apps.customers.services.wording import words_now
from apps.loyalty.enrolment.links import card_link, confirm_link
from apps.loyalty.enrolment.wishes import PURPOSES
from apps.loyalty.models import LoyaltyAccount
from apps.messages.services import queue_message
from apps.portal.pages.public import Limit, digest_of

WELCOME, KNOWN, AGAIN = "card_welcome", "card_known", "card_again"


def write_to_newcomer(
    account: LoyaltyAccount, *, name: str, email: str, purposes: tuple[str, ...], locale: str
) -> None:
    """Mail a new card to the address that was typed, and ask whether it is theirs.

    Somebody known by that address gets the card they have as well. The phone is told the same either way, and an address
    gets only so many of these a day, whoever types it.
    """
    email = normalising.email(email)
    if not email or not Limit("public-mail", settings.PUBLIC_MAIL_RATE).lets_through(digest_of(email)):
        return
    known = _card_of(email) if is_known(email, but=account.source_record_id) else None
    asked = keep_question(
        source_record_id=account.source_record_id,
        address=email,
        purposes=purposes,
        text_version=words_now(PURPOSES, locale=locale)[0] if purposes else "",
        proof=f"card page, {account.issued_by.code}" if account.issued_by else "card page",
        locale=locale,
    )
    queue_message(
        template=KNOWN if known else WELCOME,
        address=email,
        locale=locale,
        context={
            "name": name if not known else "",
            "shop": shop_of(account),
            "link": confirm_link(account, asked),
            "known_link": card_link(known) if known else "",
            "asks": bool(purposes),
        },
        source_record_id=account.source_record_id,
        dedupe_key=f"{WELCOME}:{account.pk}",
    )


def mail_card(account: LoyaltyAccount, *, locale: str, token: str) -> bool:
    """Mail somebody their card; whether there is an address to mail it to. The same `token` is mailed once."""
    details = current_details([account.source_record_id]).get(account.source_record_id)
    email = details.email if details is not None and details.email else account.source_record.customer.email
    if not email:
        return False
    if is_verified(account.source_record_id, email) or _is_proven(account, email):
        link = card_link(account)
    else:
        asked = keep_question(
            source_record_id=account.source_record_id, address=email, proof="card mailed again", locale=locale
        )
        link = confirm_link(account, asked)
    queue_message(
        template=AGAIN,
        address=email,
        locale=locale,
        context={
            "name": details.first_name if details else "",
            "shop": shop_of(account),
            "link": link,
        },
        source_record_id=account.source_record_id,
        dedupe_key=f"{AGAIN}:{account.pk}:{token}",
    )
    return True


def shop_of(account: LoyaltyAccount) -> str:
    """The store that somebody knows us by."""
    return account.issued_by.name if account.issued_by is not None else ""


def _card_of(email: str) -> LoyaltyAccount | None:
    """The oldest card of whoever is known by an address as proof."""
    proofs = Identifier.objects.filter(kind=Identifier.Kind.EMAIL, value=email, verified=True)
    held = LoyaltyAccount.objects.filter(source_record__customer__source_records__identifiers__in=proofs)
    return held.select_related("source_record", "issued_by").order_by("pk").first()


def _is_proven(account: LoyaltyAccount, email: str) -> bool:
    proofs = Identifier.objects.filter(kind=Identifier.Kind.EMAIL, value=email, verified=True)
    return proofs.filter(source_record__customer__source_records=account.source_record_id).exists()
