"""Taking a card on one's own phone: known at once, with a card that works at once.

Whoever signs up is somebody new until they prove otherwise: what a stranger types never opens, changes or betrays a customer
we know. The mail to the address they typed joins both, once its owner says so.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.services import grant_access
from apps.core.actors import actor_of
from apps.core.errors import LinkGone
from apps.core.retry import retried
from apps.customers.services.lookup import purpose_of
from apps.customers.services.people import Person
from apps.loyalty.enrolment.letters import write_to_newcomer
from apps.loyalty.models import Invitation, LoyaltyAccount
from apps.loyalty.services.opening import SOURCE, open_account


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """What somebody typed on their phone. `purposes` are the boxes they ticked; nothing is consented to by that alone."""

    first_name: str
    last_name: str = ""
    email: str = ""
    phone: str = ""
    postcode: str = ""
    house_number: str = ""
    birth_date: dt.date | None = None
    purposes: tuple[str, ...] = ()


@retried
@transaction.atomic
def enrol(*, invitation: Invitation, applicant: Applicant, device: str, locale: str) -> LoyaltyAccount:
    """Give somebody a card, and the member of staff who invited them access to who they are.

    The same `device` gets the same card again, however often it asks. Raises LinkGone for an invitation that somebody
    else used or that is too old.
    """
    Invitation.objects.select_for_update().get(pk=invitation.pk)
    # Read in a statement of its own: it must see the card that whoever held the lock before us made.
    held = Invitation.objects.select_related("store", "invited_by", "account__source_record").get(pk=invitation.pk)
    if held.account is not None:
        return card_for(held, device)
    if not held.is_open:
        raise LinkGone(_("This link is no longer open. Ask for a new one in the store."))
    staff = held.invited_by
    account = open_account(person=_person(applicant, held), issued_by=held.store, actor=actor_of(staff))
    held.account, held.used_at, held.device = account, timezone.now(), _digest(device)
    held.save(update_fields=["account", "used_at", "device"])
    grant_access(
        principal=staff,
        object_type="customer",
        object_key=str(account.source_record.customer.key),
        purpose=purpose_of(staff),
        evidence="sign_up",
    )
    write_to_newcomer(
        account, name=applicant.first_name, email=applicant.email, purposes=applicant.purposes, locale=locale
    )
    return account


def card_for(invitation: Invitation, device: str) -> LoyaltyAccount:
    """The card that an invitation was used for, to the phone that used it. Raises LinkGone to any other."""
    if invitation.account is None or not device or invitation.device != _digest(device):
        raise LinkGone(_("This link has been used. Each link is for one person; ask for a new one in the store."))
    return invitation.account


def _person(applicant: Applicant, invitation: Invitation) -> Person:
    return Person(
        source=SOURCE,
        first_name=applicant.first_name,
        last_name=applicant.last_name,
        email=applicant.email,
        phone=applicant.phone,
        postcode=applicant.postcode,
        house_number=applicant.house_number,
        birth_date=applicant.birth_date,
        home_location_id=invitation.store_id,
    )


def _digest(device: str) -> str:
    return hashlib.sha256(device.encode()).hexdigest()
