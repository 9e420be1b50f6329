"""Goods as people and scanners type them: one product a line, then how many."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.catalogue.services.finding import variants_by_code

MOST_LINES = 100
LONGEST_TEXT = 6000
MOST_PIECES = Decimal(99_999)
_LINE = re.compile(r"([^\s;,]+)(?:[\s;,]+(\d{1,9}(?:[.,]\d{1,3})?))?")


def goods_in(text: str, *, variants: QuerySet[Variant]) -> list[tuple[Variant, Decimal]]:
    """(variant, quantity) out of `SKU or bar code, how many (nothing: one)`, each variant once: scanned twice is two.

    `variants` are those that may be named. Raises ValidationError, which says which line is not known, or names too many.
    """
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
    written = [(n, line, _LINE.fullmatch(line)) for n, line in lines]
    by_sku = {v.sku: v for v in variants.filter(sku__in={m[1] for _n, _line, m in written if m and "\x00" not in m[1]})}
    found: dict[int, tuple[Variant, Decimal]] = {}
    for n, line, match in written:
        variant = (by_sku.get(match[1]) or variants_by_code(variants, match[1]).first()) if match else None
        if match is None or variant is None:
            raise ValidationError(_("Line %(line)s: “%(text)s” is not known.") % {"line": n, "text": line[:60]})
        quantity = Decimal((match[2] or "1").replace(",", "."))
        before = found.get(variant.pk, (variant, Decimal(0)))[1]
        if before + quantity > MOST_PIECES:
            raise ValidationError(_("Line %(line)s: that is too many.") % {"line": n})
        found[variant.pk] = (variant, before + quantity)
        if len(found) > MOST_LINES:
            raise ValidationError(_("At most %(most)s products at once.") % {"most": MOST_LINES})
    return list(found.values())


def variants_in(text: str, *, variants: QuerySet[Variant]) -> list[Variant]:
    """The variants that SKUs, bar codes and product codes name, each once; a product code stands for all of its variants.

    `variants` are those that may be named. Raises ValidationError, which says which code is not known.
    """
    found: dict[int, Variant] = {}
    for code in re.split(r"[\s,;]+", text.strip()):
        named = list(variants_by_code(variants, code)) or list(variants.filter(product__code=code))
        if not named:
            raise ValidationError(_("“%(code)s” is not known.") % {"code": code[:60]})
        found |= {variant.pk: variant for variant in named}
    return list(found.values())
