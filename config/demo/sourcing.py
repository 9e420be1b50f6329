"""How the demo's chain divides its orders."""

from apps.inventory.models import Criterion, Speed
from apps.inventory.services.profiles import draft_profile, publish_profile, put_strategy
from apps.inventory.services.selling_through import work_out_sell_through
from config.demo.plan import Plan


def publish_sourcing(plan: Plan) -> None:
    """Warehouses first, then own stores that can miss it, then franchisees; what was asked for today from close by."""
    work_out_sell_through()
    version = str(plan.starts_on.year)
    profile = draft_profile(version=f"{version}-1", name="Magazijn eerst", takes_from_anywhere=True)
    few, near = Criterion.FEWEST_PARCELS, Criterion.NEAREST
    strategies = (
        {"name": "Vandaag nog, uit de buurt", "speeds": [Speed.SAME_DAY], "sources": "store", "most_km": 15}
        | {"criteria": [near, Criterion.LEAST_BUSY]},
        {"name": "Uit het magazijn", "sources": "dc", "in_time": True, "criteria": [few, near]},
        {"name": "Eigen winkels die het kunnen missen", "sources": "store", "only_own": True, "keep_days": 14}
        | {"most_parcels": 2, "criteria": [few, Criterion.SLOWEST_STOCK, near]},
        {
            "name": "Ook franchisenemers",
            "keep_days": 14,
            "most_parcels": 3,
            "criteria": [few, Criterion.OWN_FIRST, near],
        },
    )
    for strategy in strategies:
        put_strategy(profile=profile, position=None, **strategy)
    publish_profile(profile=profile, principal=None)
