"""The pages of opening hours: of the chain, of a store, and of days that differ."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.network import directory
from apps.network.keeping_hours import set_hours, set_opening_day
from apps.network.models import OpeningDay, Timetable
from tests.shop import Shop, open_shop

WEEK = {f"week.{n}": "9-18" for n in range(6)}


@pytest.fixture
def shop(db: None) -> Shop:
    return open_shop()


def signed_in(role: str, **where: object) -> Client:
    user = User.objects.create_user(f"{role}@example.org", name=role)
    user.assignments.create(role=role, **where)
    client = Client()
    client.force_login(user)
    return client


def test_a_manager_changes_the_hours_of_the_own_store(shop: Shop) -> None:
    client = signed_in("store_manager", location=shop.s1)
    # when
    page = client.post("/locations/S1/hours/", WEEK | {"holidays": "yes", "collect_cut_off": "16:00"})
    # then
    assert page.status_code == 302
    said = Timetable.objects.get()
    assert (said.location, said.week, said.closes_on_holidays) == (shop.s1, ["09:00-18:00"] * 6 + [""], True)
    shown = client.get("/locations/S1/hours/").content.decode()
    assert 'value="09:00-18:00"' in shown
    assert 'value="16:00"' in shown
    assert client.post("/locations/S2/hours/", WEEK).status_code == 404
    assert client.post("/locations/opening-hours/change/", WEEK).status_code == 403


def test_what_says_no_hours_stands_beside_its_day(shop: Shop) -> None:
    page = signed_in("head_office").post("/locations/opening-hours/change/", WEEK | {"week.2": "nine"})
    assert page.status_code == 400
    assert "nine" in str(page.context["form"].errors["week.2"])
    assert not Timetable.objects.exists()


def test_seven_empty_days_are_as_the_chain_has_them(shop: Shop) -> None:
    set_hours(location=shop.s1, week=["9-18"] * 7)
    signed_in("head_office").post("/locations/S1/hours/", {"transit_days": "2"})
    said = Timetable.objects.get()
    assert (said.week, said.transit_days) == (None, 2)


def test_days_that_differ_stand_on_the_page_with_who_said_so(shop: Shop) -> None:
    day = timezone.localdate() + dt.timedelta(days=10)
    set_hours(location=None, week=None, closes_on_holidays=True)
    set_opening_day(location=None, day=day, hours="12-17", name="Fair")
    set_opening_day(location=shop.s1, day=day + dt.timedelta(days=1), hours="", name="Builders")
    directory.forget()
    page = signed_in("store_manager", location=shop.s1).get("/locations/S1/")
    found = {each.name: (each.hours, each.is_of_chain) for each in page.context["days"] if each.said}
    assert found == {"Fair": ("12:00–17:00", True), "Builders": ("gesloten", False)}
    assert any(each.said is None for each in page.context["days"])  # holidays, by the library
    assert page.content.decode().count("/drop/") == 2  # a link and its swap, for the store's own day only


def test_a_manager_takes_out_the_stores_day_but_not_that_of_the_chain(shop: Shop) -> None:
    day = timezone.localdate() + dt.timedelta(days=10)
    chains, mine = (set_opening_day(location=place, day=day, hours="12-17") for place in (None, shop.s1))
    client = signed_in("store_manager", location=shop.s1)
    assert client.post(f"/locations/opening-hours/days/{chains.key}/drop/").status_code == 404
    assert client.get(f"/locations/opening-hours/days/{mine.key}/drop/").status_code == 200
    page = client.post(f"/locations/opening-hours/days/{mine.key}/drop/")
    assert (page.status_code, page.url) == (302, "/locations/S1/")
    assert OpeningDay.objects.get() == chains


def test_the_page_of_the_chain_asks_as_much_whatever_the_number_of_days(
    shop: Shop, django_assert_max_num_queries: object
) -> None:
    client, today = signed_in("head_office"), timezone.localdate()
    client.get("/locations/opening-hours/")
    for n in range(1, 30):
        set_opening_day(location=None, day=today + dt.timedelta(days=n), hours="12-17")
    directory.forget()
    with django_assert_max_num_queries(14):
        page = client.get("/locations/opening-hours/")
    assert len(page.context["days"]) == 29


def test_a_day_is_added_by_a_form(shop: Shop) -> None:
    client, day = signed_in("head_office"), timezone.localdate() + dt.timedelta(days=3)
    for path in ("/locations/S2/add-day/", "/locations/opening-hours/add-day/"):
        assert client.get(path).status_code == 200
        assert client.post(path, {"day": day.isoformat(), "hours": "", "name": "Move"}).status_code == 302
    assert {(d.location, d.day, d.hours) for d in OpeningDay.objects.all()} == {(shop.s2, day, ""), (None, day, "")}


def test_a_form_says_what_holds_where_it_is_left_empty(shop: Shop) -> None:
    # given a chain that takes its time, and a store that is closed on Sunday
    set_hours(location=None, week=["10-20"] * 7, picking_minutes=25 * 60)
    set_hours(location=shop.s1, week=[*["9-18"] * 6, ""])
    directory.forget()
    client = signed_in("head_office")
    forms = {
        path: client.get(f"/locations/{path}/").context["form"]
        for path in ("opening-hours/change", "S1/hours", "S2/hours")
    }
    # then
    sundays = {path: form.fields["week.6"].widget.attrs["placeholder"] for path, form in forms.items()}
    assert (sundays["S1/hours"], sundays["S2/hours"]) == ("gesloten", "10:00–20:00")
    picking = {path: form.fields["picking_minutes"].help_text for path, form in forms.items()}
    assert "120" in picking["opening-hours/change"]
    assert "1500" in picking["S1/hours"]
