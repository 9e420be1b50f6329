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
from apps.core.errors import Conflict, InvalidInput
from apps.core.events.log import Happened, record_many
from apps.core.events.models import Origin

_BATCH = 5000


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
    try:
        with transaction.atomic():
            made = Product.objects.bulk_create(
                [
                    Product(
                        code=p.code,
                        category_id=categories.get(p.category),
                        brand=p.brand,
                        vat_class=p.vat_class,
                        active_from=p.active_from,
                        active_until=p.active_until,
                    )
                    for p in products
                ],
                batch_size=_BATCH,
            )
            pairs = list(zip(made, products, strict=True))
            ProductText.objects.bulk_create(
                [
                    ProductText(product=product, locale=locale, name=name, description=description)
                    for product, new in pairs
                    for locale, (name, description) in new.texts.items()
                ],
                batch_size=_BATCH,
            )
            variants = Variant.objects.bulk_create(
                [
                    Variant(product=product, sku=v.sku, options=dict(v.options), unit=v.unit)
                    for product, new in pairs
                    for v in new.variants
                ],
                batch_size=_BATCH,
            )
            gtins = [v.gtins for new in products for v in new.variants]
            Gtin.objects.bulk_create(
                [
                    Gtin(variant=variant, code=parse_gtin(code))
                    for variant, codes in zip(variants, gtins, strict=True)
                    for code in codes
                ],
                batch_size=_BATCH,
            )
    except IntegrityError as error:
        raise Conflict(_("A product code, SKU or GTIN is already in use."), code="already_in_use") from error
    now = timezone.now()
    record_many(
        Happened("product.changed", "product", product.code, now, {"product": product.code}, origin) for product in made
    )
    return {variant.sku: variant for variant in variants}


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
            Price.objects.bulk_create(
                [
                    Price(price_list=price_list, variant=p.variant, amount=p.amount, valid_from=p.valid_from)
                    for p in prices
                ],
                batch_size=_BATCH,
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
