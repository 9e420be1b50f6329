"""Where in a location a product belongs."""

from collections.abc import Sequence
from decimal import Decimal

from apps.inventory.models import PlaceLevel


def homes_of(location_id: int, variant_ids: Sequence[int]) -> dict[int, str]:
    """The place to put a variant: the shelf where most of it lies, else the one it lay on last, else the stockroom."""
    rows = PlaceLevel.objects.for_sale().filter(location=location_id, variant__in=variant_ids)
    homes: dict[int, tuple[tuple[bool, Decimal, int], str]] = {}
    for pk, variant_id, code, kind, quantity in rows.values_list(
        "pk", "variant_id", "place__code", "place__kind", "quantity"
    ):
        worth = (kind != "stockroom", quantity, pk)
        if variant_id not in homes or worth > homes[variant_id][0]:
            homes[variant_id] = (worth, code)
    return {variant_id: code for variant_id, (_worth, code) in homes.items()}
