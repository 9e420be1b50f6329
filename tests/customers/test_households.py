"""Households and organisations: who lives at one address, who speaks for a company, since when; never who somebody is."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.customers.models import Basis, ContactPerson, Customer, Household, Organisation, Residence, SourceRecord
from apps.customers.services.households import living_of, speaking_of
from apps.customers.services.joining import join
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


def spoken_for(*records: SourceRecord) -> list[tuple[str, int]]:
    return [(str(one.organisation), one.customers) for one in speaking_of([record.pk for record in records])]


@pytest.mark.django_db
def test_all_who_speak_for_an_organisation_are_counted_whatever_number_they_gave() -> None:
    # when: one by its number in the trade register, two by both, in another spelling
    jan = met("1", last_name="Jansen", organisation="Bakkerij De Ark", kvk="12345678")
    anna = met("2", last_name="Postma", organisation="De Ark BV", kvk="1234 5678", vat="NL854012345B01")
    met("3", last_name="Bos", organisation="De Ark", kvk="12345678")
    alone = met("4", last_name="Vos", organisation="Vos & Zoon", vat="BE0403170701")

    # then
    [organisation] = Organisation.objects.filter(kvk="12345678")
    assert [one.organisation for one in speaking_of([jan.pk])] == [organisation]
    assert spoken_for(jan) == spoken_for(anna) == [(str(organisation), 3)]
    assert spoken_for(alone) == [("Vos & Zoon", 1)]
    assert spoken_for(met("5", last_name="Prins")) == []


@pytest.mark.django_db
def test_who_speaks_for_another_organisation_now_is_counted_there() -> None:
    # given
    jan = met("1", last_name="Jansen", organisation="De Ark", kvk="12345678")
    anna = met("2", last_name="Postma", organisation="De Ark", kvk="12345678")

    # when
    met("1", last_name="Jansen", organisation="De Boot", kvk="87654321")

    # then: what was stays, dated
    assert (spoken_for(jan), spoken_for(anna)) == ([("De Boot", 1)], [("De Ark", 1)])
    ark, boot = ContactPerson.objects.filter(source_record=jan).order_by("pk")
    assert ark.since < boot.since
    assert speaking_of([jan.pk])[0].since == boot.since


@pytest.mark.django_db
def test_one_customer_of_two_records_is_one_contact_person_and_speaks_for_each_once() -> None:
    # given
    jan = met("1", last_name="Jansen", organisation="De Ark", kvk="12345678")
    again = met("2", last_name="Jansen", organisation="De Ark", kvk="12345678")
    other = met("3", last_name="Jansen", organisation="De Boot", kvk="87654321")

    # when
    for record in (again, other):
        join(jan.pk, record.pk, basis=Basis.BY_HAND, actor="test", reason="the same person")

    # then
    assert sorted(spoken_for(jan, again, other)) == [("De Ark", 1), ("De Boot", 1)]


@pytest.mark.django_db
def test_the_panel_says_for_whom_somebody_speaks_and_names_no_colleague(
    make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    jan = met("1", email="jan@example.org", last_name="Jansen", organisation="De Ark", kvk="12345678")
    met("2", last_name="Postma", organisation="De Ark", kvk="12345678")
    met("1", email="jan@example.org", last_name="Jansen", **HOME)
    desk = browse(make_user("service_agent"))
    desk.post("/customers/", {"identifier": "jan@example.org"})

    # when
    panel = " ".join(desk.get(f"/customers/{jan.customer.key}/household/").content.decode().split())

    # then
    assert "Contact person of" in panel
    assert "De Ark<small>KvK 12345678 · 2 contact persons</small>" in panel
    assert "1 customer<small>" in panel
    assert "Postma" not in panel


@pytest.mark.django_db(transaction=True)
def test_a_family_that_comes_at_once_is_one_household() -> None:
    # when
    all_at_once([lambda n=n: met(str(n), last_name="Jansen", **HOME) for n in range(6)])

    # then
    assert Customer.objects.count() == 6
    [household] = Household.objects.all()
    assert household.residences.count() == 6
