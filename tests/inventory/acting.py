"""What people and tills do in the shop of the tests: one short call each, through the services that pages and API call."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from apps.core.retry import in_transaction
from apps.customers.services.people import Person
from apps.inventory.models import Place, Reservation, StockDocument, Transfer
from apps.inventory.services.correcting import LOSSES, adjust, change_condition
from apps.inventory.services.counting import book_count
from apps.inventory.services.places.moving import Carried, move_inside
from apps.inventory.services.promising import cancel_reservation, reserve
from apps.inventory.services.receiving import receive_goods
from apps.inventory.services.transfers.requesting import request_transfer
from apps.inventory.services.types import Want
from apps.network.models import Channel, Location
from apps.orders.models import Order, OrderLine
from apps.orders.services.fulfilling import due_at_counter, hand_over, mark_ready, pick, still_to_pay
from apps.orders.services.paying import pay
from apps.orders.services.placing import place_order
from apps.orders.services.recording import record_sales
from apps.orders.services.rerouting import reroute
from apps.orders.services.shipping import ship
from apps.orders.services.types import OrderDocument, OrderedLine, Sale, SaleLine
from apps.payments.services.types import Tendered
from apps.returns.models import Return
from apps.returns.services.accepting import accept_in_store
from apps.returns.services.types import Accepted
from tests.shop import Shop

Basket = Sequence[tuple[str, int]]  # (SKU, pieces); a SKU may stand in it twice
PRICE = Decimal("10.00")
LONG_AGO = dt.timedelta(days=1)
WHY_GONE = sorted(str(reason) for reason in LOSSES)


class Trade:
    """The acts. Whatever has a `reference` or `external_id` is done once, however often it is told."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.places: dict[str, Location] = {place.code: place for place in (shop.s1, shop.s2, shop.dc)}
        self.owners = {"S1": shop.franchisee, "S2": shop.own, "DC": shop.own}

    def receive(self, place: str, sku: str, pieces: int, reference: str, shelf: str = "") -> StockDocument:
        return in_transaction(
            lambda: receive_goods(
                location=self.places[place],
                lines=[(self._id(sku), Decimal(pieces))],
                reference=reference,
                occurred_at=timezone.now(),
                actor="test",
                shelves={self._id(sku): shelf} if shelf else {},
            )
        )

    def carry(
        self, place: str, sku: str, pieces: int, source: str, target: str, condition: str, reference: str
    ) -> StockDocument:
        """From one place inside a location to another; "" is none in particular."""
        one = Carried(self.shop.variants[sku], Decimal(pieces), source, target, condition)
        return move_inside(location=self.places[place], carried=[one], reference=reference, actor="test")

    def hold(self, basket: Basket, place: str | None) -> Reservation:
        """What a webshop holds for a basket: for half an hour."""
        at = self.places[place].pk if place else None
        wants = [Want(n, self._id(sku), Decimal(q), at) for n, (sku, q) in enumerate(basket, start=1)]
        expires_at = timezone.now() + dt.timedelta(minutes=30)
        return in_transaction(
            lambda: reserve(channel_id=self.shop.web.pk, reference="basket", wants=wants, expires_at=expires_at)
        )[0]

    def let_lapse(self, reservation_ids: Sequence[int]) -> None:
        """Time goes by."""
        held = Reservation.objects.filter(pk__in=reservation_ids, expires_at__isnull=False)
        held.update(expires_at=timezone.now() - LONG_AGO)

    def let_go(self, reservation: Reservation) -> bool:
        """The basket is thrown away, as far as no order took it over."""

        def work() -> bool:
            free = Reservation.objects.of_baskets().filter(pk=reservation.pk)
            return free.exists() and cancel_reservation(key=str(reservation.key))

        return in_transaction(work)

    def place(
        self,
        basket: Basket,
        store: str | None,
        external_id: str,
        *,
        terms: str,
        reservation: Reservation | None = None,
        anywhere: bool = False,
        ways: Sequence[str] = (),
    ) -> Order:
        """An order, collected in `store` (and sent there, with `anywhere`) or else sent; `ways` says of each line how it goes.

        `terms`: paid, unpaid (yet), later (at the counter, by invoice).
        """
        total = PRICE * sum(q for _sku, q in basket)
        later = "on_collection" if store and not ways else "invoice"
        ways = ways or [""] * len(basket)
        document = OrderDocument(
            external_id=external_id,
            placed_at=timezone.now(),
            currency="EUR",
            method="collect" if store else "delivery",
            location=store,
            person=Person(source="web", postcode="3511AB", house_number="1", country="NL") if any(ways) else None,
            lines=[OrderedLine(sku, Decimal(q), PRICE, method=way) for (sku, q), way in zip(basket, ways, strict=True)],
            payment_terms=later if terms == "later" else "prepaid",
            payments=[Tendered("ideal", total)] if terms == "paid" else (),
            reservation=reservation.key if reservation else None,
            from_anywhere=anywhere,
            fingerprint=f"{external_id} {store} {terms} {basket} {''.join(way[:2] for way in ways)}",
        )
        placed = place_order(channel=self.shop.web, document=document, actor="test")
        return Order.objects.get(pk=placed.order_id)

    def pay(self, number: str) -> Order:
        """All that is due, if anything is."""
        order = Order.objects.select_related("payment_account").get(number=number)
        due = still_to_pay(order, order.lines.all())
        return pay(number=number, payments=[Tendered("ideal", due)] if due else [], actor="test")

    def take_from_shelf(self, number: str) -> Order:
        """Pick all that waits to be picked, and lay it ready where it is collected."""
        order = pick(number=number, actor="test")
        in_store = order.lines.filter(method="collect", status__in=["sourced", "picking", "ready"])
        return mark_ready(number=number, actor="test") if in_store.exists() else order

    def reroute_line(self, number: str, line: int) -> Order:
        """One line home if it is collected, else to the first store."""
        is_collected = OrderLine.objects.filter(order__number=number, line=line, method="collect").exists()
        to = None if is_collected else self.places["S1"]
        return reroute(number=number, to=to, line_numbers=[line], actor="test")

    def give(self, number: str) -> Order:
        """To the customer at the counter, who pays what is due, or to the carrier."""
        order = Order.objects.select_related("payment_account").get(number=number)
        if order.lines.filter(method="delivery", status="picking").exists():
            return ship(number=number, actor="test")
        if not order.lines.filter(method="collect").exists():
            return ship(number=number, actor="test")
        due = due_at_counter(order, order.lines.all())
        tenders = [Tendered("pin", due)] if due else []
        return hand_over(number=number, collect_code=order.collect_code or "", tenders=tenders, actor="test")

    def sell(self, store: str, basket: Basket, external_id: str) -> Order:
        """A till sale: a fact, whatever the system believes there is."""
        channel = Channel.objects.get(location=self.places[store])
        now = timezone.now()
        sale = Sale(
            channel_id=channel.pk,
            channel_code=channel.code,
            external_id=external_id,
            placed_at=now,
            business_date=now.date(),
            currency="EUR",
            seller_id=self.owners[store].pk,
            method="carry_out",
            location_id=self.places[store].pk,
            lines=[
                SaleLine(n, self._id(sku), sku, sku, Decimal(q), PRICE, Decimal(0), PRICE * q)
                for n, (sku, q) in enumerate(basket, start=1)
            ],
            tenders=[Tendered("pin", PRICE * sum(q for _sku, q in basket))],
        )
        recorded = in_transaction(lambda: record_sales([sale], actor="test"))
        return Order.objects.get(pk=recorded[0].order_id)

    def take_back(self, store: str, number: str, line: int, pieces: int, grade: str, reference: str) -> Return:
        return accept_in_store(
            location=self.places[store],
            lines=[Accepted(number, line, Decimal(pieces), grade=grade)],
            reference=reference,
            occurred_at=timezone.now(),
            actor="test",
        )

    def count(
        self, place: str, counted: Mapping[str, Decimal], at: dt.datetime, reference: str, shelf: str = ""
    ) -> StockDocument:
        """Book what somebody counted a while ago, all of it on one shelf or nobody knows where."""
        by_id = {self._id(sku): quantity for sku, quantity in counted.items()}
        on = {variant_id: {shelf: quantity} for variant_id, quantity in by_id.items()} if shelf else {}
        return in_transaction(
            lambda: book_count(
                location=self.places[place], counted=by_id, shelves=on, reference=reference, counted_at=at, actor="test"
            )
        )

    def correct(self, place: str, sku: str, pieces: int, reason: str, condition: str, reference: str) -> StockDocument:
        return adjust(
            location=self.places[place],
            variant=self.shop.variants[sku],
            quantity=Decimal(pieces),
            reason=reason,
            condition=condition,
            reference=reference,
            actor="test",
        )

    def set_apart(self, place: str, sku: str, pieces: int, reason: str, source: str, reference: str) -> StockDocument:
        return change_condition(
            location=self.places[place],
            variant=self.shop.variants[sku],
            quantity=Decimal(pieces),
            source=source,
            reason=reason,
            reference=reference,
            actor="test",
        )

    def ask(self, sender: str, receiver: str, basket: Basket, reference: str) -> Transfer:
        return request_transfer(
            sender=self.places[sender],
            receiver=self.places[receiver],
            lines=[(self.shop.variants[sku], Decimal(q)) for sku, q in basket],
            reference=reference,
            actor="test",
        )

    def _id(self, sku: str) -> int:
        return self.shop.variants[sku].pk


def reservations_of(number: str) -> list[int]:
    found = Reservation.objects.filter(demands__order_line__order__number=number)
    return sorted(set(found.values_list("pk", flat=True)))


def furnish(location: Location) -> None:
    """A place of each kind."""
    kinds = {"A-1": "shelf", "B-1": "bin", "M-1": "stockroom", "R-1": "staging", "Q-1": "quarantine"}
    Place.objects.bulk_create(Place(location=location, code=code, kind=kind) for code, kind in kinds.items())


def open_trade(shop: Shop) -> Trade:
    """The shop with stores that send parcels too, and ten of each product everywhere."""
    with transaction.atomic():
        for place in (shop.s1, shop.s2):
            shop.sends(place)
        for place in (shop.s1, shop.s2, shop.dc):
            shop.receive(place, A=4, B=4, C=4)
            furnish(place)
    return Trade(shop)
