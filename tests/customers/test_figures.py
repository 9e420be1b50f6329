"""Stores see how many customers they have, and nobody can be told apart in it."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.customers.figures.counting import NEW_DAYS, figures_for, rounded
from apps.customers.models import Customer
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.network.models import Location

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("number", "told", "few"), [(0, 0, True), (9, 0, True), (10, 10, False), (19, 10, False)])
def test_a_number_is_told_in_tens_and_not_below(number: int, told: int, few: bool) -> None:
    assert (rounded(number).number, rounded(number).few) == (told, few)


def test_a_store_sees_its_own_in_tens_and_no_other_store(
    make_user: Callable[..., User],
    make_location: Callable[..., Location],
    browse: Callable[[User], Client],
) -> None:
    # given
    mine, theirs = make_location("S001"), make_location("S002")
    people = [
        Person(
            source="tills",
            external_id=f"{store.code}-{n}",
            postcode="3511AB" if n < 12 else "9711AA",
            house_number=str(n),
            home_location_id=store.pk,
        )
        for store, number in ((mine, 17), (theirs, 31))
        for n in range(number)
    ]
    recognise(people, actor="system")
    manager = make_user("store_manager", mine)

    # when
    [figures] = figures_for(manager)
    page = browse(manager).get("/customers/figures/").content.decode()

    # then
    assert (figures.location, figures.customers.number) == (mine, 10)
    assert [(area, figure.number) for area, figure in figures.areas] == [("3511", 10)]
    assert "9711" not in page
    assert theirs.name not in page
    assert browse(make_user("store_associate", mine)).get("/customers/figures/").status_code == 403


def neighbours(store: Location, number: int, *, postcode: str = "3511AB", first: int = 0) -> list[int | None]:
    """So many customers of a store, each in a house of their own."""
    people = [
        Person(
            source="tills",
            external_id=f"{store.code}-{postcode}-{n}",
            postcode=postcode,
            house_number=str(n + 1),
            home_location_id=store.pk,
        )
        for n in range(first, first + number)
    ]
    return recognise(people, actor="system")


def told(principal: User) -> dict[str, object]:
    """Every figure of the one store somebody looks after, by name."""
    [figures] = figures_for(principal)
    areas = {f"area {area}": figure.number for area, figure in figures.areas}
    return {"customers": figures.customers.number, "new": figures.new.number} | areas


def grown_older(record_ids: list[int | None]) -> None:
    """These customers have been known for long."""
    Customer.objects.filter(source_records__in=record_ids).update(
        since=timezone.now() - dt.timedelta(days=NEW_DAYS + 9)
    )


@pytest.mark.parametrize("role", ["store_manager", "franchisee"])
def test_nine_people_show_in_no_figure_and_ten_show_in_each(
    role: str, make_user: Callable[..., User], make_location: Callable[..., Location]
) -> None:
    # given
    store = make_location("S001")
    owner = make_user(role, store)
    neighbours(store, 9)

    # then
    assert told(owner) == {"customers": 0, "new": 0}
    neighbours(store, 1, first=9)
    assert told(owner) == {"customers": 10, "new": 10, "area 3511": 10}


@pytest.mark.parametrize("apart", range(1, 10))
def test_of_two_figures_that_differ_by_fewer_than_ten_the_difference_tells_nothing(
    apart: int, make_user: Callable[..., User], make_location: Callable[..., Location]
) -> None:
    # given: so many are not new, and as many live elsewhere
    store = make_location("S001")
    manager = make_user("store_manager", store)
    grown_older(neighbours(store, apart, postcode="9711AA"))
    neighbours(store, 19 - apart)
    many = told(manager)

    # when the others are not there: what is left of the same figures
    lone = make_location("S002")
    grown_older(neighbours(lone, apart, postcode="9711AA"))
    neighbours(lone, 10 - apart)

    # then: whether it is one or nine, all is the same
    assert many == {"customers": 10, "new": 10, "area 3511": 10}
    assert told(make_user("store_manager", lone)) == {"customers": 10, "new": 0}


def test_no_address_of_the_page_asks_for_some_of_the_customers(
    make_user: Callable[..., User], make_location: Callable[..., Location], browse: Callable[[User], Client]
) -> None:
    # given
    store = make_location("S001")
    neighbours(store, 12)
    neighbours(store, 3, postcode="9711AA")
    client = browse(make_user("store_manager", store))

    def numbers(query: str = "") -> list[str]:
        page = client.get(f"/customers/figures/?{query}").content.decode()
        return re.findall(
            r'(?:<td class="num[^>]*>(?:<span class="small-only">[^<]*</span>)?|<span>\d{4}:)\s*([^<]+?)\s*<', page
        )

    # then
    assert numbers() == ["10", "10", "10"]
    for query in ("postcode=9711", "area=9711", "new_days=1", "since=2026-01-01", "location=S001", "q=9711"):
        assert numbers(query) == numbers()


def test_a_customer_of_two_stores_of_one_franchisee_is_not_told_apart_by_adding_up(
    make_user: Callable[..., User], make_location: Callable[..., Location]
) -> None:
    # given: ten of the one, nine of the other, of whom one is both
    one, other = make_location("S001"), make_location("S002")
    neighbours(one, 10)
    neighbours(other, 8)
    recognise(
        [
            Person(source="app", external_id=f"{store.code}", loyalty_card="29123456789012", home_location_id=store.pk)
            for store in (one, other)
        ],
        actor="system",
    )
    figures = {each.location.code: each.customers.number for each in figures_for(make_user("head_office"))}

    # then
    assert figures == {"S001": 10, "S002": 0}
