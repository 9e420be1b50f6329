"""Deciding, once per online order, which store it is credited to."""

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Subquery, When
from django.utils import timezone

from apps.core.bulk import insert_rows
from apps.core.events.models import Origin
from apps.customers.models import SourceRecord
from apps.franchise.models import Attribution, Evidence, RuleSet
from apps.franchise.waterfall import Candidate, take
from apps.loyalty.models import LoyaltyAccount
from apps.network.models import Channel, Location, Ownership
from apps.orders.models import LineStatus, Method, Order, OrderLine

_FIELDS = (
    "order_number", "business_date", "rule_set", "candidates", "evidence", "location", "legal_entity", "decided_at"
)  # fmt: skip  # more than one a line


def attribute_orders(numbers: Collection[str]) -> int:
    """Decide on those of these orders that are online, live, and not decided yet; return how many were.

    Called with the news that an order was placed, and again when it is handed over or comes back, in case that news went
    missing. What became known about the customer after the order was recorded is left out. An order placed before the
    first published rule set is credited to nobody. At most five statements, whatever the number of orders.
    """
    orders = _undecided(numbers)
    if not orders:
        return 0
    rule_sets = list(RuleSet.objects.published().order_by("-valid_from"))
    stores = _Stores(orders)
    rows = []
    for order in orders:
        day = order["business_date"]
        rules = next((r for r in rule_sets if r.valid_from <= day), None)
        if rules is None:
            continue
        candidates = _candidates(order, stores)
        taken = take(rules.waterfall, candidates)
        location_id = order["found"].get(taken.kind, (None, ""))[0]
        owner_id = order["seller"] if location_id is None else stores.owner_id(location_id, day)
        stored = [asdict(candidate) for candidate in candidates]
        rows.append((order["number"], day, rules.pk, stored, taken.kind, location_id, owner_id, timezone.now()))
    return len(insert_rows(Attribution, _FIELDS, rows, returning=["id"], on_conflict="DO NOTHING"))


def candidates_of(numbers: Collection[str]) -> dict[str, list[Candidate]]:
    """The evidence of online orders, as kept where it was decided, else as it would be: {order number: candidates}."""
    kept = Attribution.objects.filter(order_number__in=list(numbers)).values_list("order_number", "candidates")
    found = {number: [Candidate.read(one) for one in stored] for number, stored in kept}
    if orders := _undecided(numbers):
        stores = _Stores(orders)
        found |= {order["number"]: _candidates(order, stores) for order in orders}
    return found


def _undecided(numbers: Collection[str]) -> list[dict[str, Any]]:
    """Per order its number, business date and seller, and in `found` the store each kind of evidence points at:
    {kind: (location id | None, source)}.
    """
    person, recorded = OuterRef("source_record__customer"), OuterRef("recorded_at")
    records = SourceRecord.objects.filter(customer=person, home_location__isnull=False, recorded_at__lte=recorded)
    cards = LoyaltyAccount.objects.filter(
        source_record__customer=person, issued_by__isnull=False, opened_at__lte=recorded
    )
    # The customer is in that store for a part of it at least; what was called off brings nobody there.
    in_store = OrderLine.objects.filter(order=OuterRef("pk"), method__in=(Method.COLLECT, Method.CARRY_OUT))
    in_store = in_store.exclude(status=LineStatus.CANCELLED)
    rows = (
        Order.objects.filter(number__in=list(numbers), origin=Origin.LIVE, channel__kind__in=Channel.ONLINE)
        .filter(~Exists(Attribution.objects.filter(order_number=OuterRef("number"))))
        .annotate(
            collect=Case(When(Exists(in_store), then=F("location"))),
            own=F("source_record__home_location"),
            other=Subquery(records.order_by("pk").values("home_location")[:1]),
            card=Subquery(cards.order_by("opened_at", "pk").values("issued_by")[:1]),
            seller_code=F("seller__code"),
        )
        .order_by("number")
        .values(
            "number", "business_date", "seller", "seller_code", "referral_location", "collect", "own", "other", "card"
        )
    )
    orders: list[dict[str, Any]] = [{**row} for row in rows]
    for order in orders:
        home = next(
            ((order[key], source) for key, source in _HOMES if order[key] is not None),
            (None, ""),
        )
        order["found"] = {
            Evidence.COLLECT: (order["collect"], ""),
            Evidence.REFERRAL: (order["referral_location"], ""),
            Evidence.HOME: home,
        }
    return orders


_HOMES = (("own", "order"), ("other", "records"), ("card", "card"))


class _Stores:
    """The stores that the evidence of some orders points at: their codes, and who owned them when."""

    def __init__(self, orders: list[dict[str, Any]]) -> None:
        ids = {location_id for order in orders for location_id, _ in order["found"].values() if location_id}
        self._codes = dict(Location.objects.stores().filter(pk__in=ids).values_list("pk", "code"))
        self._owners: dict[int, list[tuple[Any, int, str]]] = {}
        owned = Ownership.objects.filter(location__in=self._codes)
        for location_id, *owner in owned.values_list("location", "valid", "legal_entity", "legal_entity__code"):
            self._owners.setdefault(location_id, []).append((owner[0], owner[1], owner[2]))

    def code(self, location_id: int | None) -> str | None:
        return self._codes.get(location_id) if location_id else None

    def owner(self, location_id: int | None, day: dt.date) -> tuple[int, str] | None:
        """Id and code of the company that owned the store on a day."""
        owners = self._owners.get(location_id, []) if location_id else []
        return next(((entity_id, code) for valid, entity_id, code in owners if day in valid), None)

    def owner_id(self, location_id: int, day: dt.date) -> int:
        owner = self.owner(location_id, day)
        assert owner is not None, "only a store with an owner is present"
        return owner[0]


def _candidates(order: dict[str, Any], stores: _Stores) -> list[Candidate]:
    candidates = []
    for kind, (location_id, source) in order["found"].items():
        owner = stores.owner(location_id, order["business_date"])
        candidates.append(Candidate(str(kind), stores.code(location_id), owner[1] if owner else None, source))
    return [*candidates, Candidate(str(Evidence.RESIDUAL), None, order["seller_code"])]
