"""Numbers of a store's own customers, rounded so that no subtraction leads to a person.

Every number that leaves here is rounded down to tens, and below ten it is only that: fewer than ten. Sums are counted and
rounded by themselves, never added up from parts, so what was left out cannot be worked out; two numbers that differ by one
person are the same number but for one case in ten, and nobody can choose which persons are counted: there are no filters.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr
from django.utils import timezone

from apps.core.reach import reach_of
from apps.customers.models import Customer
from apps.customers.services.restricting import restricted_customers
from apps.network.models import Location

LEAST = 10
NEW_DAYS = 90
AREAS = 12

BoughtAt = Callable[[Sequence[int]], QuerySet[Any]]
_bought_at: list[BoughtAt] = []


def bought_at(reader: BoughtAt) -> None:
    """Let an app above say who bought in stores: `reader(location_ids)` gives source record ids, as a query."""
    _bought_at[:] = [reader]


@dataclass(frozen=True)
class Rounded:
    """A number of persons as it may be told: a multiple of ten; `few` is fewer than ten."""

    number: int

    @property
    def few(self) -> bool:
        return self.number < LEAST


def rounded(number: int) -> Rounded:
    return Rounded(number - number % LEAST)


@dataclass(frozen=True)
class StoreFigures:
    """One store: its own customers, those who are new, and where they live, the greatest areas first."""

    location: Location
    customers: Rounded
    new: Rounded
    areas: list[tuple[str, Rounded]]


def own_customers(location_ids: Sequence[int]) -> QuerySet[Customer]:
    """Customers whose home store is one of these, or who bought there; never who restricted the use of their data."""
    own = Q(source_records__home_location__in=location_ids)
    for reader in _bought_at:
        own |= Q(source_records__in=reader(location_ids))
    return Customer.objects.filter(own).exclude(pk__in=restricted_customers())


def figures_for(principal: Any) -> list[StoreFigures]:
    """The figures of each store within reach, by code; for who looks after the chain as well, the stores one by one."""
    stores = Location.objects.stores().filter(reach_of(principal).q("pk")).order_by("code")
    return [_of(store) for store in stores[:50]]


def _of(store: Location) -> StoreFigures:
    own = own_customers([store.pk])
    since = timezone.now() - dt.timedelta(days=NEW_DAYS)
    total = own.aggregate(all=Count("pk", distinct=True), new=Count("pk", distinct=True, filter=Q(since__gte=since)))
    by_area = own.exclude(postcode="").annotate(area=Substr("postcode", 1, 4)).values_list("area")
    areas = by_area.annotate(number=Count("pk", distinct=True)).filter(number__gte=LEAST).order_by("-number", "area")
    return StoreFigures(
        store,
        rounded(total["all"]),
        rounded(total["new"]),
        [(area, rounded(number)) for area, number in areas[:AREAS]],
    )
