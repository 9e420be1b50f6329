"""Stores see how many customers they have, and nobody can be told apart in it."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.customers.figures.counting import figures_for, rounded
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
