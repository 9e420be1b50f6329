"""A shop with many stores and articles, and the orders that a crowd of customers place in it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

STORES, ARTICLES = 40, 1_000
PLENTY = 9_000_000


@dataclass(frozen=True)
class Crowd:
    """The shop, the codes of its stores, and the SKUs that all of them have; the first store has the hot article `A` too."""

    shop: Any
    stores: Sequence[str]
    skus: Sequence[str]

    def basket(self, *, hot: bool) -> tuple[str, list[str]]:
        """A store and three SKUs of it: any, or in the one store with the hot article among them."""
        if hot:
            return self.stores[0], ["A", *random.sample(self.skus, 2)]
        return random.choice(self.stores), random.sample(self.skus, 3)

    def place(self, n: int, *, basket: tuple[str, list[str]]) -> None:
        """Place an order for one of each, of one of two hundred customers who are known."""
        from django.utils import timezone

        from apps.customers.services.people import Person
        from apps.orders.services.placing import place_order
        from apps.orders.services.types import OrderDocument, OrderedLine
        from apps.payments.services.types import Tendered

        store, skus = basket
        who = f"c{n % 200}"
        document = OrderDocument(
            external_id=f"{skus[0]}-{n}",
            placed_at=timezone.now(),
            currency="EUR",
            method="collect",
            location=store,
            person=Person(source="web", account_id=who, email=f"{who}@example.org", first_name="Jan"),
            lines=[OrderedLine(sku, Decimal(1), Decimal("10.00")) for sku in skus],
            payments=[Tendered("ideal", Decimal(10 * len(skus)), provider="mollie")],
            fingerprint=str(n),
        )
        place_order(channel=self.shop.web, document=document, actor="bench")


def open_crowded_shop() -> Crowd:
    """Fill an empty, migrated database."""
    from django.db import connection

    from apps.catalogue.models import Price, PriceList, Product, ProductText, Variant
    from apps.inventory.models import StockLevel
    from apps.network import directory
    from apps.network.models import Location, Ownership
    from tests.shop import open_shop

    shop = open_shop()
    since = Price.objects.values_list("valid_from", flat=True)[0]
    products = Product.objects.bulk_create(Product(code=f"Q{n}") for n in range(ARTICLES))
    ProductText.objects.bulk_create(ProductText(product=p, locale="nl", name=f"Product {p.code}") for p in products)
    variants = Variant.objects.bulk_create(Variant(product=p, sku=p.code) for p in products)
    list_ = PriceList.objects.get()
    Price.objects.bulk_create(
        Price(variant=v, price_list=list_, amount=Decimal(10), valid_from=since) for v in variants
    )
    owned = Ownership.objects.get(location=shop.s2)
    stores = Location.objects.bulk_create(
        Location(code=f"C{n}", name=f"Store {n}", postcode="3511AB", city="Utrecht", kind="store")
        for n in range(STORES)
    )
    Ownership.objects.bulk_create(
        Ownership(location=store, legal_entity=owned.legal_entity, valid=owned.valid) for store in stores
    )
    StockLevel.objects.bulk_create(
        StockLevel(variant=v, location=store, owner=owned.legal_entity, on_hand=PLENTY)
        for store in stores
        for v in [*variants, *shop.variants.values()]
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    directory.forget()
    return Crowd(shop, [store.code for store in stores], [v.sku for v in variants])
