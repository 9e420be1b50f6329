"""Finding a variant by what stands on its label."""

import contextlib

from django.db.models import Q, QuerySet

from apps.catalogue.gtins import InvalidGtin, parse_gtin
from apps.catalogue.models import Gtin, Variant


def variants_by_code(variants: QuerySet[Variant], code: str) -> QuerySet[Variant]:
    """Narrow variants to the one with this SKU (in any case) or GTIN (in any length); at most one."""
    code = code.strip()
    if not code or "\x00" in code:
        return variants.none()
    # Three spellings by the index, instead of comparing every SKU without regard to case.
    is_it = Q(sku__in={code, code.upper(), code.lower()})
    with contextlib.suppress(InvalidGtin):
        is_it |= Q(pk__in=Gtin.objects.filter(code=parse_gtin(code)).values("variant"))
    return variants.filter(is_it)
