"""Why an order line is credited as it is, in terms that its store can check for itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.core.money import ZERO, net_of
from apps.core.reach import reach_of
from apps.franchise.models import Attribution, Evidence, RevenueShare
from apps.franchise.waterfall import Candidate
from apps.network.models import Location
from apps.orders.models import OrderLine


@dataclass(frozen=True)
class Step:
    """One step of the waterfall. `store` is its name, empty when there is none or it is another entrepreneur's."""

    kind: Evidence
    is_present: bool
    is_taken: bool
    is_reached: bool
    store: str
    code: str | None
    text: str

    @property
    def label(self) -> str:
        return str(self.kind.label)


@dataclass(frozen=True)
class Explanation:
    """An order line from its price to what its store is credited with."""

    attribution: Attribution
    line: OrderLine
    currency: str
    steps: Sequence[Step]
    shares: Sequence[RevenueShare]

    @property
    def before_discount(self) -> Decimal:
        return self.line.amount + self.line.discount

    @property
    def vat(self) -> Decimal | None:
        return self.line.vat_amount

    @property
    def net(self) -> Decimal:
        return net_of(self.line.amount, self.line.vat_amount)

    @property
    def credits(self) -> list[RevenueShare]:
        return [share for share in self.shares if share.kind == RevenueShare.Kind.CREDIT]

    @property
    def reversals(self) -> list[RevenueShare]:
        return [share for share in self.shares if share.kind == RevenueShare.Kind.REVERSAL]

    @property
    def total(self) -> Decimal:
        return sum((share.amount for share in self.shares), ZERO)


def explain_line(*, attribution: Attribution, line: int, principal: Any) -> Explanation | None:
    """Explain a line of an order whose attribution the principal may see; None when there is no such line."""
    found = (
        OrderLine.objects.select_related("order", "variant")
        .filter(order__number=attribution.order_number, line=line)
        .first()
    )
    if found is None:
        return None
    shares = RevenueShare.objects.filter(order_number=attribution.order_number, order_line=line).order_by("id")
    return Explanation(
        attribution=attribution,
        line=found,
        currency=found.order.currency,
        steps=steps_of(attribution, principal),
        shares=list(shares),
    )


def steps_of(attribution: Attribution, principal: Any) -> list[Step]:
    """The waterfall as it ran for an order. A principal learns the names of the stores in reach, and of no other."""
    candidates = {c.kind: c for c in map(Candidate.read, attribution.candidates)}
    stores = _stores_in_reach(candidates.values(), attribution, principal)
    steps: list[Step] = []
    is_taken = False
    for kind in attribution.rule_set.waterfall:
        candidate = candidates[kind]
        takes = kind == attribution.evidence
        store = stores.get(candidate.location or "")
        steps.append(
            Step(
                kind=Evidence(kind),
                is_present=candidate.is_present,
                is_taken=takes,
                is_reached=not is_taken,
                store=str(store) if store else "",
                code=candidate.location if store else None,
                text=_reason(candidate, store, is_taken=is_taken),
            )
        )
        is_taken = is_taken or takes
    return steps


def _stores_in_reach(
    candidates: Sequence[Candidate] | Any, attribution: Attribution, principal: Any
) -> dict[str, Location]:
    codes = {c.location for c in candidates if c.location}
    stores = {store.code: store for store in Location.objects.filter(code__in=codes)}
    reach = reach_of(principal)
    if reach.every_location:
        return stores
    known = reach.location_ids | {attribution.location_id}
    return {code: store for code, store in stores.items() if store.pk in known}


def _reason(candidate: Candidate, store: Location | None, *, is_taken: bool) -> str:
    if is_taken:
        return _("Not looked at: an earlier step took the whole line")
    name = {"store": store or _("another store")}
    match candidate.kind:
        case Evidence.COLLECT:
            there = _("Ordered to be collected in %(store)s") % name
            absent = _("The order is delivered, not collected")
        case Evidence.REFERRAL:
            there = _("%(store)s referred the customer to the webshop") % name
            absent = _("No store referred the customer")
        case Evidence.HOME:
            there = {
                "order": _("%(store)s is the customer's own store"),
                "records": _("%(store)s is the customer's own store, as another system knows them"),
                "card": _("%(store)s issued the customer's loyalty card"),
            }.get(candidate.source, "%(store)s") % name
            absent = _("No own store of the customer was known when the order was placed")
        case _:
            there = _("No store comes first, so the seller keeps it")
            absent = ""
    if candidate.is_present:
        return there
    if candidate.location:
        return _("%(store)s had no owner on the day of the order") % name
    return absent
