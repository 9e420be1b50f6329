"""What all pages about one customer have in common: the look-up that opened them, and what of it may be said."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from apps.accounts.models import AccessGrant
from apps.core.statements import KeptQuery
from apps.customers.discretion import Tags, tags_of
from apps.customers.models import Customer, SourceRecord
from apps.customers.review.noting import Outcome, note_view
from apps.customers.services.lookup import grant_in_force
from apps.portal.pages import ObjectPage, PanelView


@dataclass(frozen=True)
class Sight:
    """A customer as somebody sees them now: by which look-up, and how much may be said."""

    customer: Customer
    grant: AccessGrant | None
    tags: Tags

    @cached_property
    def home_stores(self) -> dict[int, str | None]:
        """Every record of the customer, oldest first, with the name of its home store."""
        return dict(_records.read(customer=self.customer.pk))

    @property
    def records(self) -> list[int]:
        """Every record of the customer: what orders, contacts and points refer to."""
        return list(self.home_stores)


_records = KeptQuery(
    lambda asked: (
        SourceRecord.objects.filter(customer=asked["customer"]).order_by("pk").values_list("pk", "home_location__name")
    ),
)


def see_customer(customers: QuerySet[Customer], key: Any, *, principal: Any, part: str, datum: str = "") -> Sight:
    """The customer whom a key means now. That they are seen is written down; so is that they were not open, which is a 404."""
    customer = customers.meant_by(key).first()  # type: ignore[attr-defined]  # of the model's own queryset
    grant = grant_in_force(customer, principal=principal) if customer else None
    tags = tags_of(principal, grant)
    if customer is None or (datum and not tags.shows(datum)):
        note_view(principal=principal, part=part, customer_key=key, outcome=Outcome.REFUSED)
        raise Http404
    note_view(principal=principal, part=part, customer_key=customer.key, grant=grant)
    return Sight(customer, grant, tags)


def seen_on(request: HttpRequest) -> Sight | None:
    """The customer whom the page that is asked for shows, once it was read: what stands around the page need not ask again."""
    return getattr(request, "_sight", None)


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

    @cached_property
    def sight(self) -> Sight:
        """The customer as they are seen here. That they are seen, and what was not open, is written down."""
        sight = see_customer(
            self.get_queryset(),
            self.kwargs[self.lookup],
            principal=self.request.user,
            part=part_of(self.request),
            datum=self.datum,
        )
        self.request._sight = sight  # type: ignore[attr-defined]  # kept for this request
        return sight

    @cached_property
    def object(self) -> Any:
        return self.sight.customer

    @property
    def grant(self) -> AccessGrant | None:
        """The look-up that opened this page."""
        return self.sight.grant

    @property
    def tags(self) -> Tags:
        """How much of what is known of the customer may be said by whoever looks."""
        return self.sight.tags

    def get_title(self) -> Any:
        customer = self.object
        if "sight" not in self.__dict__:  # one that was read elsewhere: the palette lists whom somebody saw
            return name_for(customer, tags_of(self.request.user, grant_in_force(customer, principal=self.request.user)))
        return name_for(customer, self.tags)


class CustomerPanel(SeesCustomer, PanelView, abstract=True):
    """A panel on the customer's page. It names the same `datum` as its entry in the registry."""
