"""Double opt-in: whoever ticked a box gets a mail, and only its link makes it consent. The link also verifies the address.

A floor above with a letter of its own (a card, a receipt) keeps the question and puts its own link in that letter.

Links in mails are signed and name a record, never a person: nothing personal stands in an address.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.core.actors import SYSTEM
from apps.core.errors import InvalidInput, LinkGone
from apps.core.events.log import Happened, record
from apps.customers.models import ConfirmationAsked, Consent, SourceRecord
from apps.customers.services import normalising
from apps.customers.services.consenting import record_consent
from apps.customers.services.verifying import is_told_of, verify_email

HOLDS = dt.timedelta(days=14)
ASKED_TOPIC = "consent.asked"
_CONFIRM, _STOP = "toonbank.consent.confirm", "toonbank.consent.stop"


@transaction.atomic
def ask_confirmation(
    *,
    source_record_id: int,
    address: str,
    purposes: Iterable[str],
    text_version: str,
    proof: str,
    locale: str = "",
) -> ConfirmationAsked:
    """Ask, by a mail to `address`, whether somebody wants these purposes. Nothing is consented to until they confirm.

    Raises InvalidInput for an address that is none or for no purposes.
    """
    asked = keep_question(
        source_record_id=source_record_id,
        address=address,
        purposes=purposes,
        text_version=text_version,
        proof=proof,
        locale=locale,
    )
    if not asked.purposes:
        raise InvalidInput(_("Give an e-mail address and what to confirm."))
    record(
        Happened(
            topic=ASKED_TOPIC,
            object_type="confirmation",
            object_key=str(asked.key),
            occurred_at=asked.asked_at,
            payload={"purposes": asked.purposes},
        )
    )
    return asked


@transaction.atomic
def keep_question(
    *,
    source_record_id: int,
    address: str,
    proof: str,
    purposes: Iterable[str] = (),
    text_version: str = "",
    locale: str = "",
) -> ConfirmationAsked:
    """Keep a question to whoever has an address, for a letter of the caller: whether it is theirs, and what they want.

    Raises InvalidInput for an address that is none.
    """
    email = normalising.email(address)
    if not email:
        raise InvalidInput(_("Give an e-mail address and what to confirm."))
    return ConfirmationAsked.objects.create(
        source_record_id=source_record_id,
        address=email,
        locale=locale or get_language() or settings.LANGUAGE_CODE,
        purposes=list(dict.fromkeys(purposes)),
        text_version=text_version,
        proof=proof,
    )


def asked_by(token: str) -> ConfirmationAsked:
    """What a link asks to confirm. Raises LinkGone for a link that is not ours or too old."""
    try:
        key = signing.loads(token, salt=_CONFIRM, max_age=HOLDS)
        return ConfirmationAsked.objects.get(key=key)
    except (signing.BadSignature, ConfirmationAsked.DoesNotExist) as error:
        raise LinkGone(_("This link no longer works. Sign up once more to get a new one.")) from error


@transaction.atomic
def confirm(token: str) -> ConfirmationAsked:
    """Somebody opened the link in their mail and confirmed: the purposes are consented to and the address is theirs.

    A second time changes nothing. Raises LinkGone for a link that is not ours or too old.
    """
    return answer(asked_by(token))


def is_open(asked: ConfirmationAsked) -> bool:
    """Whether a question can still be answered: it is not too old, and the address is still what the record says.

    An address that was corrected meanwhile was somebody else's: they are not to answer for this person.
    """
    in_time = asked.asked_at > timezone.now() - HOLDS
    return bool(in_time and asked.address and is_told_of(asked.source_record_id, asked.address))


@transaction.atomic
def answer(question: ConfirmationAsked) -> ConfirmationAsked:
    """Whoever has the mailbox says yes to a question. A second time changes nothing. Raises LinkGone for one not open."""
    asked = ConfirmationAsked.objects.select_for_update().get(pk=question.pk)
    if asked.confirmed_at is not None:
        return asked
    if asked.address:  # blank for somebody who was forgotten meanwhile
        if not is_open(asked):
            raise LinkGone(_("This link no longer works. Sign up once more to get a new one."))
        verify_email(source_record_id=asked.source_record_id, address=asked.address, actor=SYSTEM)
        # After the address: what is said is said as the person that it proves.
        for purpose in asked.purposes:
            record_consent(
                source_record_id=asked.source_record_id,
                purpose=purpose,
                given=True,
                text_version=asked.text_version,
                said=Consent.Said.MAIL,
                proof=f"{asked.proof}, {asked.key}"[:120],
                locale=asked.locale,
            )
    asked.confirmed_at = timezone.now()
    asked.save(update_fields=["confirmed_at"])
    return asked


def confirm_link(asked: ConfirmationAsked) -> str:
    """The address to confirm at, for a mail."""
    return f"{settings.BASE_URL}{reverse('consent:confirm', args=[signing.dumps(str(asked.key), salt=_CONFIRM)])}"


@dataclass(frozen=True)
class Stopping:
    """Whom and what a link to unsubscribe is of. Such a link works for ever: withdrawing is as easy as giving."""

    record: SourceRecord
    purpose: str


def stop_token(source_record: SourceRecord, purpose: str) -> str:
    return signing.Signer(salt=_STOP).sign_object([str(source_record.key), purpose])


def stop_link(source_record: SourceRecord, purpose: str) -> str:
    """The address to unsubscribe at, for a mail for `purpose` and for its List-Unsubscribe header."""
    return f"{settings.BASE_URL}{reverse('consent:stop', args=[stop_token(source_record, purpose)])}"


def stopping_by(token: str) -> Stopping:
    """Whom and what a link to unsubscribe is of. Raises LinkGone for a link that is not ours."""
    try:
        found: Any = signing.Signer(salt=_STOP).unsign_object(token)
        key, purpose = found
        return Stopping(SourceRecord.objects.get(key=key), purpose)
    except (signing.BadSignature, ValueError, SourceRecord.DoesNotExist) as error:
        raise LinkGone(_("This link does not work.")) from error
