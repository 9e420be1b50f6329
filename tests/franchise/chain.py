"""A small chain that sells online: stores of two franchisees and of the retailer, goods in stock, and orders through the
services."""

import datetime as dt
import itertools
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from apps.accounts.models import ApiClient
from apps.accounts.roles import Role
from apps.accounts.services import issue_api_key
from apps.catalogue.models import Variant
from apps.catalogue.services.maintaining import NewProduct, NewVariant, add_products
from apps.core.events.subscribers import catch_up
from apps.customers.services.people import Person
from apps.franchise.models import RuleSet
from apps.franchise.services.publishing import draft_rule_set, publish_rule_set
from apps.inventory.services.receiving import receive_goods
from apps.network.models import Channel, LegalEntity, Location, Ownership
from apps.orders.models import Order
from apps.orders.services import fulfilling, shipping
from apps.orders.services.placing import place_order
from apps.orders.services.recording import record_sales
from apps.orders.services.types import OrderDocument, OrderedCharge, OrderedLine, Sale, SaleCharge, SaleLine
from apps.payments.services.types import Tendered

WATERFALL = ["collect", "referral", "home", "residual"]
_numbers = itertools.count(1)


def store(code: str, owner: LegalEntity, since: dt.date = dt.date(2020, 1, 1)) -> Location:
    location = Location.objects.create(code=code, name=f"Winkel {code}", postcode="2011AB", city="Haarlem")
    Ownership.objects.create(location=location, legal_entity=owner, valid=DateRange(since, None))
    return location


def pass_on(location: Location, to: LegalEntity, on: dt.date) -> None:
    """The store changes hands: from `on` the new owner has it."""
    old = Ownership.objects.get(location=location, valid__contains=on)
    old.valid = DateRange(old.valid.lower, on)
    old.save()
    Ownership.objects.create(location=location, legal_entity=to, valid=DateRange(on, None))


@dataclass
class Chain:
    """`own` sells online; `anna` owns S001 and S002, `bram` owns S003; S009 is the retailer's own."""

    own: LegalEntity
    anna: LegalEntity
    bram: LegalEntity
    web: Channel
    stores: dict[str, Location] = field(default_factory=dict)
    variants: dict[str, Variant] = field(default_factory=dict)

    def publish(self, *waterfall: str, version: str = "v1", valid_from: dt.date = dt.date(2020, 1, 1)) -> RuleSet:
        draft = draft_rule_set(
            version=version, name="Contract", waterfall=waterfall or WATERFALL, valid_from=valid_from
        )
        return publish_rule_set(rule_set=draft, principal=None)

    def order(
        self,
        *,
        lines: list[tuple[str, str, str]],
        collect: str | None = None,
        referral: str | None = None,
        customer: Person | None = None,
        charges: list[str] = [],  # noqa: B006  (never changed)
        placed_at: dt.datetime | None = None,
    ) -> Order:
        """Place a web order; lines are (sku, quantity, unit price). Invoiced, so that nothing waits for money."""
        placed = place_order(
            channel=self.web,
            document=OrderDocument(
                external_id=f"WEB-{next(_numbers)}",
                placed_at=placed_at or timezone.now(),
                currency="EUR",
                method="collect" if collect else "delivery",
                location=collect,
                lines=[OrderedLine(sku, Decimal(q), Decimal(price)) for sku, q, price in lines],
                charges=[OrderedCharge("delivery", Decimal(c), Decimal(21)) for c in charges],
                person=customer,
                payment_terms="invoice",
                referral_store=referral,
            ),
            actor="test",
        )
        return Order.objects.get(pk=placed.order_id)

    def hand_over(self, order: Order, quantities: dict[int, Decimal] | None = None) -> Order:
        """Pick and bring an order to its customer, the whole of it."""
        fulfilling.pick(number=order.number, actor="test", quantities=quantities)
        if order.method == "collect":
            fulfilling.mark_ready(number=order.number, actor="test")
            return fulfilling.hand_over(number=order.number, collect_code=order.collect_code, actor="test")
        return shipping.ship(number=order.number, actor="test")

    def sale(
        self,
        channel: Channel,
        *,
        lines: list[tuple[str, str, str, str | None]],
        day: dt.date,
        currency: str = "EUR",
        method: str = "carry_out",
        location: Location | None = None,
        source_record_id: int | None = None,
        charges: list[str] = [],  # noqa: B006  (never changed)
        origin: str = "live",
        seller: LegalEntity | None = None,
    ) -> Order:
        """Record a sale that happened; lines are (sku, quantity, amount, VAT)."""
        at = dt.datetime.combine(day, dt.time(12), dt.UTC)
        total = sum((Decimal(a) for _, _, a, _ in lines), Decimal(0)) + sum((Decimal(c) for c in charges), Decimal(0))
        recorded = record_sales(
            [
                Sale(
                    channel_id=channel.pk,
                    channel_code=channel.code,
                    external_id=f"SALE-{next(_numbers)}",
                    placed_at=at,
                    business_date=day,
                    currency=currency,
                    seller_id=(seller or self.own).pk,
                    method=method,
                    location_id=location.pk if location else None,
                    source_record_id=source_record_id,
                    lines=[
                        SaleLine(
                            line=n,
                            variant_id=self.variants[sku].pk,
                            sku=sku,
                            name=sku,
                            quantity=Decimal(q),
                            unit_price=Decimal(amount) / Decimal(q),
                            discount=Decimal(0),
                            amount=Decimal(amount),
                            vat_rate=None if vat is None else Decimal(21),
                            vat_amount=None if vat is None else Decimal(vat),
                        )
                        for n, (sku, q, amount, vat) in enumerate(lines, start=1)
                    ],
                    charges=[
                        SaleCharge(n, "delivery", "", Decimal(c)) for n, c in enumerate(charges, start=len(lines) + 1)
                    ],
                    tenders=[Tendered("pin", total)],
                )
            ],
            origin=origin,
            actor="test",
            move_stock=False,
        )
        return Order.objects.get(pk=recorded[0].order_id)


