"""What stands on the paper of a store: the sheet to count on, the labels on its shelves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from apps.catalogue.gtins import shown
from apps.catalogue.models import Variant
from apps.catalogue.services.finding import variants_by_code
from apps.catalogue.services.selling import Offer, sellable_in
from apps.inventory.models import Count, CountItem, PlaceLevel, StockLevel, StoreTask
from apps.network.models import Channel, Location

_NO_OFFER = Offer(None, "", None, None, None)


@dataclass(frozen=True)
class CountRow:
    """Something to count, and where it lies ("" when no shelf is known). How many there should be is left out."""

    shelf: str
    variant: Variant

    @property
    def gtin(self) -> str:
        return gtin_of(self.variant)


def gtin_of(variant: Variant) -> str:
    """The bar code to print, as its digits stand on the label: a consumer's pack before a case."""
    codes = sorted((gtin.code for gtin in variant.gtins.all()), key=lambda code: (not code.startswith("0"), code))
    return shown(codes[0]) if codes else ""


def rows_to_count(
    *, location: Location, shelf: str = "", only_asked: bool = False, count: Count | None = None, limit: int
) -> list[CountRow]:
    """What to count in a location, in the order in which one walks past it; what has no shelf comes last.

    `shelf` narrows to the shelves whose code begins so, `only_asked` to what the store's open tasks ask for, `count` to what
    that count asks for.
    """
    placed = PlaceLevel.objects.filter(location=location, condition="saleable", place__code__istartswith=shelf)
    loose: QuerySet[Any] = StockLevel.objects.filter(location=location).saleable().exclude(on_hand=0)
    if only_asked:
        asked = StoreTask.objects.open().filter(location=location).values("variant")
        placed = placed.filter(variant__in=asked)
        loose = StockLevel.objects.filter(location=location, variant__in=asked).saleable()
    elif count is not None:
        items = CountItem.objects.filter(count=count, round=count.round).values("variant")
        placed, loose = placed.filter(variant__in=items), loose.filter(variant__in=items)
    by_shelf = ("place__code", "variant__sku")  # whoever the goods belong to
    rows = [
        CountRow(level.place.code, level.variant)
        for level in _with_words(placed.select_related("place")).order_by(*by_shelf).distinct(*by_shelf)[:limit]
    ]
    if shelf or len(rows) == limit:
        return rows
    known = PlaceLevel.objects.filter(location=location, condition="saleable").values("variant")
    loose = _with_words(loose.exclude(variant__in=known)).order_by("variant__sku")
    loose = loose.distinct("variant__sku")[: limit - len(rows)]
    return [*rows, *(CountRow("", level.variant) for level in loose)]


def _with_words(levels: QuerySet[Any]) -> QuerySet[Any]:
    return levels.select_related("variant__product").prefetch_related("variant__product__texts", "variant__gtins")


@dataclass(frozen=True)
class ShelfLabel:
    """A label below a product on a shelf."""

    variant: Variant
    shelf: str
    offer: Offer

    @property
    def gtin(self) -> str:
        return gtin_of(self.variant)


def labels_for(
    variants: QuerySet[Variant],
    *,
    location: Location | None,
    channel: Channel | None,
    code: str = "",
    shelf: str = "",
    limit: int,
) -> list[ShelfLabel]:
    """A label for each shelf on which a variant lies, in their order; for one without a shelf a label all the same.

    `variants` are those that the reader may see, `code` narrows them to a SKU, a GTIN, or all of a product; without it
    the labels are those of the shelves whose code begins with `shelf`. Prices are the channel's.
    """
    if code:
        wanted = variants.filter(
            Q(product__code__iexact=code) | Q(pk__in=variants_by_code(variants, code).values("pk"))
        )
    elif location is not None:
        wanted = variants.filter(
            place_levels__location=location, place_levels__place__code__istartswith=shelf
        ).distinct()
    else:
        return []
    wanted = wanted.select_related("product").prefetch_related("product__texts", "gtins").order_by("sku")
    found = list(wanted[:limit])
    shelves = _shelves(location, found, shelf)
    offers = sellable_in(channel, variants=found) if channel else {}
    labels = [
        ShelfLabel(variant, spot, offers.get(variant.pk, _NO_OFFER))
        for variant in found
        for spot in shelves.get(variant.pk) or [""]
    ]
    return sorted(labels, key=lambda label: (not label.shelf, label.shelf, label.variant.sku))[:limit]


def _shelves(location: Location | None, variants: Sequence[Variant], begin: str) -> dict[int, list[str]]:
    shelves: dict[int, list[str]] = defaultdict(list)
    if location is not None:
        levels = PlaceLevel.objects.for_sale().filter(
            location=location, variant__in=variants, place__code__istartswith=begin
        )
        for variant_id, spot in levels.order_by("place__code").values_list("variant_id", "place__code").distinct():
            shelves[variant_id].append(spot)
    return shelves


@dataclass(frozen=True)
class LabelPaper:
    """The paper that labels are printed on: `across` × `down` labels a page; a roll has pages of one label."""

    name: str
    across: int
    down: int

    @property
    def per_page(self) -> int:
        return self.across * self.down

    def pages(self, labels: Iterable[ShelfLabel], *, used: int) -> Iterator[list[ShelfLabel | None]]:
        """The labels page by page; the first `used` places of the first page are empty, for they were peeled off.

        As many as a page has, or more, are whole pages: nobody prints on those, and a roll has no places to skip.
        """
        places: list[ShelfLabel | None] = [*([None] * (used % self.per_page)), *labels]
        for start in range(0, len(places), self.per_page):
            yield places[start : start + self.per_page]


PAPERS = {
    paper.name: paper
    for paper in (LabelPaper("a4-70x37", 3, 8), LabelPaper("a4-99x38", 2, 7), LabelPaper("roll-57x32", 1, 1))
}
