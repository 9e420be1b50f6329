"""A year and more of purchases, thought up day by day: till tickets and web orders. Nothing is written here."""

import datetime as dt
import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from apps.core.days import business_date
from apps.core.money import ZERO, line_amount, to_cents, vat_in
from apps.network.models import Channel, Location
from apps.orders.models import ChargeType, Method
from apps.orders.services.types import Sale, SaleCharge, SaleLine
from apps.payments.services.types import Tendered
from config.demo.chain import Chain
from config.demo.people import Customer, People
from config.demo.plan import Plan
from config.demo.shelf_prices import Range

_ONLINE, _COLLECTED, _BY_APP, _BY_DESK = 0.32, 0.45, 0.22, 0.05
_CARD_SHOWN, _AWAY_FROM_HOME = 0.5, 0.15
_FREE_DELIVERY_FROM, _DELIVERY = Decimal("50.00"), Decimal("4.95")
_CORE = 36  # variants that every store has
_MORE = 24  # and so many more in a store of usual size

_WEEKDAYS = (0.8, 0.8, 0.9, 1.1, 1.3, 1.8, 0.7)
_MONTHS = (0.9, 0.85, 0.95, 1.0, 1.05, 1.0, 0.9, 0.9, 1.0, 1.05, 1.35, 1.6)
_TILL_TENDERS = ("pin", "pin", "pin", "pin", "cash", "cash", "credit_card")
_WEB_TENDERS = (("ideal", "mollie"),) * 7 + (("credit_card", "mollie"), ("paypal", "paypal"), ("klarna", "klarna"))


@dataclass(frozen=True, slots=True)
class Basket:
    """A sale, the customer who made it where known, and where the goods come from."""

    sale: Sale
    customer: Customer | None


class Shelves:
    """Which variants a store has on its shelves, and a draw from them by how well they sell."""

    def __init__(self, plan: Plan, chain: Chain, range_: Range) -> None:
        chance = plan.chance("shelves")
        self._skus = sorted(range_.variants)
        # People buy more of what costs less.
        self._wanted = {sku: chance.paretovariate(1.2) / float(range_.families[sku].price) ** 0.4 for sku in self._skus}
        core = chance.sample(self._skus, min(_CORE, len(self._skus)))
        others = [sku for sku in self._skus if sku not in set(core)]
        self.of: dict[int, list[str]] = {}
        for store in chain.stores:
            extra = min(round(_MORE * chain.size[store.pk]), len(others))
            self.of[store.pk] = sorted(core + chance.sample(others, extra))
        for dc in chain.dcs:
            self.of[dc.pk] = self._skus
        self.core = sorted(core)
        self._heaped = {pk: list(accumulate(self._wanted[sku] for sku in skus)) for pk, skus in self.of.items()}

    def draw(self, location_id: int, chance: random.Random) -> str:
        heaped = self._heaped[location_id]
        return self.of[location_id][bisect(heaped, chance.random() * heaped[-1])]


def imagine_purchases(plan: Plan, chain: Chain, range_: Range, people: People, shelves: Shelves) -> Iterator[Basket]:
    """The purchases of the history, oldest first."""
    shopper = Shopper(plan, chain, range_, people, shelves)
    for n, day in enumerate(_days(plan), start=1):
        yield shopper.online(n, day) if shopper.chance.random() < _ONLINE else shopper.in_store(day)


def _days(plan: Plan) -> list[dt.date]:
    """The day of each order: more on Saturdays, before Christmas, and a little more every month."""
    chance = plan.chance("days")
    days = [plan.starts_on + dt.timedelta(days=n) for n in range((plan.today - plan.starts_on).days)]
    heaped = list(
        accumulate(
            _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1] * (1 + n / len(days) * 0.15) for n, day in enumerate(days)
        )
    )
    return sorted(days[bisect(heaped, chance.random() * heaped[-1])] for _ in range(plan.orders))


