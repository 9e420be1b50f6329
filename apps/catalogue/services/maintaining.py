"""Putting products and prices into the catalogue, one or ten thousand at once."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.gtins import parse_gtin
from apps.catalogue.models import Category, Gtin, Price, PriceList, Product, ProductText, Variant, VatClass
from apps.core.bulk import copy_rows, reserve_ids
from apps.core.errors import Conflict, InvalidInput
from apps.core.events.log import Happened, record_many
from apps.core.events.models import Origin


@dataclass(frozen=True, slots=True)
class NewVariant:
    """One article to stock: its SKU, bar codes as on the label, and what tells it from its siblings."""

    sku: str
    gtins: Sequence[str] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    unit: str = Variant.Unit.PIECE


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product with its variants; `texts` is {locale: (name, description)}."""

    code: str
    texts: Mapping[str, tuple[str, str]]
    variants: Sequence[NewVariant]
    category: str = ""
    brand: str = ""
    vat_class: str = VatClass.STANDARD
    active_from: dt.date = dt.date(2000, 1, 1)
    active_until: dt.date | None = None


@transaction.atomic
def add_products(*, products: Sequence[NewProduct], origin: str = Origin.LIVE) -> dict[str, Variant]:
    """Add products with all that belongs to them; return the variants by SKU.

    Raises `InvalidGtin` for a bar code with a wrong check digit, `InvalidInput` for an unknown category, `Conflict` when
    a code, SKU or GTIN is taken. Then nothing was written.
    """
    categories = dict(Category.objects.values_list("code", "pk"))
    unknown = sorted({p.category for p in products if p.category} - categories.keys())
    if unknown:
        raise InvalidInput(_("There is no category %(code)s.") % {"code": unknown[0]}, code="does_not_exist")
    now = timezone.now()
    product_ids = reserve_ids(Product, len(products))
    variants = _variants_of(products, product_ids)
    try:
        with transaction.atomic():
            copy_rows(
                Product,
                ("id", "code", "category", "brand", "vat_class", "active_from", "active_until", "changed_at"),
                (
                    (pk, p.code, categories.get(p.category), p.brand, p.vat_class, p.active_from, p.active_until, now)
                    for pk, p in zip(product_ids, products, strict=True)
                ),
            )
            copy_rows(
                ProductText,
                ("product", "locale", "name", "description"),
                (
                    (pk, locale, name, description)
                    for pk, p in zip(product_ids, products, strict=True)
                    for locale, (name, description) in p.texts.items()
                ),
            )
            copy_rows(
                Variant,
                ("id", "product", "sku", "options", "unit", "active_from", "active_until"),
                (
                    (v.pk, v.product_id, v.sku, v.options, v.unit, v.active_from, v.active_until)
                    for v, _gtins in variants
                ),
            )
            copy_rows(Gtin, ("variant", "code"), ((v.pk, parse_gtin(code)) for v, gtins in variants for code in gtins))
    except IntegrityError as error:
        raise Conflict(_("A product code, SKU or GTIN is already in use."), code="already_in_use") from error
    record_many(Happened("product.changed", "product", p.code, now, {"product": p.code}, origin) for p in products)
    return {variant.sku: variant for variant, _gtins in variants}


def _variants_of(products: Sequence[NewProduct], product_ids: Sequence[int]) -> list[tuple[Variant, Sequence[str]]]:
    """The variants to write, each with its bar codes and the product it belongs to."""
    ids = iter(reserve_ids(Variant, sum(len(p.variants) for p in products)))
    return [
        (Variant(pk=next(ids), product=product, sku=v.sku, options=dict(v.options), unit=v.unit), v.gtins)
        for pk, p in zip(product_ids, products, strict=True)
        for product in [Product(pk=pk, code=p.code)]
        for v in p.variants
    ]


@dataclass(frozen=True, slots=True)
class NewPrice:
    """What a variant costs on a list from a moment on."""

    variant: Variant
    amount: Decimal
    valid_from: dt.datetime


@transaction.atomic
def set_prices(*, price_list: PriceList, prices: Iterable[NewPrice], origin: str = Origin.LIVE) -> int:
    """Add prices to a list; return how many. A price is never edited: a later row follows it.

    Raises `Conflict` when the list already has a price of a variant at the same moment.
    """
    prices = list(prices)
    try:
        with transaction.atomic():
            copy_rows(
                Price,
                ("price_list", "variant", "amount", "valid_from"),
                ((price_list.pk, p.variant.pk, p.amount, p.valid_from) for p in prices),
            )
    except IntegrityError as error:
        raise Conflict(_("There is already a price from that moment on."), code="already_priced") from error
    now = timezone.now()
    payload: dict[str, Any] = {"price_list": price_list.code}
    record_many(
        Happened("price.changed", "variant", sku, now, payload, origin)
        for sku in dict.fromkeys(p.variant.sku for p in prices)
    )
    return len(prices)
