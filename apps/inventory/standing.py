"""How a variant stands: at one location, near by, and for delivery. What pages and the scan box show."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from apps.catalogue.models import Variant
from apps.inventory.models import IN_THE_BUILDING, Condition, Method, Place, PlaceLevel, StockLevel
from apps.inventory.services.availability import THOUSAND, Here, Question, availability
from apps.inventory.services.explaining import (
    Evidence,
    Explanation,
    LocationSum,
    Rule,
    explain,
    explain_delivery,
    takes_part,
)
from apps.network.directory import Entry, locations
from apps.network.models import Location

NEAR = 6  # locations shown as near by
LISTED = 25  # locations shown on a variant's own page
ZERO = Decimal(0)


@dataclass(frozen=True)
class Nearby:
    """What another location has: so many, so far, on this shelf."""

    location: Entry
    km: float | None
    available: Decimal
    shelf: str | None


@dataclass(frozen=True)
class Standing:
    """A variant seen from a store (or from nowhere in particular).

    `here` is the sum of that store, `sellable_here` what can be sold to somebody who stands in it, `nearby` the nearest
    others that have some, `delivery` what can be sent, `expected` what more can be sent later: (day, quantity), the first first.
    """

    here: LocationSum | None
    nearby: list[Nearby]
    delivery: Decimal
    expected: Sequence[tuple[dt.date, Decimal]] = ()

    @property
    def sellable_here(self) -> Decimal:
        """On hand less what is promised: the safety stock is there for whoever walks in."""
        if self.here is None:
            return ZERO
        return max(sum((self.here.part(rule) for rule in (Rule.ON_HAND, Rule.RESERVED, Rule.LAPSED)), ZERO), ZERO)

    @property
    def on_hand_here(self) -> Decimal:
        return self.here.part(Rule.ON_HAND) if self.here else ZERO

    @property
    def reserved_here(self) -> Decimal:
        return -(self.here.part(Rule.RESERVED) + self.here.part(Rule.LAPSED)) if self.here else ZERO

    @property
    def shelves(self) -> Sequence[Evidence]:
        return self.here.terms[0].evidence if self.here else ()


def standing_of(variant: Variant, *, store: Location | None) -> Standing:
    """How a variant stands, seen from a store. Six queries."""
    home = locations(knowing=[store.pk]).by_id[store.pk] if store is not None else None
    near = home.point if home else None
    answer = availability(Question([variant.sku], near=near, limit=NEAR + 1))[variant.sku]
    here = explain(variant_id=variant.pk, locations=[home], method=Method.COLLECT).sums[0] if home else None
    others = [found for found in answer.here if home is None or found.location.id != home.id]
    return Standing(
        here=here,
        nearby=[_nearby(found) for found in others[:NEAR]],
        delivery=Decimal(answer.delivery) / THOUSAND,
        expected=[(day, Decimal(quantity) / THOUSAND) for day, quantity in answer.expected],
    )


def _nearby(found: Here) -> Nearby:
    return Nearby(found.location, found.km, Decimal(found.free) / THOUSAND, found.shelf)


def conditions_at(levels: Any, *, variant: Variant, location: Location) -> dict[str, Decimal]:
    """How many of a variant there are at a location in each condition: {condition: quantity}. `levels` narrows by reach."""
    rows = levels.filter(variant=variant, location=location).order_by().values_list("condition")
    return dict(rows.annotate(Sum("on_hand")))


def apart_of(variant: Variant, *, levels: Any, limit: int) -> list[StockLevel]:
    """What there is of a variant that is not for sale: on display, damaged, on its way and so on."""
    rows = levels.filter(variant=variant).exclude(condition="saleable").exclude(on_hand=0)
    return list(rows.select_related("location", "owner").order_by("location__code", "condition", "owner")[:limit])


def places_with(location_id: int, variant_id: int, *, condition: str) -> list[str]:
    """The places of a location where a variant lies in a condition and is not set apart yet, in walking order."""
    held = PlaceLevel.objects.filter(location=location_id, variant=variant_id, condition=condition, quantity__gt=0)
    held = held.exclude(place__kind=Place.Kind.QUARANTINE)
    return list(held.order_by("place__code").values_list("place__code", flat=True).distinct())


def shelves_at(location_id: int, variant_ids: Sequence[int]) -> dict[int, list[str]]:
    """The places of a location where variants lie for sale, in walking order: {variant id: [codes]}."""
    seen = PlaceLevel.objects.for_sale().filter(location=location_id, variant__in=variant_ids, quantity__gt=0)
    shelves: dict[int, list[str]] = defaultdict(list)
    for variant_id, code in seen.order_by("place__code").values_list("variant", "place__code").distinct():
        shelves[variant_id].append(code)
    return shelves


def piles_at(location: Location, variant: Variant) -> list[tuple[str, str, Decimal]]:
    """Where a variant lies in a location: (condition, code of the place or "" for none, quantity), what is saleable first.

    Of a condition what lies on no place comes first, then the stockroom, then where it is sold. Two queries.
    """
    there = StockLevel.objects.filter(location=location, variant=variant, condition__in=IN_THE_BUILDING).order_by()
    rest = dict(there.values_list("condition").annotate(Sum("on_hand")))
    placed = PlaceLevel.objects.filter(location=location, variant=variant, quantity__gt=0).order_by()
    piles = []
    for condition, code, kind, quantity in placed.values_list("condition", "place__code", "place__kind").annotate(
        Sum("quantity")
    ):
        rest[condition] = rest.get(condition, ZERO) - quantity
        piles.append((condition, code, _WALK[kind], quantity))
    piles += [(condition, "", 0, quantity) for condition, quantity in rest.items() if quantity > 0]
    piles.sort(key=lambda pile: (pile[0] != Condition.SALEABLE, pile[0], pile[2], pile[1]))
    return [(condition, code, quantity) for condition, code, _rank, quantity in piles]


_WALK = {kind: n for n, kind in enumerate(("stockroom", "shelf", "bin", "quarantine", "staging"), start=1)}


def sums_of(
    variant: Variant, *, levels: Iterable[StockLevel], store: Location | None, method: Method, limit: int
) -> tuple[Explanation, int]:
    """The sums of the nearest locations that know the variant, and how many locations know it in all.

    `levels` are the rows that the reader may see.
    """
    known: Any = levels
    ids = set(known.filter(variant=variant, condition="saleable").values_list("location_id", flat=True))
    directory = locations(knowing=ids)
    home = directory.by_id.get(store.pk) if store is not None else None
    place = directory.ranking(home.point if home else None).place
    nearest = sorted(ids, key=lambda id_: (home is None or id_ != home.id, place[id_]))
    entries = [directory.by_id[id_] for id_ in nearest[:limit]]
    return explain(variant_id=variant.pk, locations=entries, method=method), len(ids)


def shipping_sums(variant: Variant, *, levels: Iterable[StockLevel], channel: str) -> Explanation:
    """The sums of all locations that send parcels, of those that the reader may see, for a channel (by its code)."""
    known: Any = levels
    ids = set(known.filter(variant=variant, condition="saleable").values_list("location_id", flat=True))
    directory = locations(knowing=ids)
    entries = [e for e in directory.by_id.values() if e.id in ids and takes_part(e, Method.DELIVERY)]
    return explain_delivery(
        variant_id=variant.pk, locations=sorted(entries, key=lambda e: (e.kind != "dc", e.code)), channel=channel
    )
