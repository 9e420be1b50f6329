"""Drafting, trying, publishing: the pages of sourcing profiles, and a franchisee's consent on the page of a store."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.inventory.models import SourcingProfile
from apps.inventory.services.profiles import draft_profile, put_strategy
from apps.network.models import FulfilmentConsent, Location
from tests.orders.counter import text_of
from tests.staff import browser, person

LIST = "/stock/sourcing/"
STRATEGY = {"name": "Close", "sources": "store", "most_km": "40", "countries": "nl, be", "first": "nearest"}


@pytest.fixture
def office(shop):
    return browser(person("Mirjam Vos", "head_office"))


def test_from_draft_to_published(office, shop):
    # given a draft with a strategy
    office.post(f"{LIST}draft/", {"version": "2026-1", "name": "Close by", "takes_from_anywhere": "on"})
    added = office.post(f"{LIST}2026-1/add/", STRATEGY | {"least_value": "12,50", "second": "least_busy"})
    assert added.status_code == 302, text_of(added)
    strategy = SourcingProfile.objects.get().strategies.get()
    assert (strategy.countries, str(strategy.least_value), strategy.criteria) == (
        ["NL", "BE"],
        "12.50",
        ["nearest", "least_busy"],
    )
    # when it is changed, and published
    form = text_of(office.get(f"{LIST}2026-1/1/"))
    assert "NL, BE" in form
    office.post(f"{LIST}2026-1/1/", STRATEGY | {"name": "Near", "channels": "web"})
    page = text_of(office.get(f"{LIST}2026-1/"))
    assert "Near" in page
    assert "Orders of web" in page
    office.post(f"{LIST}2026-1/publish/")
    # then it is in force, and for good
    assert "In force" in text_of(office.get(f"{LIST}2026-1/"))
    assert office.post(f"{LIST}2026-1/1/drop/").status_code == 409
    assert office.post(f"{LIST}2026-1/1/", STRATEGY).status_code in {409, 422}
    assert SourcingProfile.objects.get().strategies.get().name == "Near"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"countries": "Holland"}, "HOLLAND is no code of a country."),
        ({"second": "nearest"}, "each of them once"),
        ({"most_km": "0"}, "greater than or equal to 1"),
        ({"name": ""}, "required"),
    ],
)
def test_a_strategy_that_is_wrong_says_where(office, shop, wrong, said):
    draft_profile(version="1", name="Draft", takes_from_anywhere=True)
    answer = office.post(f"{LIST}1/add/", STRATEGY | wrong)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not SourcingProfile.objects.get().strategies.exists()


def test_a_strategy_is_taken_out(office, shop):
    draft = draft_profile(version="1", name="Draft", takes_from_anywhere=True)
    for name in ("First", "Second"):
        put_strategy(profile=draft, position=None, name=name, criteria=["nearest"])
    office.post(f"{LIST}1/1/drop/")
    assert [(s.position, s.name) for s in draft.strategies.all()] == [(1, "Second")]
    assert office.get(f"{LIST}1/2/").status_code == 404


def test_the_list_asks_as_much_for_many_profiles(office, shop):
    def queries() -> int:
        office.get(LIST)
        with CaptureQueriesContext(connection) as captured:
            assert office.get(LIST).status_code == 200
        return len(captured)

    put_strategy(
        profile=draft_profile(version="0", name="x", takes_from_anywhere=True),
        position=None,
        name="s",
        criteria=["nearest"],
    )
    few = queries()
    for n in range(1, 8):
        draft = draft_profile(version=str(n), name="x", takes_from_anywhere=True)
        put_strategy(profile=draft, position=None, name="s", criteria=["nearest"])
    assert queries() == few


def test_a_franchisee_agrees_and_withdraws(shop):
    franchisee = browser(person("Frits Vries", "franchisee", location=shop.s1))
    page = f"/locations/{shop.s1.code}/"
    assert "Agree to send orders" in text_of(franchisee.get(page))
    franchisee.post(f"{page}agree/", {"reason": "Talked about it"})
    assert FulfilmentConsent.objects.get().legal_entity == shop.franchisee
    assert "Withdraw consent" in text_of(franchisee.get(page))
    franchisee.post(f"{page}withdraw-consent/", {"reason": "Too busy"})
    assert not FulfilmentConsent.objects.exists()
    assert franchisee.post(f"{page}withdraw-consent/", {"reason": "Again"}).status_code == 409


def test_nobody_agrees_for_an_own_store(shop, office):
    page = f"/locations/{shop.s2.code}/"
    assert "Agree to send orders" not in text_of(office.get(page))
    assert office.post(f"{page}agree/", {"reason": "x"}).status_code == 409


def test_how_many_parcels_a_day_is_changed_in_its_place(shop, office):
    shop.sends(shop.s2)
    page = f"/locations/{shop.s2.code}/"
    assert "no limit" in text_of(office.get(page))
    office.post(f"{page}?part=edit&fact=parcels_a_day", {"was": "", "parcels_a_day": "25"})
    assert Location.objects.get(code=shop.s2.code).parcels_a_day == 25
    office.post(f"{page}?part=edit&fact=parcels_a_day", {"was": "25", "parcels_a_day": ""})
    assert Location.objects.get(code=shop.s2.code).parcels_a_day is None