class Shopper:
    """Thinks up one purchase at a time."""

    def __init__(
        self, plan: Plan, chain: Chain, range_: Range, people: People, shelves: Shelves, *, part: str = "shopping"
    ) -> None:
        self.plan, self.chain, self.range, self.people, self.shelves = plan, chain, range_, people, shelves
        self.chance = plan.chance(part)
        self._stores = list(accumulate(chain.size[store.pk] for store in chain.stores))
        self._sequence: dict[int, int] = {}

    def _store(self) -> Location:
        return self.chain.stores[bisect(self._stores, self.chance.random() * self._stores[-1])]

    def in_store(self, day: dt.date) -> Basket:
        chance, store = self.chance, self._store()
        customer = None
        if chance.random() < _CARD_SHOWN:
            home = self._store() if chance.random() < _AWAY_FROM_HOME else store
            customer = self.people.with_card(home, chance)
        at = self.plan.moment(day, chance.uniform(9.2, 17.9))
        lines = self._lines(store.pk, store.country, at, with_card=customer is not None)
        total = sum((line.amount for line in lines), ZERO)
        sequence = self._sequence[store.pk] = self._sequence.get(store.pk, 0) + 1
        channel = self.chain.store_channels[store.pk]
        return Basket(
            Sale(
                channel_id=channel.pk,
                channel_code=channel.code,
                external_id=f"{store.code}-K1-{day:%Y%m%d}-{sequence}",
                placed_at=at,
                business_date=business_date(at, store.time_zone),
                currency=channel.currency,
                seller_id=self.chain.owners[store.pk],
                method=Method.CARRY_OUT,
                lines=lines,
                tenders=[Tendered(chance.choice(_TILL_TENDERS), total, "captured")],
                location_id=store.pk,
                source_record_id=customer.till_record if customer else None,
            ),
            customer,
        )

    def online(self, n: int, day: dt.date) -> Basket:
        chance = self.chance
        customer = self.people.online(chance)
        channel = self._channel(customer)
        at = self.plan.moment(day, min(max(chance.gauss(18.5, 4), 6), 23.9))
        collects = chance.random() < _COLLECTED
        # Goods that are sent come from a distribution centre.
        source = customer.home if collects else chance.choice(self.chain.dcs)
        lines = self._lines(source.pk, "NL", at)
        goods = sum((line.amount for line in lines), ZERO)
        charges = [] if collects or goods >= _FREE_DELIVERY_FROM else [self._delivery(len(lines) + 1)]
        method, provider = chance.choice(_WEB_TENDERS)
        total = goods + sum((charge.amount for charge in charges), ZERO)
        record = customer.app_record if channel is self.chain.app else customer.web_record
        return Basket(
            Sale(
                channel_id=channel.pk,
                channel_code=channel.code,
                external_id=f"{channel.code[0].upper()}{500_000 + n}",
                placed_at=at,
                business_date=business_date(at, channel.time_zone),
                currency=channel.currency,
                seller_id=self.chain.own.pk,
                method=Method.COLLECT if collects else Method.DELIVERY,
                lines=lines,
                charges=charges,
                tenders=[Tendered(method, total, "captured", provider, f"tr_{n:08d}")],
                location_id=source.pk,
                source_record_id=record,
            ),
            customer,
        )

    def _channel(self, customer: Customer) -> Channel:
        luck = self.chance.random()
        if customer.has_app and luck < _BY_APP * 2:
            return self.chain.app
        return self.chain.desk if luck > 1 - _BY_DESK else self.chain.webshop

    def _delivery(self, line: int) -> SaleCharge:
        rate = self.range.vat["NL"]["standard"]
        return SaleCharge(line, ChargeType.DELIVERY, "", _DELIVERY, rate, vat_in(_DELIVERY, rate))

    def _lines(self, location_id: int, country: str, at: dt.datetime, *, with_card: bool = False) -> list[SaleLine]:
        chance = self.chance
        wanted = dict.fromkeys(
            self.shelves.draw(location_id, chance) for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4)))
        )
        lines = []
        for number, sku in enumerate(wanted, start=1):
            article = self.range.families[sku]
            quantity = Decimal(self._pieces(article.family.code))
            unit_price = self.range.price(country, sku, at)
            gross = line_amount(unit_price=unit_price, quantity=quantity)
            discount = to_cents(gross / 10) if with_card and chance.random() < 0.08 else ZERO
            rate = self.range.vat[country][article.product.vat_class]
            lines.append(
                SaleLine(
                    line=number,
                    variant_id=self.range.variants[sku].pk,
                    sku=sku,
                    name=self.range.names[sku],
                    quantity=quantity,
                    unit_price=unit_price,
                    discount=discount,
                    amount=gross - discount,
                    vat_rate=rate,
                    vat_amount=vat_in(gross - discount, rate),
                )
            )
        return lines

    def _pieces(self, family: str) -> int:
        """Glasses and plates go by the set, the rest by one or two."""
        if family in {"WG", "TG", "BO", "KM", "MO"}:
            return self.chance.choice((1, 2, 4, 4, 6))
        return self.chance.choice((1, 1, 1, 1, 1, 2))
