"""A product under the scanner: what there is of it here, near by, and online."""

from typing import Any

from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.catalogue.services.finding import variants_by_code
from apps.catalogue.services.selling import sellable_in
from apps.catalogue.showing import channel_shown
from apps.inventory.standing import standing_of
from apps.inventory.tables import stock_url
from apps.portal import formats
from apps.portal.contributions import ScanAnswer, Scanned


def scan_product(scanned: Scanned) -> ScanAnswer | None:
    """A bar code or SKU shows the product with its stock, the store's own first."""
    visible = Variant.objects.visible_to(scanned.principal).select_related("product").prefetch_related("product__texts")
    variant = variants_by_code(visible, scanned.code).first()
    if variant is None:
        return None
    return ScanAnswer(
        said=_("Scanned: %(product)s") % {"product": variant.name},
        template="inventory/_scanned.html",
        context=card_of(variant, scanned),
    )


def card_of(variant: Variant, scanned: Scanned) -> dict[str, Any]:
    """What the card of a scanned product says."""
    store = scanned.location
    channel = channel_shown(store)
    standing = standing_of(variant, store=store)
    return {
        "variant": variant,
        "options": ", ".join(str(value) for value in variant.options.values()),
        "offer": sellable_in(channel, variants=[variant])[variant.pk] if channel else None,
        "store": store,
        "standing": standing,
        "nearby": [(near, _distance(near.km)) for near in standing.nearby],
        "stock_url": stock_url(variant.sku),
    }


def _distance(km: float | None) -> str:
    return "" if km is None else f"{formats.quantity(str(km))} km"
