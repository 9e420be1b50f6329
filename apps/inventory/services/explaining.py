"""Why a figure of availability is what it is: every term of the sum, with the rows behind it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Condition, Demand, PlaceLevel, StockLevel
from apps.network.directory import Entry

ZERO = Decimal(0)


class Method(models.TextChoices):
    """How the customer gets it; it decides which locations take part."""

    COLLECT = "collect", _("Collect")
    DELIVERY = "delivery", _("Delivery")


class Rule(models.TextChoices):
    """The rules that make a sum, by the name under which the API gives them."""

    ON_HAND = "on_hand", _("On hand, saleable")
    RESERVED = "reserved", _("Reserved")
    LAPSED = "lapsed", _("Reservations that have lapsed")
    SAFETY = "safety", _("Safety stock")
    NEVER_BELOW_ZERO = "never_below_zero", _("Never below zero at one location")
    NOT_OFFERED = "not_offered", _("Does not take part")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row behind a term: a shelf with what lies there, a reservation with what it holds."""

    kind: str
    key: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Term:
    """One signed part of a sum."""

    rule: Rule
    quantity: Decimal
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class LocationSum:
    """A location's terms; they add up to what it can promise."""

    location: Entry
    terms: tuple[Term, ...]
    oversold: Decimal

    @property
    def promisable(self) -> Decimal:
        return sum((term.quantity for term in self.terms), ZERO)

    def part(self, rule: str) -> Decimal:
        """The quantity of one rule; zero when it plays no part."""
        return sum((term.quantity for term in self.terms if term.rule == rule), ZERO)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The sums of the locations that take part, as of a moment."""

    as_of: dt.datetime
    method: Method
    sums: tuple[LocationSum, ...]

    @property
    def available(self) -> Decimal:
        return sum((one.promisable for one in self.sums), ZERO)


def explain(*, variant_id: int, locations: Iterable[Entry], method: Method) -> Explanation:
    """Take the availability of a variant apart at the given locations, in their order. Three queries."""
    now = timezone.now()
    entries = list(locations)
    ids = [entry.id for entry in entries]
    levels = _levels(variant_id, ids)
    held = _held(variant_id, ids)
    shelves = _shelves(variant_id, ids)
    return Explanation(
        as_of=now,
        method=method,
        sums=tuple(
            _sum(entry, levels.get(entry.id), held.get(entry.id, []), shelves.get(entry.id, ()), method, now)
            for entry in entries
        ),
    )


def takes_part(entry: Entry, method: Method) -> bool:
    """Whether a location fulfils orders this way at all."""
    return entry.is_active and (entry.offers_collect if method == Method.COLLECT else entry.sends)


@dataclass(frozen=True, slots=True)
class _Level:
    on_hand: Decimal
    reserved: Decimal
    safety: Decimal
    oversold: Decimal


@dataclass(frozen=True, slots=True)
class _Held:
    reference: str
    quantity: Decimal
    expires_at: dt.datetime | None


def _levels(variant_id: int, location_ids: list[int]) -> dict[int, _Level]:
    rows = (
        StockLevel.objects.saleable()
        .filter(variant=variant_id, location__in=location_ids)
        .values_list("location_id")
        .annotate(Sum("on_hand"), Sum("reserved"), Sum("safety"), Sum("oversold"))
    )
    return {location_id: _Level(*figures) for location_id, *figures in rows}


def _held(variant_id: int, location_ids: list[int]) -> dict[int, list[_Held]]:
    left = models.F("quantity") - models.F("consumed") - models.F("released")
    rows = (
        Demand.objects.filter(
            variant=variant_id,
            level__location__in=location_ids,
            level__condition=Condition.SALEABLE,
            quantity__gt=models.F("consumed") + models.F("released"),
        )
        .order_by("reservation__created_at", "pk")
        .values_list("level__location_id", "reservation__reference", left, "reservation__expires_at")
    )
    found: dict[int, list[_Held]] = defaultdict(list)
    for location_id, *rest in rows:
        found[location_id].append(_Held(*rest))
    return found


def _shelves(variant_id: int, location_ids: list[int]) -> dict[int, tuple[Evidence, ...]]:
    rows = (
        PlaceLevel.objects.filter(variant=variant_id, location__in=location_ids, quantity__gt=0)
        .order_by("-quantity", "place__code")
        .values_list("location_id", "place__code", "quantity")
    )
    found: dict[int, list[Evidence]] = defaultdict(list)
    for location_id, code, quantity in rows:
        found[location_id].append(Evidence("shelf", code, quantity))
    return {location_id: tuple(evidence) for location_id, evidence in found.items()}


def _sum(
    entry: Entry,
    level: _Level | None,
    held: list[_Held],
    shelves: tuple[Evidence, ...],
    method: Method,
    now: dt.datetime,
) -> LocationSum:
    if level is None:
        return LocationSum(entry, (Term(Rule.ON_HAND, ZERO, shelves),), ZERO)
    lapsed = [h for h in held if h.expires_at is not None and h.expires_at <= now]
    terms = [
        Term(Rule.ON_HAND, level.on_hand, shelves),
        Term(Rule.RESERVED, -level.reserved, _as_evidence(held)),
    ]
    if lapsed:
        terms.append(Term(Rule.LAPSED, sum((h.quantity for h in lapsed), ZERO), _as_evidence(lapsed)))
    terms.append(Term(Rule.SAFETY, -level.safety))
    total = sum((term.quantity for term in terms), ZERO)
    if total < 0:
        terms.append(Term(Rule.NEVER_BELOW_ZERO, -total))
        total = ZERO
    if total and not takes_part(entry, method):
        terms.append(Term(Rule.NOT_OFFERED, -total))
    return LocationSum(entry, tuple(terms), level.oversold)


def _as_evidence(held: list[_Held]) -> tuple[Evidence, ...]:
    return tuple(Evidence("reservation", h.reference, h.quantity) for h in held)
