"""Products in the search box."""

from typing import Any

from django.utils import timezone

from apps.catalogue.gtins import InvalidGtin, parse_gtin
from apps.catalogue.matching import best_first
from apps.catalogue.models import Gtin, Product, Variant
from apps.catalogue.tables import state_of
from apps.portal.contributions import Found, SearchHit

SHORTEST = 2


def find_products(principal: Any, text: str, limit: int) -> Found:
    """Products by name, code, SKU or bar code, slips of the finger forgiven; a full SKU, code or bar code is exact."""
    if len(text) < SHORTEST:
        return Found()
    visible = Product.objects.visible_to(principal)
    exact = _by_full_code(text)
    rows = visible.filter(pk__in=exact).order_by("code") if exact else best_first(visible, text)
    rows = rows.prefetch_related("texts")
    today = timezone.localdate()

    def as_hit(product: Product) -> SearchHit:
        tone, word = state_of(product, today)
        return SearchHit(
            title=product.name,
            url=product.get_absolute_url(),
            meta=product.code,
            status=word,
            tone=tone,
            exact=bool(exact) or product.code.casefold() == text.casefold(),
        )

    return Found.of(rows, as_hit, limit)


def _by_full_code(text: str) -> list[int]:
    """The product of a bar code or SKU that is there in full."""
    by_sku = Variant.objects.filter(sku__in={text, text.upper()}).values_list("product", flat=True)
    try:
        by_gtin = Gtin.objects.filter(code=parse_gtin(text)).values_list("variant__product", flat=True)
    except InvalidGtin:
        return list(by_sku)
    return list({*by_sku, *by_gtin})
