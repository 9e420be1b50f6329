"""Links to a card. They name it by a random key and are signed, so nothing personal stands in an address.

A link that was mailed shows more than the one that a phone got at once: who has it, has the mailbox.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.errors import LinkGone
from apps.customers.models import ConfirmationAsked
from apps.customers.services.confirming import is_open
from apps.customers.services.verifying import is_told_of
from apps.loyalty.models import LoyaltyAccount

_CARD, _CONFIRM = "toonbank.card", "toonbank.card.confirm"


@dataclass(frozen=True)
class CardLink:
    """Which card a link opens, and whether it came by mail to an address that is proven."""

    account: LoyaltyAccount
    is_mailed: bool

    @property
    def token(self) -> str:
        return card_token(self.account, is_mailed=self.is_mailed)


def card_token(account: LoyaltyAccount, *, is_mailed: bool) -> str:
    return signing.dumps([account.source_record.key.hex, account.link_series, int(is_mailed)], salt=_CARD)


def card_url(account: LoyaltyAccount, *, is_mailed: bool) -> str:
    """The address of a card, within this site."""
    return reverse("card:card", args=[card_token(account, is_mailed=is_mailed)])


def card_link(account: LoyaltyAccount) -> str:
    """The address of a card, for a mail to an address that is proven."""
    return settings.BASE_URL + card_url(account, is_mailed=True)


def opened_by(token: str) -> CardLink:
    """What a link opens. Raises LinkGone for one that is not ours, or was stopped."""
    key, series, is_mailed = _read(token, _CARD, 3)
    return CardLink(_account(key, series), bool(is_mailed))


@dataclass(frozen=True)
class Confirming:
    """What the link in the first mail asks: whether the address is theirs, and whether they want what was ticked."""

    account: LoyaltyAccount
    asked: ConfirmationAsked


def confirm_link(account: LoyaltyAccount, asked: ConfirmationAsked) -> str:
    """The address to confirm at, for the mail with a question."""
    named = [asked.key.hex, account.link_series]
    return settings.BASE_URL + reverse("card:confirm", args=[signing.dumps(named, salt=_CONFIRM)])


def confirming_by(token: str) -> Confirming:
    """What a link in a mail asks to confirm. Raises LinkGone, also when the card's address is another one by now.

    Once confirmed it is open for as long as the links to the card are.
    """
    key, series = _read(token, _CONFIRM, 2)
    asked = ConfirmationAsked.objects.select_related("source_record").filter(key=key).first()
    if asked is None:
        raise _gone()
    account = _account(asked.source_record.key.hex, series)
    if not is_told_of(account.source_record_id, asked.address) or not (asked.confirmed_at or is_open(asked)):
        raise _gone()
    return Confirming(account, asked)


@transaction.atomic
def stop_links(*, account: LoyaltyAccount) -> None:
    """Let every link to a card stop working; the next one that is mailed works again. The card itself stays as it is."""
    locked = LoyaltyAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    locked.link_series += 1
    locked.save(update_fields=["link_series"])
    account.link_series = locked.link_series


def _read(token: str, salt: str, parts: int) -> list[Any]:
    try:
        named: Any = signing.loads(token, salt=salt)
    except signing.BadSignature:
        raise _gone() from None
    if not isinstance(named, list) or len(named) != parts:
        raise _gone()
    return named


def _account(key: str, series: int) -> LoyaltyAccount:
    accounts = LoyaltyAccount.objects.select_related("source_record__customer", "issued_by")
    account = accounts.filter(source_record__key=key, link_series=series).first()
    if account is None:
        raise _gone()
    return account


def _gone() -> LinkGone:
    return LinkGone(_("This link no longer works. Ask in the store for a new one, or use the newest mail."))
