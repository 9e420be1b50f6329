"""What suppliers announced: on its way, due today, late, partly in; for the store of the demo and the distribution centres."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from apps.catalogue.models import Variant
from apps.inventory.models import PurchaseNotice
from apps.inventory.services.purchases.announcing import announce_delivery
from apps.inventory.services.purchases.receiving import Came, receive_delivery
from apps.network.models import Location
from config.demo.chain import Chain
from config.demo.plan import ACTOR, Plan

_SUPPLIERS = ("Van Dam Tuin BV", "Groothandel De Linde", "Kooistra Import")


def announce_deliveries(plan: Plan, chain: Chain) -> int:
    """Announce deliveries and book one in for a part; how many there are."""
    chance = plan.chance("deliveries")
    variants = list(Variant.objects.order_by("sku"))
    today = timezone.localdate()

    def announce(location: Location, n: int, days: int) -> PurchaseNotice:
        goods = chance.sample(variants, min(len(variants), chance.randint(2, 6)))
        notice = announce_delivery(
            location=location,
            supplier=chance.choice(_SUPPLIERS),
            reference=f"PB-{4100 + n}",
            expected_on=today + dt.timedelta(days=max(days, 0)),
            lines=[(variant, Decimal(chance.choice((6, 12, 24)))) for variant in goods],
            actor=ACTOR,
        )
        if days < 0:  # nobody announces what is late already
            PurchaseNotice.objects.filter(pk=notice.pk).update(expected_on=today + dt.timedelta(days=days))
        return notice

    here = [announce(chain.demo_store, n, days) for n, days in enumerate((0, 0, -2, 3, 6))]
    there = [announce(dc, 10 * n + days, days) for n, dc in enumerate(chain.dcs, start=1) for days in (1, 4, 8)]
    first = here[1].lines.select_related("variant").order_by("line").first()
    if first is not None:
        came = [Came(first.variant, first.announced / 2, "A-01-1")]
        receive_delivery(number=here[1].number, came=came, go=1, actor=ACTOR)
    return len(here) + len(there)
