import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.accounts.models import AccessGrant, User
from apps.core.errors import InvalidInput
from apps.core.reach import forget_reach
from apps.customers.models import Customer, SourceRecord
from apps.customers.services import lookup
from apps.customers.services.guessing import guesses
from apps.customers.services.lookup import find_people, look_up
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise

JAN = Person(
    source="webshop",
    account_id="web-77",
    loyalty_card="2912345678901",
    email="j.jansen@example.org",
    email_is_verified=True,
    phone="0612345678",
    first_name="Jan",
    last_name="Jansen",
    postcode="3511AB",
    house_number="12",
)
IRIS = Person(source="webshop", account_id="web-78", first_name="Iris", postcode="3511AB", house_number="12 bis")


@pytest.fixture
def agent(make_user: Callable[..., User]) -> User:
    return make_user("service_agent")


@pytest.fixture
def jan(db: None) -> Customer:
    [record_id] = recognise([JAN], actor="system")
    return Customer.objects.get(source_records=record_id)


@pytest.fixture
def order_of_jan(jan: Customer) -> Iterator[str]:
    """An app above that knows whose order T48101273642 is."""
    record_id = SourceRecord.objects.get(customer=jan).pk
    lookup.identifier_source("test_order", lambda value, principal: record_id if value == "T48101273642" else None)
    yield "T48101273642"
    del lookup._finders["test_order"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "identifiers",
    [
        {"email": "J.Jansen@Example.org"},
        {"phone": "+31 6 12345678"},
        {"loyalty_card": "2912 3456 7890 1"},
        {"account_id": "web-77"},
        {"postcode": "3511 ab", "house_number": "12"},
        {"email": "j.jansen@example.org", "phone": "0687654321"},
    ],
)
def test_one_match_opens_the_customer_for_half_an_hour(agent: User, jan: Customer, identifiers: dict[str, str]) -> None:
    # given
    assert not Customer.objects.visible_to(agent).exists()

    # when
    with time_machine.travel(timezone.now(), tick=False) as clock:
        found = look_up(identifiers=identifiers, purpose="service", principal=agent)
        open_now = list(Customer.objects.visible_to(agent))
        clock.shift(dt.timedelta(minutes=30, seconds=1))
        forget_reach(agent)
        open_later = list(Customer.objects.visible_to(agent))

    # then
    assert (found.match, found.customer) == ("one", jan)
    assert (open_now, open_later) == ([jan], [])
    grant = AccessGrant.objects.get()
    assert (grant.principal, grant.object_key, grant.purpose) == (f"user:{agent.pk}", str(jan.key), "service")
    assert grant.evidence in {"email", "phone", "loyalty_card", "account_id", "address"}


@pytest.mark.django_db
def test_nobody_found_opens_nothing(agent: User, jan: Customer) -> None:
    # when
    found = [
        look_up(identifiers=identifiers, purpose="service", principal=agent)
        for identifiers in (
            {"email": "iemand@example.org"},
            {"email": "geen adres"},
            {"phone": "bel maar"},
            {"postcode": "3511AB", "house_number": "13"},
        )
    ]

    # then
    assert {result.match for result in found} == {"none"}
    assert not AccessGrant.objects.exists()


@pytest.mark.django_db
def test_a_house_with_two_customers_is_ambiguous_until_something_else_tells_them_apart(
    agent: User, jan: Customer
) -> None:
    # given
    recognise([IRIS], actor="system")
    house = {"postcode": "3511AB", "house_number": "12"}

    # when
    both = look_up(identifiers=house, purpose="service", principal=agent)
    narrowed = look_up(identifiers=house | {"phone": "0612345678"}, purpose="service", principal=agent)

    # then
    assert (both.match, both.customer) == ("ambiguous", None)
    assert (narrowed.match, narrowed.customer) == ("one", jan)
    assert {candidate.customer.name for candidate in find_people(house)} == {"Jan Jansen", "Iris"}
    assert AccessGrant.objects.count() == 1


@pytest.mark.django_db
def test_who_has_an_address_as_proof_goes_before_who_once_typed_it(agent: User, jan: Customer) -> None:
    # given
    recognise([Person(source="tills", email="j.jansen@example.org")], actor="system")

    # when
    found = look_up(identifiers={"email": "j.jansen@example.org"}, purpose="service", principal=agent)

    # then
    assert (found.match, found.customer) == ("one", jan)
    assert [person.proven for person in find_people({"email": "j.jansen@example.org"})] == [True, False]


@pytest.mark.django_db
def test_an_app_above_can_name_people_by_its_own_numbers(agent: User, jan: Customer, order_of_jan: str) -> None:
    # when
    found = look_up(identifiers={"test_order": order_of_jan}, purpose="service", principal=agent)
    not_found = look_up(identifiers={"test_order": "T1"}, purpose="service", principal=agent)

    # then
    assert (found.match, found.customer, not_found.match) == ("one", jan, "none")
    assert AccessGrant.objects.get().evidence == "test_order"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("identifiers", "attr"),
    [
        ({}, "identifiers"),
        ({"email": ""}, "identifiers"),
        ({"shoe_size": "43"}, "identifiers.shoe_size"),
        ({"postcode": "3511AB"}, "identifiers.house_number"),
        ({"house_number": "12"}, "identifiers.postcode"),
    ],
)
def test_a_lookup_says_what_it_misses(agent: User, identifiers: dict[str, str], attr: str) -> None:
    # when
    with pytest.raises(InvalidInput) as refusal:
        look_up(identifiers=identifiers, purpose="service", principal=agent)

    # then
    assert refusal.value.faults[0].attr == attr


@pytest.mark.parametrize(
    ("typed", "tried"),
    [
        (" J.Jansen@example.org ", [{"email": "J.Jansen@example.org"}]),
        ("3511 ab 12 bis", [{"postcode": "3511 ab", "house_number": "12 bis"}]),
        ("3511AB-12", [{"postcode": "3511AB", "house_number": "12"}]),
        ("06 12345678", [{"phone": "06 12345678"}]),
        ("2912 3456 7890 1", [{"loyalty_card": "2912 3456 7890 1"}]),
        ("?", []),
        ("", []),
    ],
)
def test_one_field_understands_what_is_typed(typed: str, tried: list[dict[str, Any]]) -> None:
    assert guesses(typed)[: len(tried)] == tried
    assert bool(guesses(typed)) == bool(tried)
