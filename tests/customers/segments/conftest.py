"""Four customers: Jan orders online and in the store, Iris once online, Bob in the store alone, Kees never ordered."""

import datetime as dt
from decimal import Decimal
from itertools import count

import pytest
from django.utils import timezone

from apps.core.money import ZERO
from apps.customers.models import SourceRecord
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.network.models import Channel
from apps.orders.models import Method, Order, OrderLine, OrderStatus
from apps.payments.models import PaymentAccount
from tests.shop import Shop, open_shop
from tests.staff import person

_numbers = count(1)


class Town:
    """The shop with its people, by name."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        names = {"jan": shop.s1, "iris": shop.s2, "bob": shop.s1, "kees": None}
        ids = recognise(
            [
                Person(
                    source="web",
                    account_id=f"web-{name}",
                    first_name=name.title(),
                    email=f"{name}@example.org",
                    email_is_verified=True,
                    home_location_id=home.pk if home else None,
                )
                for name, home in names.items()
            ],
            actor="system",
        )
        self.records = dict(zip(names, ids, strict=True))

    def customer(self, name: str) -> int:
        return SourceRecord.objects.get(pk=self.records[name]).customer_id

    def names(self, customer_ids) -> set[str]:
        known = {self.customer(name): name for name in self.records}
        return {known[pk] for pk in customer_ids}

    def order(self, name: str, *, channel: str = "web", days_ago: int = 1, total: str = "10.00", **more) -> Order:
        """An order of one piece of A, fulfilled."""
        day = timezone.localdate() - dt.timedelta(days=days_ago)
        where = Channel.objects.get(code=channel)
        values = {"status": OrderStatus.COLLECTED, "sku": "A", "returned": 0, "currency": "EUR"} | more
        n = next(_numbers)
        order = Order.objects.create(
            number=f"T{n:08d}",
            channel=where,
            external_id=f"x-{n}",
            source_record_id=self.records[name],
            seller=self.shop.own,
            status=values["status"],
            method=Method.CARRY_OUT,
            payment_account=PaymentAccount.objects.create(currency=values["currency"]),
            currency=values["currency"],
            goods_total=Decimal(total),
            charges_total=ZERO,
            total=Decimal(total),
            placed_at=timezone.now() - dt.timedelta(days=days_ago),
            business_date=day,
        )
        OrderLine.objects.create(
            order=order,
            line=1,
            variant=self.shop.variants[values["sku"]],
            sku=values["sku"],
            name=values["sku"],
            quantity=2,
            unit_price=Decimal(total) / 2,
            amount=Decimal(total),
            method=Method.CARRY_OUT,
            quantity_fulfilled=2,
            quantity_returned=values["returned"],
        )
        return order


@pytest.fixture
def town(db: None) -> Town:
    return Town(open_shop())


@pytest.fixture
def office(town: Town):
    return person("Hanna Vos", "head_office")
