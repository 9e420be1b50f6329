import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.catalogue.models import PriceList, Variant, VatRate
from apps.catalogue.services.maintaining import NewPrice, NewProduct, NewVariant, add_products, set_prices
from apps.catalogue.services.pricing import prices_in_force
from apps.catalogue.services.selling import NotSellable, sellable_in
from apps.catalogue.services.vat import vat_rates
from apps.core.errors import Conflict, InvalidInput
from apps.core.events.models import Event
from tests.shop import Shop

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


def days_ago(days: float) -> dt.datetime:
    return NOW - dt.timedelta(days=days)


def price(shop: Shop, sku: str, *steps: tuple[float, str], on: str = "nl") -> None:
    """Set prices: (days before NOW, amount)."""
    price_list = PriceList.objects.get(code=on)
    set_prices(
        price_list=price_list,
        prices=[NewPrice(shop.variants[sku], Decimal(amount), days_ago(days)) for days, amount in steps],
    )


def offer(shop: Shop, sku: str, at: dt.datetime = NOW) -> Any:
    variant = Variant.objects.select_related("product").get(sku=sku)
    return sellable_in(shop.web, variants=[variant], at=at)[variant.pk]


def test_the_last_price_that_has_begun_is_in_force(shop: Shop) -> None:
    price(shop, "A", (40, "12.00"), (3, "9.50"), (-2, "8.00"))
    # when
    found = prices_in_force(channel=shop.web, variant_ids=[v.pk for v in shop.variants.values()], at=NOW)
    # then A has its newest begun price, the others the price the shop opened with
    assert found == {shop.variants["A"].pk: Decimal("9.50")} | {shop.variants[s].pk: Decimal(10) for s in "BC"}


def test_of_two_lists_the_customer_pays_the_lower_and_another_currency_does_not_count(shop: Shop) -> None:
    for code, currency, amount in (("sale", "EUR", "7.00"), ("uk", "GBP", "1.00")):
        PriceList.objects.create(code=code, currency=currency).channels.add(shop.web)
        price(shop, "A", (1, amount), on=code)
    assert prices_in_force(channel=shop.web, variant_ids=[shop.variants["A"].pk], at=NOW) == {
        shop.variants["A"].pk: Decimal("7.00")
    }


def test_a_reduction_shows_the_lowest_price_of_the_thirty_days_before_it(shop: Shop) -> None:
    # given 10.00 since long ago, a dip to 8.50 until 25 days before the reduction, which came 5 days ago
    price(shop, "A", (60, "8.50"), (30, "11.00"), (5, "9.00"))
    found = offer(shop, "A")
    assert (found.price, found.lowest_price_30_days) == (Decimal("9.00"), Decimal("8.50"))


def test_prices_that_ended_before_the_thirty_days_do_not_count(shop: Shop) -> None:
    price(shop, "A", (90, "8.50"), (36, "11.00"), (5, "9.00"))
    assert offer(shop, "A").lowest_price_30_days == Decimal("11.00")


def test_a_price_that_rose_is_no_reduction(shop: Shop) -> None:
    price(shop, "A", (5, "11.00"))
    assert offer(shop, "A").lowest_price_30_days is None
    assert offer(shop, "B").lowest_price_30_days is None


def test_the_same_price_again_ends_nothing(shop: Shop) -> None:
    price(shop, "A", (10, "9.00"), (5, "9.00"))
    found = offer(shop, "A")
    assert (found.price, found.lowest_price_30_days) == (Decimal("9.00"), Decimal("10.00"))


def test_vat_is_that_of_the_day_and_the_country(shop: Shop) -> None:
    VatRate.objects.create(country="NL", vat_class="reduced", rate=9)
    VatRate.objects.create(country="NL", vat_class="standard", rate=22, valid_from=dt.date(2027, 1, 1))
    VatRate.objects.create(country="DE", vat_class="standard", rate=19)
    assert vat_rates(country="NL", on=dt.date(2026, 12, 31)) == {"standard": 21, "reduced": 9}
    assert vat_rates(country="NL", on=dt.date(2027, 1, 1)) == {"standard": 22, "reduced": 9}


