"""Finding a variant by what stands on its label."""

import contextlib
from collections.abc import Sequence

from django.db.models import Case, F, Q, QuerySet, Value, When

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


def variants_by_gtins(variants: QuerySet[Variant], gtins: Sequence[str]) -> QuerySet[Variant]:
    """Narrow variants to those with one of these GTINs of 14 digits, in the order of the GTINs; `gtin` is which."""
    place = Case(*(When(gtins__code=gtin, then=Value(n)) for n, gtin in enumerate(gtins)), default=Value(len(gtins)))
    found = variants.filter(gtins__code__in=gtins)
    return found.annotate(gtin=F("gtins__code"), gtin_place=place).order_by("gtin_place")
