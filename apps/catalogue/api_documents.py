"""What the API tells of what is sold."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from apps.accounts.api_fields import Percentage, UnitPrice
from apps.catalogue.models import ProductText, Variant
from apps.catalogue.services.selling import NotSellable, Offer, sellable_in
from apps.catalogue.texts import best_text
from apps.core.money import CENT
from apps.network.models import Channel


class ProductSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    product = serializers.CharField()
    gtins = serializers.ListField(child=serializers.CharField())
    name = serializers.CharField()
    description = serializers.CharField()
    attributes = serializers.DictField(child=serializers.CharField())
    media = serializers.ListField(child=serializers.URLField())
    category = serializers.CharField(allow_null=True)
    category_name = serializers.CharField(allow_null=True)
    unit = serializers.ChoiceField(Variant.Unit.choices)
    price = UnitPrice(allow_null=True)
    currency = serializers.CharField()
    vat_rate = Percentage(allow_null=True)
    lowest_price_30_days = UnitPrice(allow_null=True)
    sellable = serializers.BooleanField()
    not_sellable_reason = serializers.ChoiceField(NotSellable.choices, allow_null=True)
    not_sellable_detail = serializers.CharField(allow_null=True)


def with_parts(variants: QuerySet[Variant]) -> QuerySet[Variant]:
    """Variants with all that `of_variants` reads of them."""
    return variants.select_related("product__category").prefetch_related("product__texts", "gtins")


def of_variants(variants: Sequence[Variant], *, channel: Channel, locales: Sequence[str]) -> list[dict[str, Any]]:
    """Variants as a channel sells them, each as a `ProductSerializer` document; wants `with_parts`."""
    offers = sellable_in(channel, variants=variants)
    return [
        _written(variant, offers[variant.pk], best_text(variant.product.texts.all(), locales)) for variant in variants
    ]


def _written(variant: Variant, offer: Offer, text: ProductText | None) -> dict[str, Any]:
    product, category = variant.product, variant.product.category
    brand = {"brand": product.brand} if product.brand else {}
    return {
        "sku": variant.sku,
        "product": product.code,
        "gtins": sorted(gtin.code for gtin in variant.gtins.all()),
        "name": text.name if text else product.code,
        "description": text.description if text else "",
        "attributes": brand | {key: str(value) for key, value in variant.options.items()},
        "media": [],
        "category": category.code if category else None,
        "category_name": category.name if category else None,
        "unit": variant.unit,
        "price": price_written(offer.price),
        "currency": offer.currency,
        "vat_rate": None if offer.vat_rate is None else str(offer.vat_rate),
        "lowest_price_30_days": price_written(offer.lowest_price_30_days),
        "sellable": offer.is_sellable,
        "not_sellable_reason": offer.because.value if offer.because else None,
        "not_sellable_detail": str(offer.because.label) if offer.because else None,
    }


def price_written(amount: Any) -> str | None:
    """A unit price with two decimals, or more where it has them."""
    if amount is None:
        return None
    cents = amount.quantize(CENT)
    return str(cents if cents == amount else amount.normalize())
