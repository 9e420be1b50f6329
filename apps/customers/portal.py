"""What the customers app puts on the portal."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.customers.searching import find_customers, look_up_given
from apps.customers.services import normalising
from apps.customers.services.lookup import find_people, open_customer, purpose_of
from apps.customers.services.people import Kind
from apps.portal import registry
from apps.portal.contributions import ScanAnswer, Scanned
from apps.portal.registry import Section


def scan_card(scanned: Scanned) -> ScanAnswer | None:
    """A loyalty card opens its holder, who shows it for that purpose."""
    number = normalising.card(scanned.code)
    holders = find_people({Kind.CARD: number}, principal=scanned.principal) if number else []
    proven = [holder for holder in holders if holder.proven]
    if len(proven) != 1:
        return None
    [holder] = proven
    open_customer(candidate=holder, purpose=purpose_of(scanned.principal), principal=scanned.principal)
    return ScanAnswer(
        said=_("Card of %(customer)s") % {"customer": holder.customer}, url=holder.customer.get_absolute_url()
    )


registry.navigation(
    Section.CUSTOMERS,
    gettext_lazy("Find a customer"),
    "customers:find",
    "user-search",
    "customers.lookup",
    order=10,
    store_order=30,
    store_label=gettext_lazy("Customer"),
)
registry.search(
    "customer",
    gettext_lazy("Customers"),
    find_customers,
    "customers.lookup",
    icon="user-search",
    order=30,
    look_up=look_up_given,
)
registry.scan("customer card", scan_card, "customers.lookup", order=40)
