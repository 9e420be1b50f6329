"""Customers in the search box: those who are open anyway, and a look-up that somebody asks for.

Nobody leafs through people, so names are looked for only among customers whom a grant has opened; whether anybody else is
known is not said before somebody asks. See docs/decisions/0010-how-things-are-found.md.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.reach import reach_of
from apps.core.spelling import spelled_like, words_of
from apps.customers.discretion import Tags
from apps.customers.forms import FindForm
from apps.customers.models import Customer
from apps.customers.services.guessing import names_somebody
from apps.customers.services.lookup import purpose_of
from apps.customers.services.people import Kind
from apps.customers.views import FindCustomer
from apps.portal.contributions import ASKED, Found, SearchHit

SHORTEST = 2
_ASKING = {
    Kind.EMAIL: gettext_lazy("Look up the customer with this e-mail address"),
    Kind.PHONE: gettext_lazy("Look up the customer with this phone number"),
    Kind.CARD: gettext_lazy("Look up the customer with this card"),
    Kind.ADDRESS: gettext_lazy("Look up the customer at this address"),
}


def find_customers(principal: Any, text: str, limit: int) -> Found:
    """Customers open to the principal now, by name; and the offer to look up whoever an identifier belongs to."""
    if len(text) < SHORTEST:
        return Found()
    rows = Customer.objects.visible_to(principal)
    if not Tags(purpose=purpose_of(principal), roles=reach_of(principal).roles).shows("customers.name"):
        rows = rows.none()
    for word in words_of(text):
        rows = rows.filter(spelled_like("name", word))
    found = Found.of(rows.order_by("name", "pk"), _hit, limit)
    kind = names_somebody(text)
    if not kind:
        return found
    return Found([*found.hits, SearchHit(title=_ASKING[Kind(kind)], meta=ASKED, asks=True)], found.total + 1)


def look_up_given(request: HttpRequest, text: str) -> HttpResponse:
    """What the page for finding a customer answers to an identifier: it opens one, lets choose, or says there is none."""
    page = FindCustomer()
    page.setup(request)
    page.source = "search"
    return page.look_up(FindForm({"identifier": text}))


def _hit(customer: Customer) -> SearchHit:
    return SearchHit(title=str(customer), url=customer.get_absolute_url(), meta=_("Open to you now"))
