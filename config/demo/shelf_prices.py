"""VAT rates, price lists, and prices with their history."""

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from apps.catalogue.models import Category, PriceList, Variant, VatRate
from apps.catalogue.services.maintaining import NewPrice, add_products, set_prices
from apps.core.events.models import Origin
from apps.network.models import Channel
from config.demo.assortment import CATEGORIES, Article, articles
from config.demo.chain import Chain
from config.demo.plan import Plan

_VAT = {
    "NL": {"standard": "21.00", "reduced": "9.00", "zero": "0.00"},
    "BE": {"standard": "21.00", "reduced": "6.00", "zero": "0.00"},
    "DE": {"standard": "19.00", "reduced": "7.00", "zero": "0.00"},
}
_DEARER_ABROAD = {"NL": Decimal(1), "BE": Decimal("1.03"), "DE": Decimal("1.05")}
_REDUCED_NOW, _WAS_REDUCED = 0.10, 0.15


@dataclass
class Range:
    """The assortment as written: articles, their variants, and prices per country as steps (since, amount)."""

    articles: list[Article]
    variants: dict[str, Variant]
    names: dict[str, str]
    vat: dict[str, dict[str, Decimal]]
    steps: dict[tuple[str, str], list[tuple[dt.datetime, Decimal]]] = field(default_factory=dict)
    families: dict[str, Article] = field(default_factory=dict)

    def price(self, country: str, sku: str, at: dt.datetime) -> Decimal:
        """What a SKU cost in a country's stores at a moment."""
        return next(amount for since, amount in reversed(self.steps[country, sku]) if since <= at)


def build_range(plan: Plan, chain: Chain) -> Range:
    chance = plan.chance("range")
    _categories()
    VatRate.objects.bulk_create(
        VatRate(country=country, vat_class=vat_class, rate=Decimal(rate))
        for country, rates in _VAT.items()
        for vat_class, rate in rates.items()
    )
    made = articles(chance, count=plan.products)
    variants = add_products(products=[article.product for article in made], origin=Origin.HISTORY)
    range_ = Range(
        articles=made,
        variants=variants,
        names={v.sku: _name(a, v.options) for a in made for v in a.product.variants},
        vat={c: {k: Decimal(r) for k, r in rates.items()} for c, rates in _VAT.items()},
        families={v.sku: a for a in made for v in a.product.variants},
    )
    channels = [chain.webshop, chain.app, chain.desk, *chain.store_channels.values()]
    for country in _VAT:
        _price_list(plan, country, [c for c in channels if c.country == country], range_, plan.chance("prices"))
    return range_


def _categories() -> None:
    made: dict[str, Category] = {}
    for code, (name, parent) in CATEGORIES.items():
        made[code] = Category.objects.create(code=code, name=name, parent=made.get(parent))


def _name(article: Article, options: Mapping[str, str]) -> str:
    words = ", ".join(options.values())
    name, _ = article.product.texts["nl"]
    return f"{name}, {words}" if words else name


def _price_list(plan: Plan, country: str, channels: Sequence[Channel], range_: Range, chance: random.Random) -> None:
    price_list = PriceList.objects.create(code=country, currency="EUR")
    price_list.channels.set(channels)
    prices = []
    for article in range_.articles:
        steps = _steps(plan, article.price * _DEARER_ABROAD[country], chance)
        for new in article.product.variants:
            range_.steps[country, new.sku] = steps
            prices += [NewPrice(range_.variants[new.sku], amount, since) for since, amount in steps]
    set_prices(price_list=price_list, prices=prices, origin=Origin.HISTORY)


def _steps(plan: Plan, start: Decimal, chance: random.Random) -> list[tuple[dt.datetime, Decimal]]:
    """A price from before the history, dearer with the new year, and for some a reduction, over or still going on."""
    first = _ending_in_nine(start)
    steps = [(plan.moment(plan.starts_on - dt.timedelta(days=90), 0), first)]
    new_year = dt.date(plan.today.year, 1, 1)
    usual = _ending_in_nine(first * Decimal("1.04"))
    if plan.starts_on < new_year < plan.today - dt.timedelta(days=45):
        steps.append((plan.moment(new_year, 0), usual))
    else:
        usual = first
    luck = chance.random()
    if luck < _REDUCED_NOW:
        since = plan.today - dt.timedelta(days=chance.randint(2, 12))
        steps.append((plan.moment(since, 0), _ending_in_nine(usual * Decimal("0.8"))))
    elif luck < _REDUCED_NOW + _WAS_REDUCED:
        since = plan.today - dt.timedelta(days=chance.randint(25, 40))
        steps.append((plan.moment(since, 0), _ending_in_nine(usual * Decimal("0.85"))))
        steps.append((plan.moment(since + dt.timedelta(days=14), 0), usual))
    return steps


def _ending_in_nine(amount: Decimal) -> Decimal:
    """The nearest price of so many euros and 95 cents."""
    return max(Decimal(round(amount + Decimal("0.05"))), Decimal(1)) - Decimal("0.05")
