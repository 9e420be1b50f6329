"""A segment's members for a purpose they allow: who goes into the file, and how many stay out and why."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from apps.core.reach import reach_of
from apps.customers.discretion import Tags
from apps.customers.models import Customer, SourceRecord
from apps.customers.segments.models import Segment
from apps.customers.segments.selecting import who
from apps.customers.services.consenting import customers_allowing
from apps.customers.services.lookup import purpose_of

BATCH = 2000


@dataclass(frozen=True)
class Field:
    """A column of the file: its name for programs, its head, what stands in it, and the datum that tells of."""

    name: str
    label: Any
    read: Callable[[Any], str]
    datum: str = ""


FIELDS = (
    Field("customer", _("Customer"), lambda customer: str(customer.key)),
    Field("name", _("Name"), lambda customer: customer.name, "customers.name"),
    Field("email", _("E-mail address"), lambda customer: customer.email, "customers.email"),
    Field("phone", _("Phone"), lambda customer: customer.phone, "customers.phone"),
    Field(
        "street", _("Street"), lambda customer: f"{customer.street} {customer.house_number}".strip(), "customers.street"
    ),
    Field("postcode", _("Postcode"), lambda customer: customer.postcode, "customers.place"),
    Field("city", _("City"), lambda customer: customer.city, "customers.place"),
    Field("country", _("Country"), lambda customer: customer.country, "customers.place"),
    Field("home_store", _("Home store"), lambda customer: customer.home_store or "", "customers.home_store"),
)


def fields_for(principal: Any, names: Collection[str]) -> list[Field]:
    """The columns of these names that somebody may have: what is hidden from them on a customer's page is in no file either."""
    tags = Tags(purpose=purpose_of(principal), roles=reach_of(principal).roles)
    return [each for each in FIELDS if each.name in names and (not each.datum or tags.shows(each.datum))]


WAYS = {"email": _("by e-mail"), "phone": _("by phone"), "post": _("by post")}
"""How the members are to be reached: who cannot be reached that way stays out of the file."""
_REACHED_BY: dict[str, Callable[[Customer], bool]] = {
    "email": lambda customer: bool(customer.email),
    "phone": lambda customer: bool(customer.phone),
    "post": lambda customer: bool(customer.street and customer.postcode),
}


@dataclass
class Selection:
    """Who of a segment may be written to for `purpose`, `way` they can be reached. `left_out` counts the others by reason:
    `no_consent`, `unreachable`."""

    segment: Segment
    purpose: str
    way: str
    left_out: Counter[str] = field(default_factory=Counter)
    written: int = 0

    @property
    def size(self) -> int:
        return who(self.segment.definition).count()

    def rows(self, fields: Sequence[Field]) -> Iterator[list[str]]:
        """A row for each member who may be in the file, in the order of their ids. Consent is asked batch by batch."""
        homes = SourceRecord.objects.filter(customer=OuterRef("pk"), home_location__isnull=False).order_by("-pk")
        customers = Customer.objects.annotate(home_store=Subquery(homes.values("home_location__code")[:1])).order_by(
            "pk"
        )
        members = Customer.objects.filter(pk__in=who(self.segment.definition).ids)
        ids = list(members.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            allowed = customers_allowing(batch, self.purpose)
            self.left_out["no_consent"] += len(batch) - len(allowed)
            for customer in customers.filter(pk__in=allowed):
                if _REACHED_BY[self.way](customer):
                    yield [each.read(customer) for each in fields]
                else:
                    self.left_out["unreachable"] += 1
