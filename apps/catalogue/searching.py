"""Products in the search box."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from apps.catalogue.gtins import InvalidGtin, parse_gtin
from apps.catalogue.matching import with_words
from apps.catalogue.models import Gtin, Product, Variant
from apps.catalogue.tables import state_of
from apps.portal.contributions import SearchHit

SHORTEST = 2


def find_products(principal: Any, text: str, limit: int) -> Iterable[SearchHit]:
    """Products by name, code, SKU or bar code; a full SKU, code or bar code is exact."""
    if len(text) < SHORTEST:
        return
    visible = Product.objects.visible_to(principal)
    exact = _by_full_code(text)
    rows = visible.filter(pk__in=exact) if exact else with_words(visible, text)
    for product in rows.prefetch_related("texts").order_by("code")[:limit]:
        tone, word = state_of(product, timezone.localdate())
        yield SearchHit(
            title=product.name,
            url=product.get_absolute_url(),
            meta=product.code,
            status=word,
            tone=tone,
            exact=bool(exact) or product.code.casefold() == text.casefold(),
        )


def _by_full_code(text: str) -> list[int]:
    """The product of a bar code or SKU that is there in full."""
    by_sku = Variant.objects.filter(sku__in={text, text.upper()}).values_list("product", flat=True)
    try:
        by_gtin = Gtin.objects.filter(code=parse_gtin(text)).values_list("variant__product", flat=True)
    except InvalidGtin:
        return list(by_sku)
    return list({*by_sku, *by_gtin})
