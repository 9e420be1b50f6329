"""The chain itself: companies, stores, distribution centres, who owns them, and the channels customers buy through."""

import datetime as dt
import random
from dataclasses import dataclass, field

from django.db.backends.postgresql.psycopg_any import DateRange

from apps.network.models import Channel, FulfilmentConsent, LegalEntity, Location, Ownership
from apps.network.postcodes import Point
from config.demo import geography, names
from config.demo.plan import FORMULA, Plan

_FOUNDED = dt.date(2004, 3, 1)
_DCS = (
    ("DC1", "DC Tiel", "Tiel", "4004LS", 51.8965, 5.4335),
    ("DC2", "DC Zwolle", "Zwolle", "8028PM", 52.5012, 6.1367),
)
_SHIPPING_SHARE = 0.05  # of the stores send parcels
_CONSENT_SHARE = 0.8  # of the franchisees with such a store agree to it
_PARCELS_A_DAY = 40  # that a store can send
_SIZES = (0.6, 0.8, 1.0, 1.0, 1.3, 1.8)  # how much a store sells, and how much it has on its shelves
_DEMO_OWNERS_SIZE, _DEMO_SIZE = 3.0, 8.0
_LARGEST_OWNER = 8  # stores of the franchisee who signs in to the demo, at most


@dataclass
class Chain:
    """The network as built. `owners` is {location id: legal entity id}, which holds for all of the demo's history."""

    own: LegalEntity
    stores: list[Location]
    dcs: list[Location]
    owners: dict[int, int]
    webshop: Channel
    app: Channel
    desk: Channel
    store_channels: dict[int, Channel]
    size: dict[int, float] = field(default_factory=dict)

    @property
    def demo_store(self) -> Location:
        """The store in which the demo's manager and associate work: the first of the largest franchisee."""
        return self.stores_of(self.demo_franchisee_id)[0]

    @property
    def demo_franchisee_id(self) -> int:
        franchised = [owner for owner in self.owners.values() if owner != self.own.pk]
        return max(sorted(set(franchised)), key=franchised.count)

    def stores_of(self, legal_entity_id: int) -> list[Location]:
        return [store for store in self.stores if self.owners[store.pk] == legal_entity_id]


def build_chain(plan: Plan) -> Chain:
    """Write the network. Nothing here has a service of its own: these are the places other services speak of."""
    chance = plan.chance("chain")
    own = LegalEntity.objects.create(
        code="MOSWIJK", name=f"{FORMULA} Retail B.V.", kind=LegalEntity.Kind.OWN, kvk_number="00100200"
    )
    stores = _stores(plan, chance)
    dcs = [
        Location(
            code=code,
            name=name,
            kind=Location.Kind.DC,
            street="Industrieweg",
            house_number=str(10 + n),
            city=city,
            postcode=postcode,
            latitude=latitude,
            longitude=longitude,
            offers_collect=False,
            ships_orders=True,
            active_from=_FOUNDED,
        )
        for n, (code, name, city, postcode, latitude, longitude) in enumerate(_DCS)
    ]
    Location.objects.bulk_create([*stores, *dcs])
    owners = _ownership(plan, chance, own, stores, dcs)
    channels = _channels(own, stores)
    by_code = {channel.code: channel for channel in channels}
    chain = Chain(
        own=own,
        stores=stores,
        dcs=dcs,
        owners=owners,
        webshop=by_code["webshop"],
        app=by_code["app"],
        desk=by_code["desk"],
        store_channels={channel.location_id: channel for channel in channels if channel.location_id is not None},
        size={store.pk: chance.choice(_SIZES) for store in stores},
    )
    # Where the demo looks first there is something to see.
    for store in chain.stores_of(chain.demo_franchisee_id):
        chain.size[store.pk] = _DEMO_OWNERS_SIZE
    chain.size[chain.demo_store.pk] = _DEMO_SIZE
    return chain


def _stores(plan: Plan, chance: random.Random) -> list[Location]:
    abroad = {country: plan.stores_in(country) for country in ("BE", "DE")}
    spots = [("NL", spot) for spot in geography.dutch_spots(plan.stores - sum(abroad.values()), chance)]
    for country, count in abroad.items():
        spots += [(country, spot) for spot in geography.foreign_spots(country, count, chance)]
    streets = _Streets(chance)
    return [
        _store(f"S{n:03d}", country, town, postcode, point, streets.of(town), chance)
        for n, (country, (town, postcode, point)) in enumerate(spots, start=1)
    ]


