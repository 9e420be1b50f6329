"""Demo stores that bring orders to customers near by, and who chose a time there."""

import datetime as dt
from dataclasses import replace

from django.utils import timezone

from apps.catalogue.models import Variant
from apps.inventory.services.slots import offered
from apps.network import directory
from apps.network.agreeing import agree_to_send, owner_who_is_asked
from apps.network.changing import change_location
from apps.network.keeping_slots import add_slots, deliver_within
from apps.network.models import Location
from apps.network.postcodes import centroid
from apps.orders.models import Method
from apps.orders.services.fulfilling import pick
from config.demo.chain import Chain
from config.demo.live import Today
from config.demo.plan import ACTOR, Plan

_STORES = 3
_KM = (10, 6, 15)
_WORKDAYS = range(5)
_TIMES = (((*_WORKDAYS, 5), 10, 12, 4), ((*_WORKDAYS, 5), 14, 16, 6), ((3,), 18, 20, 5), ((6,), 13, 15, 3))
_ORDERS = 6


def offer_slots(plan: Plan, chain: Chain) -> int:
    """The store of the demo's manager and a few others bring orders twice a day, on Thursdays in the evening as well; return how
    many stores do."""
    others = [s for s in chain.stores if s.ships_orders and s.country == "NL" and s != chain.demo_store]
    stores = [chain.demo_store, *others[: _STORES - 1]]
    for store, km in zip(stores, _KM, strict=False):
        if not store.ships_orders:
            change_location(location=store, ships_orders=True)
        if owner_who_is_asked(store) and not store.consents.exists():
            agree_to_send(location=store, since=plan.today)
        deliver_within(location=store, km=km)
        for weekdays, starts, ends, capacity in _TIMES:
            add_slots(
                location=store,
                weekdays=weekdays,
                starts=dt.time(starts),
                ends=dt.time(ends),
                capacity=capacity,
                cut_off_minutes=120,
            )
    directory.forget()
    return len(stores)


def choose_slots(today: Today, chain: Chain) -> int:
    """Customers near the store of the demo's manager chose a time, today as far as there is one left; return how many."""
    return sum(_order(today, chain.demo_store, picked=n == 0) for n in range(_ORDERS))


def _order(today: Today, store: Location, *, picked: bool) -> bool:
    lines = today.lines_of(store)
    if not lines:
        return False
    near = centroid(store.postcode, country=store.country)
    assert near is not None  # the demo's stores have postcodes that exist
    variants = dict(Variant.objects.filter(sku__in=[ln.sku for ln in lines]).values_list("sku", "pk"))
    wants = {variants[ln.sku]: ln.quantity for ln in lines}
    offers = offered(near=near, now=timezone.now(), days=2, wants=wants, channel=today.chain.webshop.code)
    here = [offer for offer in offers if offer.place.id == store.pk]
    if not here:
        return False
    customer = today.people.online(today.chance)
    at_home = replace(customer.person, postcode=store.postcode, city=store.city, country=store.country)
    number = today.place(
        replace(customer, person=at_home),
        lines,
        method=Method.DELIVERY,
        location=None,
        slot=today.chance.choice(here[:3]).times.id,
    )
    if picked:
        pick(number=number, actor=ACTOR)
    return True
