"""A customer's card under the scanner."""

from django.utils.translation import gettext as _

from apps.customers.services import normalising
from apps.customers.services.lookup import Candidate, find_people, open_customer, purpose_of
from apps.customers.services.people import Kind
from apps.portal.contributions import ScanAnswer, ScanMatch, Scanned


def match_card(scanned: Scanned) -> ScanMatch | None:
    """A loyalty card opens its holder, who shows it for that purpose. Whose card it is, is said only then."""
    number = normalising.card(scanned.code)
    holders = find_people({Kind.CARD: number}, principal=scanned.principal) if number else []
    proven = [holder for holder in holders if holder.proven]
    if len(proven) != 1:
        return None
    return ScanMatch(answer=lambda: _holder(scanned, proven[0]), about=_("Opens the customer; this is written down"))


def _holder(scanned: Scanned, holder: Candidate) -> ScanAnswer:
    principal = scanned.principal
    open_customer(candidate=holder, purpose=purpose_of(principal), principal=principal)
    return ScanAnswer(
        said=_("Card of %(customer)s") % {"customer": holder.customer}, url=holder.customer.get_absolute_url()
    )
