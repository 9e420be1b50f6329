"""Goods: what the locations receive so that all that is sold was there, and where it lies."""

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal

from apps.inventory.models import ChannelThreshold, Method, Place, SafetyRule, StockLevel
from apps.inventory.services.keeping import write_safety
from apps.inventory.services.places.noting import Placed, note_places
from apps.inventory.services.receiving import Delivery, receive_deliveries
from apps.network.models import Location
from config.demo.chain import Chain
from config.demo.plan import ACTOR, Plan
from config.demo.shelf_prices import Range
from config.demo.shopping import Basket, Shelves

_RECENT_DELIVERIES = 0.15  # of the locations had one in the last days
_BATCH = 200
TOUR = {"PL-TEXE-06": 12, "KU-AMEL-05": 12}  # what README and how-tos order in the store of the demo, more than once
_SAFETY_SHIPPING = {Method.COLLECT: Decimal(1), Method.DELIVERY: Decimal(2)}
_THRESHOLD = Decimal(1)


def receive_all(plan: Plan, chain: Chain, range_: Range, shelves: Shelves, baskets: Iterable[Basket]) -> int:
    """Book opening deliveries that cover what will be sold and leave something, and some of the last days; lines in all."""
    chance = plan.chance("stock")
    sold: dict[int, Counter[int]] = defaultdict(Counter)
    for basket in baskets:
        assert basket.sale.location_id is not None
        for line in basket.sale.lines:
            sold[basket.sale.location_id][line.variant_id] += int(line.quantity)
    deliveries: list[Delivery] = []
    opened_at = plan.moment(plan.starts_on - dt.timedelta(days=7), 7)
    for location in [*chain.stores, *chain.dcs]:
        left = _left_today(location, shelves, range_, chance)
        if location == chain.demo_store:
            left |= Counter({range_.variants[sku].pk: most for sku, most in TOUR.items() if sku in range_.variants})
        recent = _recent(left, chance)
        opening = Counter(left)
        opening.update(sold[location.pk])
        opening.subtract(recent)
        deliveries.append(_delivery(location, opening, f"OPENING-{location.code}", opened_at))
        if recent:
            day = plan.today - dt.timedelta(days=chance.randint(1, 9))
            at = plan.moment(day, chance.uniform(7, 11))
            deliveries.append(_delivery(location, recent, f"LV-{day:%y%m%d}-{location.code}", at))
    for start in range(0, len(deliveries), _BATCH):
        receive_deliveries(deliveries=deliveries[start : start + _BATCH], actor=ACTOR)
    return sum(len(delivery.lines) for delivery in deliveries)


def _left_today(location: Location, shelves: Shelves, range_: Range, chance: random.Random) -> Counter[int]:
    """What is to lie there at the end: few of what is dear, sometimes nothing, and much in a distribution centre."""
    left: Counter[int] = Counter()
    for sku in shelves.of[location.pk]:
        price = float(range_.families[sku].price)
        if location.kind == Location.Kind.DC:
            quantity = chance.randint(20, 260) if price < 60 else chance.randint(5, 60)
        else:
            quantity = max(0, round(chance.gauss(7, 5) if price < 20 else chance.gauss(3.5, 2.5)))
        if quantity:
            left[range_.variants[sku].pk] = quantity
    return left


def _recent(left: Counter[int], chance: random.Random) -> Counter[int]:
    """A part of what is left that came in only now; for most locations none."""
    if chance.random() >= _RECENT_DELIVERIES or not left:
        return Counter()
    chosen = chance.sample(sorted(left), min(len(left), chance.randint(6, 18)))
    return Counter({variant_id: max(1, left[variant_id] // 2) for variant_id in chosen})


def _delivery(location: Location, quantities: Counter[int], reference: str, at: dt.datetime) -> Delivery:
    lines = [(variant_id, Decimal(quantity)) for variant_id, quantity in sorted(quantities.items()) if quantity > 0]
    return Delivery(location, lines, reference, at)


def shelve_all(plan: Plan, chain: Chain) -> int:
    """Put what is there on shelves and in the stockroom, and set aside safety stock where parcels are sent from."""
    chance = plan.chance("places")
    is_dc = {dc.pk for dc in chain.dcs}
    levels = StockLevel.objects.filter(condition="saleable", on_hand__gt=0).order_by("location_id", "variant_id")
    placed = [
        Placed(location_id, code, variant_id, quantity)
        for location_id, variant_id, on_hand in levels.values_list("location_id", "variant_id", "on_hand")
        for code, quantity in _places(location_id in is_dc, on_hand, chance)
    ]
    note_places(placed=placed)
    furnish(chain)
    keep_back(chain)
    return len(placed)


def furnish(chain: Chain) -> None:
    """Say which places are the stockroom; each store has a shelf for what is picked and a corner for what is not to be sold."""
    Place.objects.filter(code__startswith="M-", location__in=chain.stores).update(kind=Place.Kind.STOCKROOM)
    Place.objects.bulk_create(
        Place(location=store, code=code, name=name, kind=kind)
        for store in chain.stores
        for code, name, kind in (
            ("AFHAAL", "Afhaalrek", Place.Kind.STAGING),
            ("APART", "Achter slot", Place.Kind.QUARANTINE),
        )
    )


def keep_back(chain: Chain) -> None:
    """Stores that send parcels keep some for whoever walks in, and more from parcels than from who collects; the webshop stops
    before the last piece that the chain has."""
    SafetyRule.objects.bulk_create(
        SafetyRule(location=store, method=method, quantity=quantity)
        for store in chain.stores
        if store.ships_orders
        for method, quantity in _SAFETY_SHIPPING.items()
    )
    ChannelThreshold.objects.create(channel=chain.webshop, quantity=_THRESHOLD)
    after, read = 0, 1
    while read:
        after, read, _changed = write_safety(after=after)


def _places(is_dc: bool, quantity: Decimal, chance: random.Random) -> list[tuple[str, Decimal]]:
    """The shelf, and for some the stockroom as well."""
    if is_dc:
        return [(f"{chance.randint(1, 30):02d}-{chance.randint(1, 40):02d}-{chance.randint(1, 5)}", quantity)]
    shelf = f"{chance.choice('ABCDE')}-{chance.randint(1, 20):02d}-{chance.randint(1, 4)}"
    if quantity < 5 or chance.random() < 0.6:
        return [(shelf, quantity)]
    back = Decimal(chance.randint(1, int(quantity) // 2))
    return [(shelf, quantity - back), (f"M-{chance.randint(1, 8):02d}-{chance.randint(1, 3)}", back)]
