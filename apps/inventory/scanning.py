"""A product under the scanner: what there is of it here, near by, and online."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.catalogue.services.finding import variants_by_code, variants_by_gtins
from apps.catalogue.services.selling import Offer, sellable_in
from apps.catalogue.showing import channel_shown, webshop_shown
from apps.core.codes.reading import Flaw, Reading
from apps.core.money import line_amount
from apps.inventory.recalled import recall_of
from apps.inventory.standing import standing_of
from apps.inventory.tables import stock_url
from apps.portal import formats
from apps.portal.contributions import ScanAnswer, ScanMatch, Scanned
from apps.portal.pages import Fact

NEAREST = 4  # so many fit on a phone above the button; the rest is a touch away


def match_product(scanned: Scanned) -> ScanMatch | None:
    """A bar code, a scale's label or a SKU shows the product with its stock, the store's own first."""
    variant = scanned_variant(scanned.reading, scanned.principal)
    if variant is None:
        return None
    return ScanMatch(answer=lambda: _product(scanned, variant), about=variant.name)


def scanned_variant(reading: Reading, principal: Any) -> Variant | None:
    """The variant that a code names, of those that somebody may see."""
    visible = Variant.objects.visible_to(principal).select_related("product").prefetch_related("product__texts")
    if reading.gtins:
        return variants_by_gtins(visible, reading.gtins).first()
    return variants_by_code(visible, reading.text).first()


def _product(scanned: Scanned, variant: Variant) -> ScanAnswer:
    return ScanAnswer(
        said=_("Scanned: %(product)s") % {"product": variant.name},
        template="inventory/_scanned.html",
        context=card_of(variant, scanned),
        same=variant.sku,
        subject=variant,
    )


def card_of(variant: Variant, scanned: Scanned) -> dict[str, Any]:
    """What the card of a scanned product says."""
    store = scanned.location
    channel, webshop = channel_shown(store), webshop_shown()
    offer = sellable_in(channel, variants=[variant])[variant.pk] if channel else None
    standing = standing_of(variant, store=store)
    return {
        "variant": variant,
        "recall": recall_of(variant),
        "options": ", ".join(str(value) for value in variant.options.values()),
        "description": variant.product.text.description if variant.product.text else "",
        "offer": offer,
        "webshop": webshop,
        "online": sellable_in(webshop, variants=[variant])[variant.pk] if webshop else None,
        "warning": past_its_date(scanned.reading),
        "label": label_facts(scanned.reading, variant, offer),
        "is_cut_short": scanned.reading.flaw == Flaw.REST,
        "store": store,
        "standing": standing,
        "nearby": [(near, _distance(near.km)) for near in standing.nearby[:NEAREST]],
        "stock_url": stock_url(variant.sku),
    }


def label_facts(reading: Reading, variant: Variant, offer: Offer | None) -> list[Fact]:
    """What the label said beyond which product it is. A number registered in full carries no price or weight."""
    facts = []
    if reading.price is not None and is_measured(reading, variant) and offer:
        facts.append(Fact(_("Price on the label"), formats.money(reading.price, offer.currency)))
    if reading.weight is not None and is_measured(reading, variant):
        cost = _cost(reading.weight, variant, offer)
        note = _("%(cost)s at today's price") % {"cost": cost} if cost else ""
        facts.append(Fact(_("Weight on the label"), f"{formats.quantity(reading.weight)} kg", note=note))
    if reading.count is not None and is_measured(reading, variant):
        facts.append(Fact(_("Pieces in this pack"), formats.quantity(reading.count)))
    if reading.use_by:
        facts.append(Fact(_("Use by"), formats.day(reading.use_by)))
    if reading.best_before:
        facts.append(Fact(_("Best before"), formats.day(reading.best_before)))
    if reading.produced:
        facts.append(Fact(_("Made on"), formats.day(reading.produced)))
    if reading.lot:
        facts.append(Fact(_("Lot"), reading.lot))
    if reading.serial:
        facts.append(Fact(_("Serial number"), reading.serial))
    return facts


def past_its_date(reading: Reading) -> Any:
    """What to do about a date on the label that has passed; "" when none has."""
    today = timezone.localdate()
    if reading.use_by and reading.use_by < today:
        return _("Past its date: do not sell it")
    if reading.best_before and reading.best_before < today:
        return _("Past its date: look at it before you sell it")
    return ""


def is_measured(reading: Reading, variant: Variant) -> bool:
    return not reading.article or getattr(variant, "gtin", "") == reading.article


def _cost(weight: Decimal, variant: Variant, offer: Offer | None) -> str:
    if offer is None or offer.price is None or variant.unit != Variant.Unit.KILOGRAM:
        return ""
    return formats.money(line_amount(unit_price=offer.price, quantity=weight), offer.currency)


def _distance(km: float | None) -> str:
    return "" if km is None else f"{formats.quantity(str(km))} km"
