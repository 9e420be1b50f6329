"""What all pages about one customer have in common: the look-up that opened them, and what of it may be said."""

from typing import Any, ClassVar

from django.http import Http404
from django.utils.functional import cached_property

from apps.accounts.models import AccessGrant
from apps.customers.discretion import Tags, tags_of
from apps.customers.models import Customer
from apps.customers.services.lookup import grant_in_force
from apps.portal.pages import ObjectPage, PanelView


class SeesCustomer(ObjectPage, abstract=True):
    """A page about one customer, open by a grant. One that is about a single `datum` is a 404 where that is hidden."""

    model = Customer
    lookup = "key"
    datum: ClassVar[str] = ""

    @cached_property
    def object(self) -> Any:
        customer = super().object
        if self.datum and not tags_of(self.request.user, self.grant_for(customer)).shows(self.datum):
            self.__dict__.pop("object", None)
            raise Http404
        return customer

    def grant_for(self, customer: Customer) -> AccessGrant | None:
        return grant_in_force(customer, principal=self.request.user)

    @cached_property
    def grant(self) -> AccessGrant | None:
        """The look-up that opened this page."""
        return self.grant_for(self.object)

    @cached_property
    def tags(self) -> Tags:
        """How much of what is known of the customer may be said by whoever looks."""
        return tags_of(self.request.user, self.grant)


class CustomerPanel(SeesCustomer, PanelView, abstract=True):
    """A panel on the customer's page. It names the same `datum` as its entry in the registry."""
