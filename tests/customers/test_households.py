"""Households: who lives at one address, since when; never who somebody is."""

import pytest

from apps.customers.models import Customer, Household, Residence, SourceRecord
from apps.customers.services.households import living_of
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from tests.at_once import all_at_once

HOME = {"street": "Oudegracht", "house_number": "12", "postcode": "3511 AB", "city": "Utrecht", "country": "NL"}


def met(account: str, **told: str) -> SourceRecord:
    [record_id] = recognise([Person(source="webshop", account_id=account, **told)], actor="system")
    return SourceRecord.objects.get(pk=record_id)


@pytest.mark.django_db
def test_two_at_one_address_are_a_household_of_two_customers() -> None:
    # when: written alike by one, and otherwise by the other
    jan = met("1", first_name="Jan", last_name="Jansen", **HOME)
    anna = met("2", first_name="Anna", last_name="Jansen", **HOME | {"postcode": "3511ab", "street": "Oude Gracht"})
    met("3", first_name="Piet", last_name="Jansen", **HOME | {"house_number_suffix": "bis"})

    # then
    assert jan.customer_id != anna.customer_id
    living = living_of([jan.pk])
    assert living is not None
    assert (living.customers, living.moved) == (2, 0)
    assert Household.objects.count() == 2


@pytest.mark.django_db
def test_who_moves_leaves_those_who_stay_and_both_addresses_are_dated() -> None:
    # given
    jan = met("1", first_name="Jan", last_name="Jansen", **HOME)
    anna = met("2", first_name="Anna", last_name="Jansen", **HOME)

    # when
    met("1", first_name="Jan", last_name="Jansen", **HOME | {"house_number": "99"})

    # then
    first, second = Residence.objects.filter(source_record=jan).order_by("pk")
    assert first.household_id != second.household_id
    assert first.since < second.since
    moved, stayed = living_of([jan.pk]), living_of([anna.pk])
    assert moved is not None
    assert stayed is not None
    assert (moved.since, moved.customers, moved.moved) == (second.since, 1, 1)
    assert (stayed.customers, stayed.moved) == (1, 0)


@pytest.mark.django_db
def test_the_same_address_again_is_no_move() -> None:
    # given
    jan = met("1", first_name="Jan", last_name="Jansen", **HOME)

    # when: another telephone number, the same house
    met("1", first_name="Jan", last_name="Jansen", phone="0612345678", **HOME)

    # then
    assert Residence.objects.filter(source_record=jan).count() == 1


@pytest.mark.django_db
def test_without_house_number_nobody_lives_anywhere() -> None:
    jan = met("1", first_name="Jan", last_name="Jansen", postcode="3511 AB", city="Utrecht")

    assert living_of([jan.pk]) is None


@pytest.mark.django_db(transaction=True)
def test_a_family_that_comes_at_once_is_one_household() -> None:
    # when
    all_at_once([lambda n=n: met(str(n), last_name="Jansen", **HOME) for n in range(6)])

    # then
    assert Customer.objects.count() == 6
    [household] = Household.objects.all()
    assert household.residences.count() == 6
