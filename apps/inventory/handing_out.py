"""A hand-out for whoever picks in a store: where each article stands there, and where to get what the store has not got."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Sum

from apps.catalogue.models import Variant
from apps.catalogue.services.selling import sellable_in
from apps.catalogue.showing import webshop_shown
from apps.inventory.models import StockLevel
from apps.inventory.services.availability import THOUSAND, Question, availability
from apps.inventory.standing import Nearby, shelves_at
from apps.network.directory import locations
from apps.network.models import Location

_NEAREST = 10  # locations looked at for what is not there
ZERO = Decimal(0)


@dataclass(frozen=True)
class Stand:
    """An article on the list: so many are wanted, so many can be taken here, from these shelves in walking order.

    For what is missing: the nearest store that has all of it, or else some, and how many the webshop can send, of an article
    that it sells.
    """

    variant: Variant
    wanted: Decimal
    there: Decimal
    shelves: Sequence[str] = ()
    nearest: Nearby | None = None
    can_be_sent: Decimal = ZERO

    @property
    def here(self) -> Decimal:
        return min(self.wanted, self.there)

    @property
    def missing(self) -> Decimal:
        return self.wanted - self.here

    @property
    def is_sent(self) -> bool:
        """Whether the webshop can send what is missing."""
        return self.missing > 0 and self.can_be_sent >= self.missing


def shelf_list(
    *, location: Location, goods: Sequence[tuple[Variant, Decimal]], set_aside: Mapping[int, Decimal] | None = None
) -> list[Stand]:
    """Where articles (with `product` at hand, each once) stand in a store, in walking order; what has no shelf comes last.

    `set_aside` is what the store keeps for these very customers, of what is promised: {variant id: quantity}. The number of
    queries does not depend on that of the articles.
    """
    if not goods:
        return []
    ids = [variant.pk for variant, _quantity in goods]
    levels = StockLevel.objects.saleable().filter(location=location, variant__in=ids).order_by()
    free = dict(levels.values_list("variant_id").annotate(free=Sum(F("on_hand") - F("reserved"))))
    kept = set_aside or {}
    shelves = shelves_at(location.pk, ids)
    stands = [
        Stand(
            variant,
            wanted,
            max(free.get(variant.pk, ZERO) + kept.get(variant.pk, ZERO), ZERO),
            tuple(shelves.get(variant.pk, ())),
        )
        for variant, wanted in goods
    ]
    stands = _with_ways_out(location, stands)
    return sorted(stands, key=lambda one: (not one.shelves, one.shelves[:1], one.variant.sku))


def _with_ways_out(location: Location, stands: Sequence[Stand]) -> list[Stand]:
    short = [one.variant for one in stands if one.missing]
    if not short:
        return list(stands)
    home = locations(knowing=[location.pk]).by_id[location.pk]
    answers = availability(Question([variant.sku for variant in short], near=home.point, limit=_NEAREST))
    webshop = webshop_shown()
    offers = sellable_in(webshop, variants=short) if webshop is not None else {}
    found = []
    for one in stands:
        answer = answers.get(one.variant.sku) if one.missing else None
        if answer is None:
            found.append(one)
            continue
        others = [
            Nearby(near.location, near.km, Decimal(near.free) / THOUSAND, near.shelf)
            for near in answer.here
            if near.location.id != location.pk and near.location.kind == Location.Kind.STORE
        ]
        has_all = next((near for near in others if near.available >= one.missing), None)
        is_sold = one.variant.pk in offers and offers[one.variant.pk].is_sellable
        found.append(
            Stand(
                one.variant,
                one.wanted,
                one.there,
                one.shelves,
                has_all or next(iter(others), None),
                Decimal(answer.delivery) / THOUSAND if is_sold else ZERO,
            )
        )
    return found
