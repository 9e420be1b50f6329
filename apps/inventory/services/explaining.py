"""Why a figure of availability is what it is: every term of the sum, with the rows behind it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import models
from django.db.models import Max, Sum
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.inventory.models import Condition, Demand, Method, PlaceLevel, StockLevel
from apps.inventory.services.drifting import age_of, drift, feeds
from apps.inventory.services.keeping import rules
from apps.network.directory import Entry

ZERO = Decimal(0)


class Rule(models.TextChoices):
    """The rules that make a sum, by the name under which the API gives them."""

    ON_HAND = "on_hand", _("On hand, saleable")
    RESERVED = "reserved", _("Reserved")
    LAPSED = "lapsed", _("Reservations that have lapsed")
    SAFETY = "safety", _("Safety stock")
    DRIFT = "drift", _("Sold since the tills last reported")
    WAITING = "waiting", _("Waits for stock")
    THRESHOLD = "threshold", _("Threshold of the channel")
    NEVER_BELOW_ZERO = "never_below_zero", _("Never below zero")
    NOT_OFFERED = "not_offered", _("Does not take part")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row behind a term: a shelf with what lies there, a reservation with what it holds, an order with what it waits for,
    a till feed (by the moment up to which sales are known) with what is sold a day."""

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
    """A location's terms; they add up to what it can promise. `feed_age` is how old the word of its tills is."""

    location: Entry
    terms: tuple[Term, ...]
    oversold: Decimal
    feed_age: dt.timedelta | None = None

    @property
    def promisable(self) -> Decimal:
        return sum((term.quantity for term in self.terms), ZERO)

    def part(self, rule: str) -> Decimal:
        """The quantity of one rule; zero when it plays no part."""
        return sum((term.quantity for term in self.terms if term.rule == rule), ZERO)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The sums of the locations that take part, as of a moment, and the terms that are about all of them together."""

    as_of: dt.datetime
    method: Method
    sums: tuple[LocationSum, ...]
    terms: tuple[Term, ...] = ()

    @property
    def available(self) -> Decimal:
        return self.at_locations + sum((term.quantity for term in self.terms), ZERO)

    @property
    def at_locations(self) -> Decimal:
        return sum((one.promisable for one in self.sums), ZERO)


def explain(*, variant_id: int, locations: Iterable[Entry], method: Method) -> Explanation:
    """Take the availability of a variant apart at the given locations, in their order.

    Four queries; one more when tills report late.
    """
    now = timezone.now()
    entries = list(locations)
    ids = [entry.id for entry in entries]
    levels, held, shelves = _levels(variant_id, ids, method), _held(variant_id, ids), _shelves(variant_id, ids)
    waiting = _waiting(variant_id) if method == Method.COLLECT else {}
    unseen = drift(variant_ids=[variant_id], location_ids=set(ids))
    sums = []
    for entry in entries:
        terms, oversold = _terms(levels.get(entry.id), held.get(entry.id, []), shelves.get(entry.id, ()), now)
        if entry.id in levels:
            terms += _unseen(entry, unseen.get((variant_id, entry.id), ZERO))
            terms += _waits(waiting.get(entry.id, ()))
        sums.append(LocationSum(entry, _closed(terms, entry, method), oversold, age_of(entry.id, now)))
    return Explanation(as_of=now, method=method, sums=tuple(sums))


def explain_delivery(*, variant_id: int, locations: Iterable[Entry], channel: str = "") -> Explanation:
    """As `explain`, for what can be sent from these locations together, in a channel (by its code).

    Five queries, six where it has a threshold; one more when tills report late.
    """
    at_locations = explain(variant_id=variant_id, locations=locations, method=Method.DELIVERY)
    terms = _waits(_waiting(variant_id).get(None, ()))
    if rules().has_threshold(channel):
        category_id = Variant.objects.values_list("product__category_id", flat=True).get(pk=variant_id)
        held = rules().threshold_of(channel=channel, variant_id=variant_id, category_id=category_id)
        terms += [Term(Rule.THRESHOLD, -held)] if held else []
    total = at_locations.available + sum((term.quantity for term in terms), ZERO)
    if total < 0:
        terms.append(Term(Rule.NEVER_BELOW_ZERO, -total))
    return replace(at_locations, terms=tuple(terms))


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


def _levels(variant_id: int, location_ids: list[int], method: Method) -> dict[int, _Level]:
    # What an owner had there and has no more keeps nothing: the goods of who has them now do.
    safety = f"safety_{method}"
    of_free = Sum(safety, filter=models.Q(on_hand__gt=models.F("reserved")))
    rows = (
        StockLevel.objects.saleable()
        .filter(variant=variant_id, location__in=location_ids)
        .values_list("location_id")
        .annotate(Sum("on_hand"), Sum("reserved"), kept=Greatest(of_free, Max(safety)), short=Sum("oversold"))
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
        PlaceLevel.objects.filter(variant=variant_id, location__in=location_ids, condition="saleable", quantity__gt=0)
        .values_list("location_id", "place__code")
        .annotate(there=models.Sum("quantity"))
        .order_by("-there", "place__code")
    )
    found: dict[int, list[Evidence]] = defaultdict(list)
    for location_id, code, quantity in rows:
        found[location_id].append(Evidence("shelf", code, quantity))
    return {location_id: tuple(evidence) for location_id, evidence in found.items()}


def _waiting(variant_id: int) -> dict[int | None, tuple[Evidence, ...]]:
    """What waits for stock, oldest first: of one location, or (None) of any that sends."""
    left = models.F("quantity") - models.F("consumed") - models.F("released")
    rows = (
        Demand.objects.filter(variant=variant_id, level=None, quantity__gt=models.F("consumed") + models.F("released"))
        .order_by("pk")
        .values_list("wanted_at_id", "reservation__reference", left)
    )
    found: dict[int | None, list[Evidence]] = defaultdict(list)
    for location_id, reference, quantity in rows:
        found[location_id].append(Evidence("order", reference, quantity))
    return {location_id: tuple(evidence) for location_id, evidence in found.items()}


def _terms(
    level: _Level | None, held: list[_Held], shelves: tuple[Evidence, ...], now: dt.datetime
) -> tuple[list[Term], Decimal]:
    """What the books of a location say, and what it is oversold by."""
    if level is None:
        return [Term(Rule.ON_HAND, ZERO, shelves)], ZERO
    lapsed = [h for h in held if h.expires_at is not None and h.expires_at <= now]
    terms = [
        Term(Rule.ON_HAND, level.on_hand, shelves),
        Term(Rule.RESERVED, -level.reserved, _as_evidence(held)),
    ]
    if lapsed:
        terms.append(Term(Rule.LAPSED, sum((h.quantity for h in lapsed), ZERO), _as_evidence(lapsed)))
    return [*terms, Term(Rule.SAFETY, -level.safety)], level.oversold


def _unseen(entry: Entry, quantity: Decimal) -> list[Term]:
    if not quantity:
        return []
    known_until, _in_batches = feeds()[entry.id]
    return [Term(Rule.DRIFT, -quantity, (Evidence("feed", known_until.isoformat(), quantity),))]


def _waits(waiting: tuple[Evidence, ...]) -> list[Term]:
    wanted = sum((one.quantity for one in waiting), ZERO)
    return [Term(Rule.WAITING, -wanted, waiting)] if wanted else []


def _closed(terms: list[Term], entry: Entry, method: Method) -> tuple[Term, ...]:
    """The terms with what makes the sum come out: never below zero, and nothing where a location does not take part."""
    total = sum((term.quantity for term in terms), ZERO)
    if total < 0:
        terms.append(Term(Rule.NEVER_BELOW_ZERO, -total))
    elif total and not takes_part(entry, method):
        terms.append(Term(Rule.NOT_OFFERED, -total))
    return tuple(terms)


def _as_evidence(held: list[_Held]) -> tuple[Evidence, ...]:
    return tuple(Evidence("reservation", h.reference, h.quantity) for h in held)