def build_chain() -> Chain:
    own = LegalEntity.objects.create(code="OWN", name="Moswijk B.V.", kind="own")
    anna = LegalEntity.objects.create(code="ANNA", name="Anna Retail", kind="franchisee")
    bram = LegalEntity.objects.create(code="BRAM", name="Bram Wonen", kind="franchisee")
    web = Channel.objects.create(code="web", name="Webshop", kind="webshop", seller=own, price_tolerance=100_000)
    chain = Chain(own, anna, bram, web)
    for code, owner in (("S001", anna), ("S002", anna), ("S003", bram), ("S009", own)):
        chain.stores[code] = store(code, owner)
    chain.stores["DC1"] = dc = Location.objects.create(
        code="DC1", name="DC", kind="dc", postcode="4001AA", city="Tiel", ships_orders=True
    )
    Ownership.objects.create(location=dc, legal_entity=own, valid=DateRange(dt.date(2020, 1, 1), None))
    chain.variants = add_products(
        products=[NewProduct(f"P{n}", {"nl": (f"Kom {n}", "")}, [NewVariant(f"A{n}")]) for n in (1, 2, 3)]
    )
    _price(chain)
    for location in chain.stores.values():
        receive_goods(
            location=location,
            lines=[(v.pk, Decimal(500)) for v in chain.variants.values()],
            reference="start",
            occurred_at=timezone.now(),
            actor="test",
        )
    return chain


def _price(chain: Chain) -> None:
    """A price and 21 % VAT, so that the webshop sells; a wide tolerance lets tests name their own prices."""
    from apps.catalogue.models import Price, PriceList, VatRate

    VatRate.objects.create(country="NL", vat_class="standard", rate=21)
    prices = PriceList.objects.create(code="nl", currency="EUR")
    prices.channels.add(chain.web)
    Price.objects.bulk_create(
        Price(variant=v, price_list=prices, amount=10, valid_from=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        for v in chain.variants.values()
    )


def api_key(channel: Channel, scopes: list[str], *stores: Location) -> str:
    client = ApiClient.objects.create(name=f"client {next(_numbers)}", channel=channel, scopes=scopes)
    client.locations.set(stores)
    return issue_api_key(client=client)


def read_events() -> None:
    """Let every subscriber read to the head of the log."""
    catch_up()


FRANCHISEE, MANAGER, HEAD_OFFICE = Role.FRANCHISEE, Role.STORE_MANAGER, Role.HEAD_OFFICE
