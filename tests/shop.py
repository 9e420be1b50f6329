"""A small shop for tests: one webshop, two stores, a distribution centre, three products in stock, and API clients."""

import datetime as dt
import itertools
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from apps.accounts.models import ApiClient
from apps.accounts.roles import Scope
from apps.accounts.services import issue_api_key
from apps.catalogue.models import Price, PriceList, Product, ProductText, Variant, VatRate
from apps.core.reconcile import reconcile
from apps.inventory.models import StockLevel
from apps.inventory.services.receiving import receive_goods
from apps.network import directory
from apps.network.agreeing import agree_to_send
from apps.network.changing import change_location
from apps.network.models import Channel, LegalEntity, Location, Ownership
from tests.api import ApiCaller

_count = itertools.count(1)
ALL_SCOPES = list(Scope.values)


@dataclass
class Shop:
    own: LegalEntity
    franchisee: LegalEntity
    web: Channel
    s1: Location
    s2: Location
    dc: Location
    variants: dict[str, Variant]
    key: str
    client: ApiClient

    def stock(self, sku: str, location: Location | None = None) -> StockLevel:
        return StockLevel.objects.get(variant__sku=sku, location=location or self.s1, condition="saleable")

    def receive(self, location: Location, **quantities: int) -> None:
        """Book a delivery: receive(s1, A=5)."""
        receive_goods(
            location=location,
            lines=[(self.variants[sku].pk, Decimal(q)) for sku, q in quantities.items()],
            reference=f"test-{next(_count)}",
            occurred_at=timezone.now(),
            actor="test",
        )

    def order_body(self, *lines: tuple[str, Any], **changes: Any) -> dict[str, Any]:
        """A body for POST orders/: collected in S1, every line at its price of 10.00, fully paid."""
        lines = lines or (("A", 1),)
        total = sum((Decimal(str(q)) * 10 for _, q in lines), Decimal(0))
        body = {
            "external_id": f"WEB-{next(_count)}",
            "placed_at": "2026-11-21T12:00:00+01:00",
            "currency": "EUR",
            "customer": {"email": "j.jansen@example.org", "account_id": "web-77", "first_name": "Jan"},
            "fulfilment": {"method": "collect", "location": "S1"},
            "lines": [{"sku": sku, "quantity": str(q), "unit_price": "10.00"} for sku, q in lines],
            "payments": [{"method": "ideal", "status": "captured", "amount": f"{total:.2f}", "provider": "mollie"}],
        }
        return body | changes

    def sends(self, location: Location) -> None:
        """Let a store send orders, with the consent of whoever owns it."""
        change_location(location=location, ships_orders=True)
        owner = location.ownerships.get().legal_entity
        if owner.kind == LegalEntity.Kind.FRANCHISEE:
            agree_to_send(location=location, since=dt.date(2020, 1, 1))
        directory.forget()

    def post(self, path: str, body: Any = None, *, key: str | None = None, api_key: str | None = None) -> Any:
        """POST to the API; each call has an Idempotency-Key of its own unless one is given."""
        return ApiCaller(api_key or self.key).post(
            f"/api/v1/{path}",
            body if body is not None else {},
            format="json",
            headers={"Idempotency-Key": key or f"key-{next(_count)}"},
        )

    def client_call(self, method: str, path: str) -> Any:
        """Any other method on the API."""
        return ApiCaller(self.key).generic(method, f"/api/v1/{path}")

    def get(self, path: str, *, api_key: str | None = None) -> Any:
        return ApiCaller(api_key or self.key).get(f"/api/v1/{path}")


def nothing_differs() -> bool:
    """Whether every running figure is what its ledger adds up to."""
    return not any(outcome.differences for outcome in reconcile())


def open_shop() -> Shop:
    own = LegalEntity.objects.create(code="OWN", name="Moswijk BV", kind="own")
    franchisee = LegalEntity.objects.create(code="F01", name="De Vries Wonen", kind="franchisee")
    s1, s2, dc = (
        Location.objects.create(code=code, name=name, postcode=postcode, city="Utrecht", kind=kind, ships_orders=ships)
        for code, name, postcode, kind, ships in (
            ("S1", "Utrecht", "3511AB", "store", False),
            ("S2", "Leiden", "2312AB", "store", False),
            ("DC", "Tiel", "4001AB", "dc", True),
        )
    )
    for location, owner in ((s1, franchisee), (s2, own), (dc, own)):
        Ownership.objects.create(location=location, legal_entity=owner, valid=DateRange(dt.date(2020, 1, 1), None))
        if location.kind == "store":
            Channel.objects.create(code=location.code, name=location.name, kind="store", location=location)
    web = Channel.objects.create(code="web", name="Webshop", kind="webshop", seller=own, verifies_email=True)
    prices = PriceList.objects.create(code="nl", currency="EUR")
    prices.channels.set(Channel.objects.all())
    VatRate.objects.create(country="NL", vat_class="standard", rate=Decimal("21.00"))
    variants = {}
    for sku in ("A", "B", "C"):
        product = Product.objects.create(code=f"P-{sku}")
        ProductText.objects.create(product=product, locale="nl", name=f"Product {sku}")
        variants[sku] = Variant.objects.create(product=product, sku=sku)
        Price.objects.create(
            variant=variants[sku],
            price_list=prices,
            amount=Decimal("10.00"),
            valid_from=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        )
    client = ApiClient.objects.create(name="Webshop", channel=web, scopes=ALL_SCOPES)
    return Shop(own, franchisee, web, s1, s2, dc, variants, issue_api_key(client=client), client)