def test_where_vat_is_unknown_none_is_charged(shop: Shop) -> None:
    shop.web.vat_basis = "unknown"
    assert offer(shop, "A").vat_rate is None


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({}, None),
        ({"active_from": dt.date(2026, 11, 22)}, NotSellable.NOT_YET),
        ({"active_until": dt.date(2026, 11, 20)}, NotSellable.ENDED),
        ({"active_until": dt.date(2026, 11, 21)}, None),
    ],
)
def test_a_variant_is_sold_in_its_period(shop: Shop, change: dict[str, dt.date], because: Any) -> None:
    for thing in (shop.variants["A"], shop.variants["B"].product):
        for field, value in change.items():
            setattr(thing, field, value)
        thing.save()
    assert offer(shop, "A").because == because
    assert offer(shop, "B").because == because
    assert offer(shop, "C").because is None


def test_the_day_is_that_of_the_channel(shop: Shop) -> None:
    # given a variant on sale from 22 November, at half past eleven at night in London
    shop.variants["A"].active_from = dt.date(2026, 11, 22)
    shop.variants["A"].save()
    at = dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.UTC)
    # then the Dutch webshop sells it already
    assert offer(shop, "A", at).because is None


def test_without_a_price_it_is_not_sold(shop: Shop) -> None:
    before_all = dt.datetime(2019, 1, 1, tzinfo=dt.UTC)
    assert offer(shop, "A", before_all).because == NotSellable.NO_PRICE


def test_the_number_of_queries_does_not_grow_with_the_variants(shop: Shop, django_assert_num_queries: Any) -> None:
    variants = list(Variant.objects.select_related("product"))
    with django_assert_num_queries(2):
        sellable_in(shop.web, variants=variants[:1])
    with django_assert_num_queries(2):
        sellable_in(shop.web, variants=variants)


def test_products_come_with_variants_texts_and_codes(shop: Shop) -> None:
    made = add_products(
        products=[
            NewProduct(
                code="KR",
                texts={"nl": ("Karaf", "Van glas"), "en": ("Carafe", "")},
                variants=[NewVariant("KR-1", ["9520012345674"]), NewVariant("KR-2", options={"kleur": "helder"})],
            )
        ]
    )
    assert made["KR-1"].gtins.get().code == "09520012345674"
    assert made["KR-2"].product.texts.count() == 2
    assert Event.objects.filter(topic="product.changed", object_key="KR").count() == 1


@pytest.mark.parametrize(
    ("new", "error"),
    [
        (NewProduct(code="P-A", texts={}, variants=[]), Conflict),
        (NewProduct(code="P", texts={}, variants=[NewVariant("A")]), Conflict),
        (NewProduct(code="P", texts={}, variants=[NewVariant("P1", ["9520012345675"])]), InvalidInput),
        (NewProduct(code="P", texts={}, variants=[], category="nowhere"), InvalidInput),
    ],
)
def test_a_product_that_cannot_be_leaves_nothing(shop: Shop, new: NewProduct, error: type[Exception]) -> None:
    with pytest.raises(error):
        add_products(products=[NewProduct(code="FINE", texts={}, variants=[]), new])
    assert not Variant.objects.exclude(pk__in=[v.pk for v in shop.variants.values()]).exists()
    assert not Event.objects.filter(topic="product.changed").exists()


def test_a_second_price_at_the_same_moment_is_refused(shop: Shop) -> None:
    moment = timezone.now()
    nl = PriceList.objects.get(code="nl")
    set_prices(price_list=nl, prices=[NewPrice(shop.variants["A"], Decimal(9), moment)])
    with pytest.raises(Conflict):
        set_prices(price_list=nl, prices=[NewPrice(shop.variants["A"], Decimal(8), moment)])
