"""Writing the purchases of the history, and what came back of them."""

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.core.days import business_date
from apps.inventory.models import Condition
from apps.network.models import Location
from apps.orders.models import Method, OrderLine
from apps.orders.services.recording import record_sales
from apps.orders.services.types import SaleLine
from apps.returns.models import Reason
from apps.returns.services.recording import record_returns
from apps.returns.services.types import ReturnSale, ReturnSaleLine
from config.demo.chain import Chain
from config.demo.plan import ACTOR, ZONE, Plan
from config.demo.shopping import Basket

_BATCH = 2000
_RETURNED = {Method.CARRY_OUT: 0.03, Method.COLLECT: 0.06, Method.DELIVERY: 0.11}
_REASONS = (
    Reason.NOT_AS_EXPECTED, Reason.NOT_AS_EXPECTED, Reason.CHANGED_MIND, Reason.CHANGED_MIND, Reason.TOO_LARGE,
    Reason.TOO_SMALL, Reason.DAMAGED, Reason.WRONG_ITEM,
)  # fmt: skip  # more than one a line

Progress = Callable[[int, int], None]


def write_purchases(baskets: Sequence[Basket], *, progress: Progress) -> list[int]:
    """Record them as sales that happened, in batches, oldest first; return the order ids in the same order."""
    order_ids: list[int] = []
    for start in range(0, len(baskets), _BATCH):
        sales = [basket.sale for basket in baskets[start : start + _BATCH]]
        order_ids += [recorded.order_id for recorded in record_sales(sales, actor=ACTOR)]
        progress(len(order_ids), len(baskets))
    return order_ids


@dataclass(frozen=True, slots=True)
class _Back:
    """One line of a purchase that comes back, when and where."""

    basket: Basket
    order_id: int
    line: SaleLine
    at: dt.datetime
    place: Location


def write_returns(plan: Plan, chain: Chain, baskets: Sequence[Basket], order_ids: Sequence[int]) -> int:
    """Let a part of the lines come back, to the same store, another one, or by parcel; return how many did."""
    chance = plan.chance("returns")
    places = {location.pk: location for location in [*chain.stores, *chain.dcs]}
    coming = [
        _Back(basket, order_id, line, at, _place(basket, chain, places, chance))
        for basket, order_id in zip(baskets, order_ids, strict=True)
        for line in basket.sale.lines
        if chance.random() < _RETURNED[Method(basket.sale.method)]
        and (at := _when(plan, basket.sale.placed_at, chance)) is not None
    ]
    coming.sort(key=lambda back: back.at)
    for start in range(0, len(coming), _BATCH):
        _write(coming[start : start + _BATCH], chain, start, chance)
    return len(coming)


def _when(plan: Plan, bought_at: dt.datetime, chance: random.Random) -> dt.datetime | None:
    """Within the return period, in opening hours; None when that has not come yet."""
    day = bought_at.astimezone(ZONE).date() + dt.timedelta(days=chance.randint(1, 24))
    at = plan.moment(day, chance.uniform(9.2, 17.9))
    return at if at < plan.moment(plan.today, 0) else None


def _place(basket: Basket, chain: Chain, places: dict[int, Location], chance: random.Random) -> Location:
    assert basket.sale.location_id is not None
    if basket.sale.method == Method.DELIVERY:
        home = basket.customer.home if basket.customer else None
        return home if home and chance.random() < 0.5 else chance.choice(chain.dcs)
    return places[basket.sale.location_id] if chance.random() < 0.8 else chance.choice(chain.stores)


def _write(batch: Sequence[_Back], chain: Chain, first: int, chance: random.Random) -> None:
    bought = OrderLine.objects.filter(order__in=[back.order_id for back in batch])
    line_ids = {(order_id, line): pk for order_id, line, pk in bought.values_list("order_id", "line", "pk")}
    record_returns(
        [
            _return(back, n, line_ids[back.order_id, back.line.line], chain, chance)
            for n, back in enumerate(batch, start=first + 1)
        ],
        actor=ACTOR,
    )


def _return(back: _Back, n: int, line_id: int, chain: Chain, chance: random.Random) -> ReturnSale:
    line, sale = back.line, back.basket.sale
    in_store = back.place.kind == Location.Kind.STORE
    channel = chain.store_channels[back.place.pk] if in_store else chain.webshop
    reason = chance.choice(_REASONS)
    broken = reason == Reason.DAMAGED or chance.random() < 0.05
    return ReturnSale(
        channel_id=channel.pk,
        external_id=f"R-{n:06d}",
        fingerprint="",
        occurred_at=back.at,
        business_date=business_date(back.at, back.place.time_zone),
        currency=sale.currency,
        legal_entity_id=chain.owners[back.place.pk] if in_store else sale.seller_id,
        location_id=back.place.pk,
        source_record_id=sale.source_record_id,
        lines=(
            ReturnSaleLine(
                line=1,
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                unit_price=line.unit_price,
                amount=line.amount,
                vat_rate=line.vat_rate,
                vat_amount=line.vat_amount,
                variant_id=line.variant_id,
                order_line_id=line_id,
                reason=reason,
                grade=Condition.DAMAGED if broken else Condition.SALEABLE,
            ),
        ),
    )
