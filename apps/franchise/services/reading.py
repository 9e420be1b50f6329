"""Figures about credited online revenue, read from rows the reader may see."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from apps.core.money import ZERO
from apps.franchise.models import Evidence, RevenueShare
from apps.orders.models import OrderLine

_CREDIT = Q(kind=RevenueShare.Kind.CREDIT)


@dataclass(frozen=True)
class Sums:
    """What was credited and taken back (as a positive amount), and how many ledger rows that took."""

    credited: Decimal = ZERO
    reversed: Decimal = ZERO
    credits: int = 0
    reversals: int = 0

    @property
    def net(self) -> Decimal:
        return self.credited - self.reversed

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.credited + other.credited,
            self.reversed + other.reversed,
            self.credits + other.credits,
            self.reversals + other.reversals,
        )


@dataclass(frozen=True)
class Revenue:
    """Sums by day and evidence, of one currency."""

    by: dict[tuple[date, Evidence], Sums]

    def total(self) -> Sums:
        return sum(self.by.values(), Sums())

    def of(self, evidence: Evidence) -> Sums:
        return sum((sums for (_day, kind), sums in self.by.items() if kind == evidence), Sums())


@dataclass(frozen=True)
class StoreSums:
    """One store's (or head office's) part of the revenue. `code` is empty for head office."""

    code: str
    name: str
    legal_entity: str
    sums: Sums


_SUMS = {
    "credited": Sum("amount", filter=_CREDIT, default=ZERO),
    "taken_back": Sum("amount", filter=~_CREDIT, default=ZERO),
    "credits": Count("pk", filter=_CREDIT),
    "reversals": Count("pk", filter=~_CREDIT),
}


def currencies(shares: QuerySet[RevenueShare]) -> list[str]:
    """The currencies in which anything was credited, the one with most rows first."""
    found = shares.values_list("currency").annotate(rows=Count("pk")).order_by("-rows", "currency")
    return [currency for currency, _rows in found]


def revenue_of(shares: QuerySet[RevenueShare]) -> Revenue:
    """Sums of shares that are all in one currency."""
    rows = shares.order_by().values_list("business_date", "evidence").annotate(**_SUMS)
    return Revenue(
        {
            (day, Evidence(evidence)): Sums(credited, -taken_back, credits, reversals)
            for day, evidence, credited, taken_back, credits, reversals in rows
        }
    )


def revenue_by_store(shares: QuerySet[RevenueShare], *, most: int) -> list[StoreSums]:
    """The stores with the most net revenue, head office among them; shares are all in one currency."""
    rows = (
        shares.order_by()
        .values_list("location__code", "location__name", "legal_entity__name")
        .annotate(net=Sum("amount"), **_SUMS)
        .order_by("-net", "location__code")[:most]
    )
    return [
        StoreSums(code or "", name or "", entity, Sums(credited, -taken_back, credits, reversals))
        for code, name, entity, _net, credited, taken_back, credits, reversals in rows
    ]


def with_products(shares: QuerySet[RevenueShare]) -> QuerySet[RevenueShare]:
    """Each share with `product`, the name of what was sold."""
    line = OrderLine.objects.filter(order__number=OuterRef("order_number"), line=OuterRef("order_line"))
    return shares.annotate(product=Subquery(line.values("name")[:1])).select_related("location", "legal_entity")