class _Streets:
    """Shopping streets, no town twice the same while it has others."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._left: dict[str, list[str]] = {}

    def of(self, town: str) -> str:
        left = self._left.get(town)
        if not left:
            left = self._left[town] = self._chance.sample(names.SHOP_STREETS, len(names.SHOP_STREETS))
        return left.pop()


def _store(
    code: str, country: str, town: str, postcode: str, point: Point, street: str, chance: random.Random
) -> Location:
    return Location(
        code=code,
        name=f"{geography.shown(town)} {street}",
        street=street,
        house_number=str(chance.randint(1, 180)),
        postcode=postcode,
        city=town,
        country=country,
        latitude=point.latitude,
        longitude=point.longitude,
        time_zone={"BE": "Europe/Brussels", "DE": "Europe/Berlin"}.get(country, "Europe/Amsterdam"),
        ships_orders=country == "NL" and chance.random() < _SHIPPING_SHARE,
        parcels_a_day=_PARCELS_A_DAY,
        active_from=_FOUNDED + dt.timedelta(days=chance.randint(0, 5000)),
    )


def _ownership(
    plan: Plan, chance: random.Random, own: LegalEntity, stores: list[Location], dcs: list[Location]
) -> dict[int, int]:
    """Give franchisees their stores, near each other; some took a store over from the own company, before the history."""
    franchisees = LegalEntity.objects.bulk_create(
        LegalEntity(
            code=f"F{n:03d}",
            name=names.company(chance),
            kind=LegalEntity.Kind.FRANCHISEE,
            kvk_number=f"{n * 1373 + 200:08d}",
        )
        for n in range(1, plan.franchisees + 1)
    )
    dutch = [store for store in stores if store.country == "NL"]
    free = chance.sample(dutch, len(dutch))
    franchised = min(plan.franchised_stores, max(1, len(dutch) - 1))
    sizes = _portfolio_sizes(franchised, len(franchisees), chance)
    rows, owners = [], {}
    for franchisee, size in zip(franchisees, sizes, strict=True):
        home = free.pop()
        portfolio = [home, *_nearest(home, free, size - 1)]
        for store in portfolio:
            if store is not home:
                free.remove(store)
            owners[store.pk] = franchisee.pk
            since = plan.starts_on - dt.timedelta(days=chance.randint(120, 2500))
            if chance.random() < 0.3:
                rows.append(Ownership(location=store, legal_entity=own, valid=DateRange(dt.date(2000, 1, 1), since)))
                rows.append(Ownership(location=store, legal_entity=franchisee, valid=DateRange(since, None)))
            else:
                rows.append(
                    Ownership(location=store, legal_entity=franchisee, valid=DateRange(dt.date(2000, 1, 1), None))
                )
    for location in [*stores, *dcs]:
        if location.pk not in owners:
            owners[location.pk] = own.pk
            rows.append(Ownership(location=location, legal_entity=own, valid=DateRange(dt.date(2000, 1, 1), None)))
    Ownership.objects.bulk_create(rows)
    FulfilmentConsent.objects.bulk_create(
        FulfilmentConsent(location=store, legal_entity_id=owners[store.pk], valid=DateRange(plan.starts_on, None))
        for store in stores
        if store.ships_orders and owners[store.pk] != own.pk and chance.random() < _CONSENT_SHARE
    )
    return owners


def _portfolio_sizes(stores: int, franchisees: int, chance: random.Random) -> list[int]:
    """How many stores each franchisee has: one at least, the first one as many as a demo wants to show."""
    sizes = [1] * franchisees
    sizes[0] = min(_LARGEST_OWNER, 1 + stores - franchisees) if stores > franchisees else 1
    while sum(sizes) < stores:
        n = chance.randrange(franchisees)
        if (n and sizes[n] < _LARGEST_OWNER - 1) or franchisees == 1:
            sizes[n] += 1
    return sizes


def _nearest(home: Location, others: list[Location], count: int) -> list[Location]:
    def distance(store: Location) -> float:
        assert home.latitude is not None and home.longitude is not None
        assert store.latitude is not None and store.longitude is not None
        return Point(home.latitude, home.longitude).km_to(Point(store.latitude, store.longitude))

    return sorted(others, key=distance)[:count]


def _channels(own: LegalEntity, stores: list[Location]) -> list[Channel]:
    kinds = Channel.Kind
    return Channel.objects.bulk_create(
        [
            Channel(code="webshop", name=f"Webshop {FORMULA}.nl", kind=kinds.WEBSHOP, seller=own, verifies_email=True),
            Channel(code="app", name=f"App {FORMULA}", kind=kinds.APP, seller=own, verifies_email=True),
            Channel(code="desk", name="Klantenservice", kind=kinds.DESK, seller=own),
            *(
                Channel(
                    code=store.code,
                    name=store.name,
                    kind=kinds.STORE,
                    location=store,
                    country=store.country,
                    time_zone=store.time_zone,
                    locale={"DE": "de"}.get(store.country, "nl"),
                )
                for store in stores
            ),
        ]
    )
