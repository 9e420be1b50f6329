"""A franchisee's word that orders of others may be sent from their stock."""

import datetime as dt

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.network.models import FulfilmentConsent, LegalEntity, Location, Ownership


def owner_who_is_asked(location: Location) -> LegalEntity | None:
    """The franchisee whose consent a location needs; None where it is the retailer's own stock."""
    owned = Ownership.objects.filter(location=location, valid__contains=timezone.localdate()).select_related(
        "legal_entity"
    )
    owner = owned.first()
    return owner.legal_entity if owner and owner.legal_entity.kind == LegalEntity.Kind.FRANCHISEE else None


def consent_today(location: Location) -> FulfilmentConsent | None:
    """The consent of the present owner, if it holds today."""
    owner = owner_who_is_asked(location)
    standing = FulfilmentConsent.objects.filter(location=location, valid__contains=timezone.localdate())
    return standing.filter(legal_entity=owner).first() if owner else None


@transaction.atomic
def agree_to_send(*, location: Location, since: dt.date | None = None) -> FulfilmentConsent:
    """Write down that the present owner agrees, from a day on (today); a consent that stands is kept.

    Raises Conflict where there is no franchisee to ask.
    """
    Location.objects.select_for_update().get(pk=location.pk)
    owner = owner_who_is_asked(location)
    if owner is None:
        raise Conflict(_("This is the retailer's own stock; nobody has to agree."))
    standing = consent_today(location)
    if standing is not None:
        return standing
    _end(location)
    valid = DateRange(since or timezone.localdate(), None)
    return FulfilmentConsent.objects.create(location=location, legal_entity=owner, valid=valid)


@transaction.atomic
def withdraw_consent(*, location: Location) -> None:
    """End the consent today. Orders that were promised from the stock stay; new ones go elsewhere."""
    Location.objects.select_for_update().get(pk=location.pk)
    check_agreed(location)
    _end(location)


def check_agreed(location: Location) -> None:
    """Raise Conflict where nobody agreed."""
    if consent_today(location) is None:
        raise Conflict(_("Nobody agreed to send orders from here."))


def _end(location: Location) -> None:
    """End what stands, of whichever owner; a consent of today alone never held for a day and goes."""
    today = timezone.localdate()
    for standing in FulfilmentConsent.objects.filter(location=location, valid__contains=today):
        if standing.valid.lower == today:
            standing.delete()
        else:
            standing.valid = DateRange(standing.valid.lower, today)
            standing.save(update_fields=["valid"])
