"""What goes on today: web orders in every state, and conversations."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from apps.core.money import ZERO, line_amount
from apps.inventory.models import StockLevel, Transfer
from apps.inventory.services.transfers.receiving import receive_transfer
from apps.inventory.services.transfers.sending import send_transfer
from apps.network.models import Channel, Location
from apps.orders.models import Method, Order, PaymentTerms
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.services.keeping import keep_until, name_collector, remind_of_collecting
from apps.orders.services.packing import Packed
from apps.orders.services.placing import place_order
from apps.orders.services.sending_on import CAUSE_TYPE as SENT_ON
from apps.orders.services.shipping import ship
from apps.orders.services.types import OrderDocument, OrderedCharge, OrderedLine
from apps.payments.services.types import Tendered
from apps.service.models import ContactMoment
from apps.service.services.contacts import Contact, log_contact
from config.demo.chain import Chain
from config.demo.people import Customer, People
from config.demo.plan import ACTOR, Plan
from config.demo.shelf_prices import Range
from config.demo.shopping import Shelves

# How many orders stand in each state: in the store of the demo's manager, and in others together.
_COLLECT = {"waiting": (4, 8), "picking": (2, 4), "ready": (3, 5), "collected": (3, 6), "unpaid": (1, 2)}
_COMES = ("asked", "sent", "here")  # to the store of the demo's manager, from a distribution centre
_DELIVERY = {"waiting": 5, "picking": 2, "shipped": 4, "cancelled": 2}
_DELIVERY_COST = Decimal("4.95")

_SAID = (
    ("order_status", "phone", "Vraagt wanneer de bestelling klaarligt. Verteld dat er een mail komt."),
    ("order_status", "chat", "Waar blijft mijn pakket? Track-en-trace gestuurd."),
    ("return", "phone", "Wil een kussen terugbrengen naar een andere winkel. Uitgelegd dat dat kan."),
    ("return", "email", "Retourlabel opnieuw gemaild."),
    ("product", "store", "Zoekt een vloerkleed dat bij de bank past. Foto's bekeken, denkt erover na."),
    ("product", "chat", "Mag de ovenschaal in de vaatwasser? Ja."),
    ("payment", "phone", "Betaling via iDEAL dubbel afgeschreven volgens klant. Nagekeken: één keer."),
    ("loyalty", "phone", "Punten van vorige week nog niet zichtbaar. Uitgelegd dat ze na de retourtermijn tellen."),
    ("complaint", "email", "Bord kapot aangekomen. Excuses aangeboden, nieuw bord gestuurd."),
    ("other", "social", "Compliment over de etalage doorgestuurd naar de winkel."),
)


@dataclass(frozen=True, slots=True)
class _Placed:
    number: str
    customer: Customer


class Today:
    """Writes what goes on today, through the services that pages and the API use."""

    def __init__(self, plan: Plan, chain: Chain, range_: Range, people: People, shelves: Shelves) -> None:
        self.plan, self.chain, self.range, self.people, self.shelves = plan, chain, range_, people, shelves
        self.chance = plan.chance("today")
        self.placed: list[_Placed] = []
        self.lying = 0
        dutch = [s for s in chain.stores if s.country == "NL" and s != chain.demo_store]
        self._others = self.chance.sample(dutch, len(dutch)) or [chain.demo_store]
        self._now = min(plan.moment(plan.today, 8), timezone.now())  # a demo made at night has no morning yet

    def place_orders(self) -> int:
        for state, (here, elsewhere) in _COLLECT.items():
            for n in range(here + elsewhere):
                store = self.chain.demo_store if n < here else self._others[n % len(self._others)]
                self._collect(state, store)
        for state in _COMES:
            self._comes(state)
        for state, count in _DELIVERY.items():
            for _ in range(count):
                self._deliver(state)
        self._sell_several_ways()
        return len(self.placed)

    # --- orders -------------------------------------------------------------------------------------------------------

    def _collect(self, state: str, store: Location) -> None:
        lines = self.lines_of(store)
        if not lines:
            return
        customer = self.people.online(self.chance)
        at_counter = state == "waiting" and self.chance.random() < 0.2
        referred = self.chance.choice(self._others) if self.chance.random() < 0.2 else None
        number = self.place(
            customer,
            lines,
            method=Method.COLLECT,
            location=store.code,
            paid=state != "unpaid" and not at_counter,
            terms=PaymentTerms.ON_COLLECTION if at_counter else PaymentTerms.PREPAID,
            referred_by=referred,
        )
        if state in {"picking", "ready", "collected"}:
            pick(number=number, actor=ACTOR)
        if state in {"ready", "collected"}:
            mark_ready(number=number, actor=ACTOR)
        if state == "ready" and store == self.chain.demo_store:
            self._lies(number)
        if state == "collected":
            code = Order.objects.values_list("collect_code", flat=True).get(number=number)
            assert code is not None
            hand_over(number=number, collect_code=code, actor=ACTOR)

    def _lies(self, number: str) -> None:
        """In the store of the demo's manager one order lies for days, another is fetched by a neighbour, a third waits longer."""
        self.lying += 1
        if self.lying == 1:
            since = self._now - dt.timedelta(days=4)
            Order.objects.filter(number=number).update(
                ready_at=since, collect_until=F("collect_until") - dt.timedelta(days=5)
            )
            remind_of_collecting()
        elif self.lying == 2:
            name_collector(number=number, name="Gerda Postma", actor=ACTOR)
        else:
            keep_until(number=number, day=self.plan.today + dt.timedelta(days=14), actor=ACTOR)

    def _comes(self, state: str) -> None:
        """Somebody collects what the store has, and one thing that a distribution centre sends it."""
        store, dc = self.chain.demo_store, self.chain.dcs[0]
        elsewhere = self.lines_of(dc, without=store)[:1]
        if not elsewhere:
            return
        number = self.place(
            self.people.online(self.chance),
            [*self.lines_of(store)[:1], *elsewhere],
            method=Method.COLLECT,
            location=store.code,
            from_anywhere=True,
        )
        for transfer in Transfer.objects.filter(cause_type=SENT_ON, cause_id=number):
            if state in {"sent", "here"}:
                send_transfer(number=transfer.number, actor=ACTOR)
            if state == "here":
                receive_transfer(number=transfer.number, actor=ACTOR)

    def _deliver(self, state: str) -> None:
        lines = self.lines_of(self.chance.choice(self.chain.dcs))
        if not lines:
            return
        customer = self.people.online(self.chance)
        referred = self.chain.demo_store if self.chance.random() < 0.4 else None
        number = self.place(customer, lines, method=Method.DELIVERY, location=None, referred_by=referred)
        if state in {"picking", "shipped"}:
            pick(number=number, actor=ACTOR)
        if state == "shipped":
            ship(number=number, parcels=[self._packed()], actor=ACTOR)
        if state == "cancelled":
            cancel(number=number, actor=ACTOR)

    def _sell_several_ways(self) -> None:
        """In the store of the demo's manager somebody takes one thing along, collects another later, and gets a third sent."""
        store = self.chain.demo_store
        here, sent = self.lines_of(store, most=2), self.lines_of(self.chance.choice(self.chain.dcs), most=1)
        if len(here) < 2 or not sent:
            return
        along = replace(here[0], method=Method.CARRY_OUT)
        lines = [along, here[1], *(replace(line, method=Method.DELIVERY) for line in sent)]
        customer = self.people.online(self.chance)
        self.place(customer, lines, method=Method.COLLECT, location=store.code, referred_by=store)

    def _packed(self) -> Packed:
        """A parcel that somebody took to a carrier's counter."""
        code = f"3SMOSW{self.chance.randint(10**8, 10**9 - 1)}"
        url = f"https://carrier.example/track/{code}"
        return Packed(service="PostNL", tracking_number=code, tracking_url=url, weight=self.chance.randint(4, 60) * 50)

    def lines_of(self, location: Location, *, without: Location | None = None, most: int = 0) -> list[OrderedLine]:
        """One to three things of which there are enough, or `most` of them, and of which another place is `without`; nothing in
        the rare place that has none."""
        there = StockLevel.objects.filter(location=without, on_hand__gt=0)
        enough = (
            StockLevel.objects.saleable()
            .filter(location=location)
            .annotate(free=F("on_hand") - F("reserved") - F("safety_collect"))
            .filter(free__gte=2)
            .exclude(variant__in=there.values("variant"))
            .order_by("variant__sku")
            .values_list("variant__sku", flat=True)
        )
        skus = list(enough)
        chosen = self.chance.sample(skus, min(len(skus), most or self.chance.choice((1, 1, 2, 3))))
        return [
            OrderedLine(sku=sku, quantity=Decimal(1), unit_price=self.range.price("NL", sku, self._now))
            for sku in chosen
        ]

    def place(
        self,
        customer: Customer,
        lines: Sequence[OrderedLine],
        *,
        method: str,
        location: str | None,
        paid: bool = True,
        terms: str = PaymentTerms.PREPAID,
        referred_by: Location | None = None,
        from_anywhere: bool = False,
        slot: str = "",
    ) -> str:
        """Let a customer order it in the webshop or the app; return the number of the order."""
        channel = self.chain.app if customer.has_app and self.chance.random() < 0.4 else self.chain.webshop
        total = sum((line_amount(unit_price=ln.unit_price, quantity=ln.quantity) for ln in lines), ZERO)
        charges = [OrderedCharge("delivery", _DELIVERY_COST, Decimal("21.00"))] if method == Method.DELIVERY else []
        total += sum((charge.amount for charge in charges), ZERO)
        n = len(self.placed) + 1
        payments = [Tendered("ideal", total, "captured", "mollie", f"tr_today{n:04d}")] if paid else []
        placed = place_order(
            channel=channel,
            document=OrderDocument(
                external_id=f"{channel.code[0].upper()}{900_000 + n}",
                placed_at=self._placed_at(channel),
                currency=channel.currency,
                method=method,
                lines=lines,
                location=location,
                from_anywhere=from_anywhere,
                slot=slot,
                person=customer.told_by(channel.code),
                charges=charges,
                payment_terms=terms,
                payments=payments,
                referral_store=referred_by.code if referred_by else None,
                referral_associate=f"{referred_by.code}-A{self.chance.randint(1, 9)}" if referred_by else "",
            ),
            actor=ACTOR,
        )
        self.placed.append(_Placed(placed.number, customer))
        return placed.number

    def _placed_at(self, channel: Channel) -> dt.datetime:
        """Some time since yesterday morning."""
        return self._now - dt.timedelta(minutes=self.chance.randint(5, 22 * 60))

    # --- conversations ------------------------------------------------------------------------------------------------

    def talk(self) -> int:
        """Conversations of the last weeks, the newest about today's orders."""
        about = [(placed.customer, placed.number) for placed in self.placed[::3]]
        about += [(self.people.online(self.chance), "") for _ in range(30)]
        for n, (customer, number) in enumerate(about, start=1):
            topic, channel, text = self.chance.choice(_SAID[:4] if number else _SAID)
            days = 0 if number else self.chance.randint(0, 40)
            log_contact(
                contact=Contact(
                    source="demo",
                    external_id=f"C-{n:04d}",
                    source_record_id=customer.web_record,
                    channel=channel,
                    topic=topic,
                    occurred_at=self._now - dt.timedelta(days=days, minutes=self.chance.randint(1, 400)),
                    direction=ContactMoment.Direction.INBOUND,
                    text=text,
                    order_number=number,
                    location=customer.home if channel == ContactMoment.Channel.STORE else None,
                    handling_seconds=self.chance.randint(40, 900) if channel in {"phone", "chat"} else None,
                    handled_by="Samira el Amrani",
                ),
                actor=ACTOR,
            )
        return len(about)
