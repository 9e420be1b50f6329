"""The times at which a store brings orders, on its page: who may change them, and what it says."""

import datetime as dt

import pytest
from django.test import Client

from apps.core.audit.models import Change
from apps.network.keeping_slots import add_slots
from apps.network.models import DeliverySlot
from tests.shop import Shop, open_shop
from tests.staff import browser, person

SLOT = {"weekdays": ["0", "5"], "starts": "14:00", "ends": "16:00", "capacity": "4", "cut_off_minutes": "90"}


@pytest.fixture
def shop(db: None) -> Shop:
    shop = open_shop()
    shop.sends(shop.s1)
    return shop


@pytest.fixture
def manager(shop: Shop) -> Client:
    return browser(person("Daan de Ruiter", "store_manager", location=shop.s1))


def test_a_manager_says_when_and_how_far_the_own_store_brings_orders(shop: Shop, manager: Client) -> None:
    assert manager.post("/locations/S1/add-slot/", SLOT).status_code == 302
    slots = DeliverySlot.objects.filter(location=shop.s1)
    assert [(s.weekday, s.starts, s.capacity, s.cut_off_minutes) for s in slots] == [
        (0, dt.time(14), 4, 90),
        (5, dt.time(14), 4, 90),
    ]
    page = manager.get("/locations/S1/").content.decode()
    assert "14:00–16:00" in page
    assert "Nobody is offered these times" in page
    manager.post("/locations/S1/?part=edit&fact=delivers_within_km", {"delivers_within_km": "8", "was": ""})
    assert "within 8 km" in manager.get("/locations/S1/").content.decode()
    # and another store's are not theirs
    assert manager.post("/locations/S2/add-slot/", SLOT).status_code == 404
    assert {"network_deliveryslot"} <= set(Change.objects.values_list("table", flat=True))


def test_a_slot_is_changed_and_taken_out(shop: Shop, manager: Client) -> None:
    manager.post("/locations/S1/add-slot/", SLOT)
    first, second = DeliverySlot.objects.all()
    assert 'value="90"' in manager.get(f"/locations/slots/{first.key}/").content.decode()
    manager.post(f"/locations/slots/{first.key}/", {"capacity": "1", "cut_off_minutes": "0"})
    first.refresh_from_db()
    assert (first.capacity, first.cut_off_minutes) == (1, 0)
    assert "until it starts" in manager.get("/locations/S1/").content.decode()
    manager.post(f"/locations/slots/{second.key}/drop/")
    assert list(DeliverySlot.objects.all()) == [first]


def test_what_is_wrong_stands_beside_it(shop: Shop, manager: Client) -> None:
    page = manager.post("/locations/S1/add-slot/", SLOT | {"ends": "13:00"})
    assert page.status_code in {400, 409}
    assert page.context["form"].errors["ends"]
    again = [manager.post("/locations/S1/add-slot/", SLOT) for _ in range(2)][1]
    assert again.context["form"].errors["starts"]


def test_a_time_outside_the_opening_hours_is_marked(shop: Shop, manager: Client) -> None:
    add_slots(location=shop.s1, weekdays=[0], starts=dt.time(18), ends=dt.time(20), capacity=1, cut_off_minutes=0)
    assert "outside the opening hours" in manager.get("/locations/S1/").content.decode()
