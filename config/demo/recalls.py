"""A recall in force: a product that the store of the demo has."""

from apps.inventory.models import StockLevel
from apps.inventory.services.recalls.starting import start_recall
from apps.network.models import Location
from config.demo.plan import ACTOR


def recall_something(store: Location) -> int:
    """Recall the last product that the store has some of, with all its variants; how many those are."""
    levels = StockLevel.objects.saleable().filter(location=store, on_hand__gte=2, reserved=0)
    last = levels.select_related("variant__product").order_by("-variant__sku").first()
    if last is None:
        return 0
    variants = list(last.variant.product.variants.order_by("sku"))
    start_recall(
        variants=variants,
        why="Een onderdeel kan losraken.",
        advice="Gebruik het niet meer en breng het terug naar een van onze winkels. Je krijgt je geld terug.",
        batch="L-2026-38",
        actor=ACTOR,
    )
    return len(variants)
