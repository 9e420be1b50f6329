"""A count as a walk: shelf after shelf, what is to be counted on each, and how far people are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import Sum

from apps.catalogue.models import Variant
from apps.core.ids import new_id
from apps.inventory.models import Count, CountedLine, CountItem, PlaceLevel, StockLevel


@dataclass(frozen=True)
class Stop:
    """A shelf on the way ("" for what has no shelf): so many products to count, of which so many were."""

    shelf: str
    to_count: int
    counted: int

    @property
    def is_done(self) -> bool:
        return self.counted >= self.to_count


@dataclass(frozen=True)
class Row:
    """A product on a shelf, and how many were counted there; None when nobody counted it. `book` is told where it may be."""

    variant: Variant
    counted: Decimal | None
    book: Decimal | None
    token: str


class Walk:
    """What is to be counted in the round of now, from the shelf `at` on; without one from the first where something is left."""

    def __init__(self, count: Count, at: str | None = None) -> None:
        self.count, self._at = count, at

    @cached_property
    def _asked(self) -> list[int]:
        items = CountItem.objects.filter(count=self.count, round=self.count.round)
        return list(items.order_by("pk").values_list("variant_id", flat=True))

    @cached_property
    def _counted(self) -> dict[str, dict[int, Decimal]]:
        """{shelf: {variant id: quantity}} of this round."""
        standing = (
            CountedLine.objects.filter(count=self.count, round=self.count.round)
            .order_by("variant_id", "shelf", "-pk")
            .distinct("variant_id", "shelf")
        )
        found: dict[str, dict[int, Decimal]] = defaultdict(dict)
        for shelf, variant_id, quantity in standing.values_list("shelf", "variant_id", "quantity"):
            found[shelf][variant_id] = quantity
        return found

    @cached_property
    def _on_shelves(self) -> dict[str, list[int]]:
        """What is to be counted where: {shelf: variant ids}, in walking order; what has no shelf comes last."""
        placed = PlaceLevel.objects.filter(
            location=self.count.location_id, variant__in=self._asked, condition="saleable"
        )
        found: dict[str, list[int]] = defaultdict(list)
        for shelf, variant_id in (
            placed.order_by("place__code", "variant__sku").values_list("place__code", "variant_id").distinct()
        ):
            found[shelf].append(variant_id)
        known = {variant_id for ids in found.values() for variant_id in ids}
        for shelf in sorted(self._counted.keys() - found.keys()):
            found[shelf] = []
        return dict(sorted(found.items())) | self._loose([v for v in self._asked if v not in known], found)

    def _loose(self, variant_ids: list[int], found: dict[str, list[int]]) -> dict[str, list[int]]:
        return {"": variant_ids} if variant_ids or "" in found or not found else {}

    def _is_counted(self, shelf: str, variant_id: int) -> bool:
        """Who counted it without a shelf counted all there is."""
        return variant_id in self._counted.get(shelf, ()) or variant_id in self._counted.get("", ())

    @cached_property
    def stops(self) -> list[Stop]:
        return [
            Stop(shelf, len(ids), sum(self._is_counted(shelf, variant_id) for variant_id in ids))
            for shelf, ids in self._on_shelves.items()
        ]

    @cached_property
    def here(self) -> Stop:
        if self._at is not None:
            known = next((stop for stop in self.stops if stop.shelf.casefold() == self._at.casefold()), None)
            return known or Stop(self._at, 0, 0)
        return next((stop for stop in self.stops if not stop.is_done), self.stops[0])

    @property
    def before(self) -> Stop | None:
        return self._beside(-1)

    @property
    def after(self) -> Stop | None:
        return self._beside(1)

    def _beside(self, step: int) -> Stop | None:
        if self.here not in self.stops:
            return None
        place = self.stops.index(self.here) + step
        return self.stops[place] if 0 <= place < len(self.stops) else None

    @property
    def total(self) -> int:
        return len(self._asked)

    @cached_property
    def done(self) -> int:
        """How many products were counted on every shelf where they are to be counted."""
        missing = {
            variant_id
            for shelf, ids in self._on_shelves.items()
            for variant_id in ids
            if not self._is_counted(shelf, variant_id)
        }
        return self.total - len(missing)

    @cached_property
    def rows(self) -> Sequence[Row]:
        """What is to be counted on this shelf, and what else people counted on it. Three queries."""
        shelf = self.here.shelf
        counted = self._counted.get(shelf, {})
        asked = self._on_shelves.get(shelf, [])
        ids = [*asked, *(variant_id for variant_id in counted if variant_id not in asked)]
        variants = Variant.objects.select_related("product").prefetch_related("product__texts").in_bulk(ids)
        books = {} if self.count.blind else self._books(ids)
        return [
            Row(variants[variant_id], counted.get(variant_id), books.get(variant_id), str(new_id()))
            for variant_id in ids
        ]

    def _books(self, variant_ids: Iterable[int]) -> dict[int, Decimal]:
        levels = StockLevel.objects.filter(location=self.count.location_id, variant__in=list(variant_ids)).saleable()
        return dict(levels.order_by().values("variant_id").values_list("variant_id", Sum("on_hand")))
