"""Finding products and variants by what people type."""

from django.db.models import Q, QuerySet

from apps.catalogue.models import Gtin, Product, ProductText, Variant

_SHORTEST_GTIN = 8


def with_words(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Products in whose names, code, SKUs or bar codes each word is found."""
    for word in text.split():
        found = (
            Q(code__istartswith=word)
            | Q(pk__in=ProductText.objects.filter(name__icontains=word).values("product"))
            | Q(pk__in=Variant.objects.filter(sku__istartswith=word).values("product"))
        )
        if word.isdigit() and len(word) >= _SHORTEST_GTIN:
            found |= Q(pk__in=Gtin.objects.filter(code__endswith=word).values("variant__product"))
        products = products.filter(found)
    return products


def variants_with_words(text: str) -> QuerySet[Variant]:
    """Variants whose SKU, bar code, product code or product name has each word."""
    variants = Variant.objects.all()
    for word in text.split():
        found = (
            Q(sku__istartswith=word)
            | Q(product__code__istartswith=word)
            | Q(product__in=ProductText.objects.filter(name__icontains=word).values("product"))
        )
        if word.isdigit() and len(word) >= _SHORTEST_GTIN:
            found |= Q(pk__in=Gtin.objects.filter(code__endswith=word).values("variant"))
        variants = variants.filter(found)
    return variants
