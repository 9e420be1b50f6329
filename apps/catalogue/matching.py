"""Finding products and variants by what people type."""

from typing import Any, Literal

from django.db.models import F, Max, OuterRef, QuerySet, Subquery

from apps.catalogue.models import Gtin, Product, ProductText, Variant
from apps.core.spelling import likeness, spelled_like, words_of

_SHORTEST_GTIN, _LONGEST_GTIN = 8, 14
_MOST_RANKED = 400  # of more than these nobody wants to know which is the best


def with_words(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Products with each word in one of their names, however it was spelled, or whose code, SKU or bar code the text is."""
    found = _names(text).values("product").union(*_by_code(text, "product"), all=True)
    return products.filter(pk__in=found)


def variants_with_words(text: str) -> QuerySet[Variant]:
    """Variants of such products; of a SKU or bar code, that variant alone."""
    found = _names(text).values("product__variants").union(*_by_code(text, "variant"), all=True)
    return Variant.objects.filter(pk__in=found)


def best_first(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """The products that match, those with the likeliest names first.

    Which ones match is read here and now: joined to all products it would cost twice as much.
    """
    matching = _names(text).values_list("product").union(*_by_code(text, "product"), all=True)[:_MOST_RANKED]
    names = ProductText.objects.filter(product=OuterRef("pk")).annotate(alike=likeness("name", text))
    best = names.values("product").annotate(best=Max("alike")).values("best")
    ranked = products.filter(pk__in={pk for (pk,) in matching}).annotate(alike=Subquery(best))
    return ranked.order_by(F("alike").desc(nulls_last=True), "code")


def _names(text: str) -> QuerySet[ProductText]:
    """Names that have each word."""
    names = ProductText.objects.all()
    for word in words_of(text):
        names = names.filter(spelled_like("name", word))
    return names


def _by_code(text: str, wanted: Literal["product", "variant"]) -> list[QuerySet[Any]]:
    """Ids of what a code stands for; each part reads an index of its own."""
    of_variant = {"product": "product", "variant": "pk"}[wanted]
    parts: list[QuerySet[Any]] = [
        Product.objects.filter(code__istartswith=text).values({"product": "pk", "variant": "variants"}[wanted]),
        Variant.objects.filter(sku__istartswith=text).values(of_variant),
    ]
    if text.isdigit() and len(text) >= _SHORTEST_GTIN:
        gtins = Gtin.objects.filter(code__in={text, text.zfill(_LONGEST_GTIN)})
        parts.append(gtins.values({"product": "variant__product", "variant": "variant"}[wanted]))
    return parts
