"""What webhooks tell of products and prices."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from apps.accounts.models import ApiClient
from apps.accounts.webhooks.topics import Document, Topic, contribute
from apps.catalogue.api_documents import of_variants, price_written, with_parts
from apps.catalogue.models import Price, Variant
from apps.catalogue.texts import wanted_locales

_OF_THE_PRICE = ("sku", "price", "currency", "vat_rate", "lowest_price_30_days", "sellable", "not_sellable_reason")


def _products(client: ApiClient, wanted: Mapping[str, Any]) -> dict[str, Document]:
    """Products with their variants as the client's channel sells them, in the channel's language."""
    channel = client.channel
    variants = with_parts(Variant.objects.visible_to(client)).filter(product__code__in=list(wanted)).order_by("sku")
    by_product: dict[str, list[dict[str, Any]]] = defaultdict(list)
    locales = wanted_locales("", otherwise=channel.locale)
    for document in of_variants(list(variants), channel=channel, locales=locales):
        by_product[document["product"]].append(document)
    return {code: {"product": code, "variants": documents} for code, documents in by_product.items()}


def _prices(client: ApiClient, wanted: Mapping[str, Any]) -> dict[str, Document]:
    """What variants cost in the client's channel now, and what they will cost from a later moment on."""
    channel = client.channel
    variants = list(with_parts(Variant.objects.visible_to(client)).filter(sku__in=list(wanted)))
    coming: dict[int, list[dict[str, Any]]] = defaultdict(list)
    later = Price.objects.filter(
        variant__in=variants,
        price_list__channels=channel,
        price_list__currency=channel.currency,
        valid_from__gt=timezone.now(),
    )
    for price in later.order_by("valid_from", "pk"):
        coming[price.variant_id].append(
            {"price": price_written(price.amount), "valid_from": price.valid_from.isoformat()}
        )
    documents = of_variants(variants, channel=channel, locales=wanted_locales("", otherwise=channel.locale))
    return {
        variant.sku: {name: document[name] for name in _OF_THE_PRICE} | {"coming": coming[variant.pk]}
        for variant, document in zip(variants, documents, strict=True)
    }


contribute(
    Topic(
        name="product.changed",
        permission="catalogue.view",
        documents=_products,
        events=frozenset({"product.changed"}),
    )
)
contribute(
    Topic(name="price.changed", permission="catalogue.view", documents=_prices, events=frozenset({"price.changed"}))
)
