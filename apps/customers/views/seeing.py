"""What all pages about one customer have in common: the look-up that opened them, and what of it may be said."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from apps.accounts.models import AccessGrant
from apps.customers.discretion import Tags, tags_of
from apps.customers.models import Customer
from apps.customers.review.noting import Outcome, note_view
from apps.customers.services.lookup import grant_in_force
from apps.portal.pages import ObjectPage, PanelView


def see_customer(
    customers: QuerySet[Customer], key: Any, *, principal: Any, part: str, datum: str = ""
) -> tuple[Customer, AccessGrant | None]:
    """The customer whom a key means now, and the look-up that opened them. That they are seen is written down; so is that they
    were not open, which is a 404."""
    customer = customers.meant_by(key).first()  # type: ignore[attr-defined]  # of the model's own queryset
    grant = grant_in_force(customer, principal=principal) if customer else None
    if customer is None or (datum and not tags_of(principal, grant).shows(datum)):
        note_view(principal=principal, part=part, customer_key=key, outcome=Outcome.REFUSED)
        raise Http404
    note_view(principal=principal, part=part, customer_key=customer.key, grant=grant)
    return customer, grant


def name_for(customer: Customer, tags: Tags) -> str:
    """What a customer is called before somebody who looks: their name, or just that they are one."""
    return str(customer) if tags.shows("customers.name") else _("Customer")


def part_of(request: HttpRequest) -> str:
    """Which part of what is known of a customer a page shows: its route."""
    match = request.resolver_match
    return match.view_name if match else ""


class SeesCustomer(ObjectPage, abstract=True):
    """A page about one customer, open by a grant. One that is about a single `datum` is a 404 where that is hidden."""

    model = Customer
    lookup = "key"
    datum: ClassVar[str] = ""

    grant: AccessGrant | None = None
    """The look-up that opened this page, once the customer was read."""

    @cached_property
    def object(self) -> Any:
        """The customer. That they are seen, and what was not open, is written down."""
        customer, self.grant = see_customer(
            self.get_queryset(),
            self.kwargs[self.lookup],
            principal=self.request.user,
            part=part_of(self.request),
            datum=self.datum,
        )
        return customer

    @cached_property
    def tags(self) -> Tags:
        """How much of what is known of the customer may be said by whoever looks."""
        self.object  # noqa: B018  (finds the grant)
        return tags_of(self.request.user, self.grant)

    def get_title(self) -> Any:
        customer = self.object
        if self.grant is None:  # one that was read elsewhere: the palette lists whom somebody saw
            return name_for(customer, tags_of(self.request.user, grant_in_force(customer, principal=self.request.user)))
        return name_for(customer, self.tags)


class CustomerPanel(SeesCustomer, PanelView, abstract=True):
    """A panel on the customer's page. It names the same `datum` as its entry in the registry."""
