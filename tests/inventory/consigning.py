"""What tests of consignments say in one word."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from apps.inventory.models import Consignment, StockLevel
from apps.inventory.services.consigning import consign
from apps.network.models import LegalEntity, Location
from tests.shop import Shop


def a_supplier(code: str = "L01", name: str = "Keramiek Zuid") -> LegalEntity:
    return LegalEntity.objects.get_or_create(code=code, defaults={"name": name, "kind": "supplier"})[0]


def consigned(shop: Shop, *skus: str, at: Location | None = None, **more: Any) -> Consignment:
    """From today these are the supplier's: at a location, or everywhere. The first of the consignments."""
    usual = {"supplier": a_supplier(), "since": timezone.localdate(), "actor": "test"}
    variants = [shop.variants[sku] for sku in skus]
    return consign(**{**usual, "variants": variants, "locations": [at] if at else [], **more})[0]


def whose(sku: str, location: Location, condition: str = "saleable") -> dict[str, Decimal]:
    """What lies there of each owner: {code: on hand}."""
    levels = StockLevel.objects.filter(variant__sku=sku, location=location, condition=condition)
    return {code: on_hand for code, on_hand in levels.values_list("owner__code", "on_hand") if on_hand}
