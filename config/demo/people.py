"""Customers: who they are, near which store they live, and whether they buy online, in stores, or both."""

import random
from bisect import bisect
from dataclasses import dataclass, field, replace
from itertools import accumulate

from django.db import connection
from django.db.models import Min

from apps.core.events.models import Origin
from apps.customers.models import Customer as KnownCustomer
from apps.customers.services.recognising import Person, recognise
from apps.loyalty.services.opening import NewCard, open_accounts
from apps.network.models import Location
from apps.network.postcodes import Point
from config.demo import names
from config.demo.chain import Chain
from config.demo.geography import spot_at
from config.demo.plan import ACTOR, Plan

_ONLINE_ONLY, _STORE_ONLY = 0.35, 0.70  # of the people; the rest buys both ways
_WITH_APP, _COMPANIES = 0.25, 0.03
_WITH_OWN_STORE = 0.4  # of those who only buy online chose a store of their own
_KEENNESS_OF_BOTH = 1.7


@dataclass
class Customer:
    """A customer of the demo: the person as told, and the source records that their purchases refer to."""

    person: Person
    home: Location
    buys_online: bool
    has_card: bool
    has_app: bool
    keenness: float
    card_number: str = ""
    web_record: int | None = None
    app_record: int | None = None
    till_record: int | None = None
    accounts: dict[str, str] = field(default_factory=dict)

    def told_by(self, channel: str) -> Person:
        """The person as the webshop or the app tells of them with an order."""
        return replace(self.person, source=channel, account_id=self.accounts[channel], email_is_verified=True)


@dataclass
class People:
    """Everybody, and how to draw the next one to shop."""

    everybody: list[Customer]

    def __post_init__(self) -> None:
        self._online = _Draw([c for c in self.everybody if c.buys_online])
        self._carded: dict[int, _Draw] = {}
        by_home: dict[int, list[Customer]] = {}
        for customer in self.everybody:
            if customer.has_card:
                by_home.setdefault(customer.home.pk, []).append(customer)
        self._carded = {home: _Draw(found) for home, found in by_home.items()}

    def online(self, chance: random.Random) -> Customer:
        return self._online.one(chance)

    def with_card(self, store: Location, chance: random.Random) -> Customer | None:
        """Somebody with a card whose own store this is; None when there is nobody."""
        draw = self._carded.get(store.pk)
        return draw.one(chance) if draw else None


class _Draw:
    """Draws from customers by how keen they are."""

    def __init__(self, customers: list[Customer]) -> None:
        self._customers = customers
        self._heaped = list(accumulate(c.keenness for c in customers))

    def one(self, chance: random.Random) -> Customer:
        return self._customers[bisect(self._heaped, chance.random() * self._heaped[-1])]


def imagine_people(plan: Plan, chain: Chain) -> People:
    """Think them up; nothing is written."""
    chance = plan.chance("people")
    heaped = list(accumulate(chain.size[store.pk] for store in chain.stores))
    return People(
        [
            _customer(n, chain.stores[bisect(heaped, chance.random() * heaped[-1])], chance)
            for n in range(1, plan.people + 1)
        ]
    )


def _customer(n: int, home: Location, chance: random.Random) -> Customer:
    kind = chance.random()
    buys_online, has_card = kind < _ONLINE_ONLY or kind >= _STORE_ONLY, kind >= _ONLINE_ONLY
    first, last = chance.choice(names.FIRST_NAMES), chance.choice(names.LAST_NAMES)
    return Customer(
        person=_person(n, first, last, home, chance, knows_store=has_card or chance.random() < _WITH_OWN_STORE),
        home=home,
        buys_online=buys_online,
        has_card=has_card,
        has_app=buys_online and chance.random() < _WITH_APP,
        keenness=min(chance.paretovariate(1.6), 12) * (_KEENNESS_OF_BOTH if buys_online and has_card else 1),
    )


def _person(n: int, first: str, last: str, home: Location, chance: random.Random, *, knows_store: bool) -> Person:
    assert home.latitude is not None and home.longitude is not None
    if home.country == "NL":
        _, postcode, _ = spot_at(home.city, home.postcode[:4], Point(home.latitude, home.longitude), chance)
    else:
        postcode = home.postcode
    organisation = f"{last[0].upper()}{last[1:]} {chance.choice(('Advies', 'Architecten', 'Zorg', 'Hotel'))}"
    return Person(
        source="webshop",
        external_id=None,
        first_name=first,
        last_name=last,
        organisation=organisation if chance.random() < _COMPANIES else "",
        email=f"{names.mail_name(first, last)}.{n}@example.org",
        phone=f"+316{12_000_000 + n * 7:08d}",
        street=chance.choice(names.HOME_STREETS),
        house_number=str(chance.randint(1, 240)),
        house_number_suffix=chance.choice(("", "", "", "", "A", "B", "bis")) if home.country == "NL" else "",
        postcode=postcode,
        city=home.city,
        country=home.country,
        home_location_id=home.pk if knows_store else None,
    )


def know_people(plan: Plan, people: People) -> None:
    """Write them down as the systems know them: webshop accounts, the app's, loyalty cards, and the tills'."""
    online = [c for c in people.everybody if c.buys_online]
    for n, customer in enumerate(online, start=1):
        customer.accounts = {"webshop": f"web-{n}"} | ({"app": f"app-{n}"} if customer.has_app else {})
    for customer, record in zip(online, _recognised([c.told_by("webshop") for c in online]), strict=True):
        customer.web_record = record
    _analyse()
    with_app = [c for c in online if c.has_app]
    for customer, record in zip(with_app, _recognised([c.told_by("app") for c in with_app]), strict=True):
        customer.app_record = record
    _hand_out_cards(plan, [c for c in people.everybody if c.has_card])
    _remember_since_when(plan)


def _analyse() -> None:
    """Tell the planner of the first customers: it takes tables that were just filled for empty ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE customers_customer, customers_sourcerecord, customers_identifier, customers_persondetails"
        )


def _hand_out_cards(plan: Plan, holders: list[Customer]) -> None:
    chance = plan.chance("cards")
    cards = [
        NewCard(
            # The card was applied for online by whoever has an account, so the address is known to be theirs.
            replace(c.person, email_is_verified=c.buys_online),
            issued_by_id=c.home.pk,
            opened_at=plan.moment(plan.starts_on, 10 - 24 * chance.randint(1, 900)),
        )
        for c in holders
    ]
    for customer, account in zip(holders, open_accounts(cards=cards, actor=ACTOR, origin=Origin.HISTORY), strict=True):
        customer.card_number = account.card_number
    scanned = [Person(source="tills", loyalty_card=c.card_number) for c in holders]
    for customer, record in zip(holders, _recognised(scanned), strict=True):
        customer.till_record = record


def _remember_since_when(plan: Plan) -> None:
    """Customers came over the years before the first sale, those with a card on its first day at the latest."""
    chance = plan.chance("since")
    opened = Min("source_records__loyalty_account__opened_at")
    rows = list(KnownCustomer.objects.annotate(card=opened).order_by("name", "email", "pk"))
    for row in rows:
        came = plan.moment(plan.starts_on, 10 - 24 * chance.randint(1, 900))
        row.since = min(came, row.card or came)
    KnownCustomer.objects.bulk_update(rows, ["since"], batch_size=1000)


def _recognised(people: list[Person]) -> list[int | None]:
    return recognise(people, actor=ACTOR, origin=Origin.HISTORY)
