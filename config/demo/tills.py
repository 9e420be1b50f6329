"""Till tickets of the last days, as tills send them: read, booked, and some set apart."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils import timezone

from apps.accounts.models import ApiClient
from apps.core.actors import actor_of
from apps.core.money import line_amount, plain
from apps.core.reach import reach_of
from apps.inventory.models import Feed, StockLevel
from apps.network.models import Location
from apps.tills.services.receiving import receive_tickets
from config.demo.chain import Chain
from config.demo.plan import Plan
from config.demo.shelf_prices import Range
from config.demo.shopping import Basket, Shopper

_TICKETS = 120
_DAYS = 15
_OVERSOLD_STORES = 6
_FEW = 10


def ring_up(plan: Plan, chain: Chain, range_: Range, shopper: Shopper, *, client: ApiClient) -> int:
    """Send the tickets of the last days through the till system's client; return how many came in."""
    days = [plan.today - dt.timedelta(days=1 + n % _DAYS) for n in range(_TICKETS)]
    raws = [_ticket(shopper.in_store(day), n) for n, day in enumerate(days, start=1)]
    raws += _more_than_there_was(plan, chain, range_, shopper, days[0])
    raws += _flawed(raws)
    receive_tickets(raws, reach=reach_of(client), actor=actor_of(client))
    _keep_up(chain)
    return len(raws)


def _keep_up(chain: Chain) -> None:
    """The tills of all stores told of their sales a moment ago; but a few report in batches, last night, and one is silent."""
    now = timezone.now()
    until = {store.pk: now - dt.timedelta(minutes=2 + n % 17) for n, store in enumerate(chain.stores)}
    if len(chain.stores) > _FEW:
        *late, silent = (store.pk for store in chain.stores[-3:])
        Location.objects.filter(pk__in=late).update(sales_come=Location.SalesCome.BATCH)
        until |= dict.fromkeys(late, now - dt.timedelta(hours=15)) | {silent: now - dt.timedelta(days=3)}
    Feed.objects.bulk_create(
        [Feed(location_id=id_, known_until=at, heard_at=at) for id_, at in until.items()],
        update_conflicts=True,
        unique_fields=["location"],
        update_fields=["known_until", "heard_at"],
    )


def _ticket(basket: Basket, sequence: int) -> dict[str, Any]:
    sale = basket.sale
    return {
        "store": sale.channel_code,
        "till": "K1",
        "sequence": sequence,
        "business_date": sale.business_date.isoformat(),
        "occurred_at": sale.placed_at.isoformat(),
        "operator": f"{sale.channel_code}-A{sequence % 9 + 1}",
        "currency": sale.currency,
        "customer": {"loyalty_card": basket.customer.card_number} if basket.customer else None,
        "rounding": "0.00",
        "lines": [
            {
                "type": "sale",
                "sku": line.sku,
                "quantity": plain(line.quantity),
                "unit_price": str(line.unit_price),
                "discount": str(line.discount),
                "amount": str(line.amount),
                "vat_rate": None if line.vat_rate is None else str(line.vat_rate),
                "associate": "",
            }
            for line in sale.lines
        ],
        "tenders": [{"method": t.method, "amount": str(t.amount), "reference": ""} for t in sale.tenders],
    }


def _more_than_there_was(
    plan: Plan, chain: Chain, range_: Range, shopper: Shopper, day: dt.date
) -> Iterator[dict[str, Any]]:
    """In a few stores the till sold two more than the system thought there were: each has something to count."""
    others = [store for store in chain.stores if store != chain.demo_store]
    chosen = shopper.chance.sample(others, min(len(others), _OVERSOLD_STORES - 1))
    for n, store in enumerate([chain.demo_store, *chosen], start=1):
        level = (
            StockLevel.objects.saleable()
            .filter(location=store, on_hand__gt=0)
            .select_related("variant")
            .order_by("on_hand", "variant__sku")
            .first()
        )
        if level is not None:
            yield _one_line(plan, range_, store, level, n, day)


def _one_line(
    plan: Plan, range_: Range, store: Location, level: StockLevel, sequence: int, day: dt.date
) -> dict[str, Any]:
    at = plan.moment(day, 16)
    sku, quantity = level.variant.sku, level.on_hand + Decimal(2)
    unit_price = range_.price(store.country, sku, at)
    amount = line_amount(unit_price=unit_price, quantity=quantity)
    rate = range_.vat[store.country][range_.families[sku].product.vat_class]
    return {
        "store": store.code,
        "till": "K2",
        "sequence": sequence,
        "business_date": day.isoformat(),
        "occurred_at": at.isoformat(),
        "operator": f"{store.code}-A1",
        "currency": "EUR",
        "customer": None,
        "lines": [
            {
                "type": "sale",
                "sku": sku,
                "quantity": plain(quantity),
                "unit_price": str(unit_price),
                "amount": str(amount),
                "vat_rate": str(rate),
            }
        ],
        "tenders": [{"method": "pin", "amount": str(amount)}],
    }


def _flawed(good: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What no chain is without: an article nobody knows, the same number with other content, a day that cannot be."""
    unknown, conflict, late = (dict(ticket) for ticket in good[-3:])
    unknown |= {"sequence": 9001, "lines": [unknown["lines"][0] | {"sku": "OUD-1998"}]}
    conflict |= {"operator": "tester"}
    late |= {"sequence": 9002, "business_date": "2062-02-30"}
    return [unknown, conflict, late]
