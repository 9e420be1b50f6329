"""A customer's card under the scanner."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.customers.review.noting import note_look_up
from apps.customers.services import normalising
from apps.customers.services.lookup import Candidate, find_people, open_customer, purpose_of
from apps.customers.services.people import Kind
from apps.customers.throttles import StaffLookupThrottle
from apps.portal.contributions import ScanAnswer, ScanMatch, Scanned


def match_card(scanned: Scanned) -> ScanMatch | None:
    """A loyalty card opens its holder, who shows it for that purpose. Whose card it is, is said only then."""
    number = normalising.card(scanned.code)
    if StaffLookupThrottle.is_spent(scanned.principal):
        return None  # as if nobody had this card
    holders = find_people({Kind.CARD: number}, principal=scanned.principal) if number else []
    proven = [holder for holder in holders if holder.proven]
    if len(proven) != 1:
        return None
    return ScanMatch(answer=lambda: _holder(scanned, proven[0]), about=_("Opens the customer; this is written down"))


def _holder(scanned: Scanned, holder: Candidate) -> ScanAnswer:
    principal = scanned.principal
    with transaction.atomic():
        grant = open_customer(candidate=holder, purpose=purpose_of(principal), principal=principal)
        _note(scanned, "one", customer_key=holder.customer.key, grant_key=grant.key)
    return ScanAnswer(
        said=_("Card of %(customer)s") % {"customer": holder.customer}, url=holder.customer.get_absolute_url()
    )


def note_unknown(scanned: Scanned) -> None:
    """A code that nobody here knows, but that may be a card: somebody who tries numbers shows in the log of looks."""
    if normalising.card(scanned.code):
        spent = StaffLookupThrottle.is_spent(scanned.principal)
        _note(scanned, "throttled" if spent else "none")


def _note(scanned: Scanned, outcome: str, **found: Any) -> None:
    StaffLookupThrottle.count(scanned.principal)
    note_look_up(
        principal=scanned.principal,
        given={Kind.CARD: normalising.card(scanned.code)},
        outcome=outcome,
        purpose=purpose_of(scanned.principal),
        source="scan",
        **found,
    )
