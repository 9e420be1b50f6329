"""Changing what the catalogue has already: words, VAT class, variants that are added, bar codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.gtins import parse_gtin, shown
from apps.catalogue.models import Gtin, Product, ProductText, Variant
from apps.catalogue.services.maintaining import NewVariant
from apps.core.errors import Conflict
from apps.core.events.log import Happened, record_many


@dataclass(frozen=True, slots=True)
class ProductChange:
    """New values of a product's own fields (brand, category, vat_class), and names by locale."""

    product: Product
    fields: Mapping[str, object] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def change_products(*, changes: Sequence[ProductChange]) -> None:
    """Change products, some at once. The number of statements does not depend on how many."""
    if not changes:
        return
    for change in changes:
        for name, value in change.fields.items():
            setattr(change.product, name, value)
        change.product.changed_at = timezone.now()
    Product.objects.bulk_update([c.product for c in changes], ["brand", "category", "vat_class", "changed_at"])
    texts = [
        ProductText(product=c.product, locale=locale, name=name) for c in changes for locale, name in c.names.items()
    ]
    ProductText.objects.bulk_create(
        texts, update_conflicts=True, unique_fields=["product", "locale"], update_fields=["name"]
    )
    _record(sorted({change.product.code for change in changes}))


@transaction.atomic
def add_variants(*, variants: Sequence[tuple[Product, NewVariant]]) -> dict[str, Variant]:
    """Add variants to products there are; return them by SKU. Raises `Conflict` when a SKU or GTIN is taken."""
    if not variants:
        return {}
    try:
        with transaction.atomic():
            made = Variant.objects.bulk_create(
                [Variant(product=p, sku=v.sku, options=dict(v.options), unit=v.unit) for p, v in variants]
            )
    except IntegrityError as error:
        raise Conflict(_("A product code, SKU or GTIN is already in use."), code="already_in_use") from error
    pairs = zip(made, variants, strict=True)
    add_gtins(gtins=[(variant, code) for variant, (_product, new) in pairs for code in new.gtins])
    _record(sorted({product.code for product, _new in variants}))
    return {variant.sku: variant for variant in made}


@transaction.atomic
def add_gtins(*, gtins: Sequence[tuple[Variant, str]]) -> None:
    """Give variants more bar codes. Raises `Conflict` when one belongs to another variant."""
    if not gtins:
        return
    try:
        with transaction.atomic():
            Gtin.objects.bulk_create([Gtin(variant=variant, code=parse_gtin(code)) for variant, code in gtins])
    except IntegrityError as error:
        raise Conflict(_("A product code, SKU or GTIN is already in use."), code="already_in_use") from error
    _record(sorted({variant.product.code for variant, _code in gtins}))


@transaction.atomic
def link_gtin(*, variant: Variant, code: str) -> str:
    """Give a variant a bar code that no other has, and return its 14 digits; linked already, nothing happens.

    Raises `InvalidGtin`, and `Conflict` naming the variant that has it.
    """
    gtin = parse_gtin(code)
    owner = Gtin.objects.filter(code=gtin).values_list("variant__sku", flat=True).first()
    if owner is None:
        add_gtins(gtins=[(variant, gtin)])
    elif owner != variant.sku:
        raise Conflict(
            _("%(code)s is the bar code of %(sku)s already.") % {"code": shown(gtin), "sku": owner},
            code="already_in_use",
        )
    return gtin


@transaction.atomic
def unlink_gtin(*, variant: Variant, code: str) -> None:
    """Take a bar code from a variant again; one that it does not have is left alone. Raises `InvalidGtin`."""
    taken, _rows = Gtin.objects.filter(variant=variant, code=parse_gtin(code)).delete()
    if taken:
        _record([variant.product.code])


def _record(codes: Sequence[str]) -> None:
    now = timezone.now()
    record_many(Happened("product.changed", "product", code, now, {"product": code}) for code in codes)
