import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.core.events.models import Event
from apps.customers.models import Customer, Identifier, MatchEvent, PersonDetails, SourceRecord
from apps.customers.reconciling import customers_unlike_their_records
from apps.customers.services.people import Person
from apps.customers.services.projecting import refresh_customers
from apps.customers.services.reading import current_details, home_locations
from apps.customers.services.recognising import recognise
from apps.network.models import Location

JAN: dict[str, Any] = {
    "source": "webshop",
    "account_id": "web-77",
    "email": "j.jansen@example.org",
    "email_is_verified": True,
    "phone": "06 12345678",
    "first_name": "Jan",
    "last_name": "Jansen",
    "street": "Oudegracht",
    "house_number": "12",
    "postcode": "3511 ab",
    "city": "Utrecht",
    "country": "NL",
}


def jan(**changes: Any) -> Person:
    return Person(**JAN | changes)


def one(person: Person) -> SourceRecord:
    [record_id] = recognise([person], actor="system")
    return SourceRecord.objects.select_related("customer").get(pk=record_id)


@pytest.mark.django_db
def test_somebody_new_becomes_a_customer_with_a_record_details_and_identifiers() -> None:
    # when
    record = one(jan(loyalty_card="2912 3456 7890 1"))

    # then
    assert (record.source, record.external_id) == ("webshop", "account:web-77")
    customer = record.customer
    assert (customer.name, customer.email, customer.phone) == ("Jan Jansen", "j.jansen@example.org", "+31612345678")
    assert (customer.postcode, customer.house_number, customer.is_organisation) == ("3511AB", "12", False)
    assert record.details.get().city == "Utrecht"
    assert set(record.identifiers.values_list("kind", "value", "verified")) == {
        ("loyalty_card", "2912345678901", True),
        ("account_id", "web-77", True),
        ("email", "j.jansen@example.org", True),
        ("phone", "+31612345678", False),
        ("address", "3511AB-12", False),
    }
    match = record.match_events.get()
    assert (match.kind, match.evidence, match.customer_key) == ("new", "", customer.key)
    event = Event.objects.get(topic="customer.recognised")
    assert (event.object_key, event.payload["source_record"]) == (str(customer.key), record.pk)
    assert "jansen" not in str(event.payload).lower()


@pytest.mark.django_db
def test_the_same_person_again_changes_nothing() -> None:
    # given
    record = one(jan())

    # when
    with CaptureQueriesContext(connection) as queries:
        again = recognise([jan(email="J.Jansen@example.org ", phone="+31612345678")], actor="system")

    # then
    assert again == [record.pk]
    assert len(queries) == 1
    assert PersonDetails.objects.count() == Customer.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second", "evidence"),
    [
        ({"loyalty_card": "2912345678901"}, {"source": "tills", "loyalty_card": "2912345678901"}, "loyalty_card"),
        ({}, {"source": "webshop", "external_id": "crm-1", "account_id": "web-77"}, "account_id"),
        ({}, {"source": "app", "email": "j.jansen@example.org", "email_is_verified": True}, "email"),
    ],
)
def test_a_proof_leads_to_the_customer_it_belongs_to(
    first: dict[str, Any], second: dict[str, Any], evidence: str
) -> None:
    # given
    known = one(jan(**first))

    # when
    record = one(Person(**second))

    # then
    assert record.pk != known.pk
    assert record.customer == known.customer
    assert Customer.objects.count() == 1
    assert record.match_events.get().evidence == evidence
    assert record.customer.name == "Jan Jansen"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "stranger",
    [
        {"source": "tills", "email": "j.jansen@example.org"},
        {"source": "tills", "phone": "0612345678"},
        {"source": "app", "account_id": "web-77"},
        {"source": "tills", "loyalty_card": "2900000000001", "postcode": "3511AB", "house_number": "12"},
    ],
    ids=["e-mail typed at a till", "phone", "account of another system", "address"],
)
def test_evidence_never_joins_people(stranger: dict[str, Any]) -> None:
    # given
    known = one(jan())

    # when
    record = one(Person(**stranger))

    # then
    assert record.customer != known.customer


@pytest.mark.django_db
def test_an_unverified_address_of_the_first_joins_nobody_either() -> None:
    # given
    known = one(jan(email_is_verified=False))

    # when
    record = one(Person(source="app", email="j.jansen@example.org", email_is_verified=True))

    # then
    assert record.customer != known.customer


@pytest.mark.django_db
def test_the_card_goes_before_the_email_and_who_is_contradicted_is_not_joined() -> None:
    # given
    by_card = one(Person(source="tills", loyalty_card="2912345678901", first_name="Els"))
    by_email = one(jan())

    # when
    record = one(
        Person(
            source="app",
            loyalty_card="2912345678901",
            email="j.jansen@example.org",
            email_is_verified=True,
        )
    )

    # then
    assert record.customer == by_card.customer
    assert by_email.customer != by_card.customer
    assert Customer.objects.count() == 2


@pytest.mark.django_db
def test_somebody_elses_card_is_kept_as_evidence_and_taken_from_nobody() -> None:
    # given
    owner = one(Person(source="tills", loyalty_card="2912345678901", first_name="Els"))
    borrower = one(jan())

    # when
    recognise([jan(loyalty_card="2912345678901")], actor="system")
    with CaptureQueriesContext(connection) as again:
        recognise([jan(loyalty_card="2912345678901")], actor="system")

    # then
    assert borrower.identifiers.get(kind="loyalty_card").verified is False
    assert one(Person(source="app", loyalty_card="2912345678901")).customer == owner.customer
    assert len(again) == 1


@pytest.mark.django_db
def test_new_details_are_added_and_the_customer_shows_them() -> None:
    # given
    record = one(jan())

    # when
    recognise([jan(street="Stationsplein", house_number="1", postcode="3511ED", phone="")], actor="system")

    # then
    customer = Customer.objects.get()
    assert record.details.count() == 2
    assert (customer.street, customer.postcode, customer.phone) == ("Stationsplein", "3511ED", "+31612345678")
    assert current_details([record.pk])[record.pk].phone == "+31612345678"
    assert record.identifiers.filter(kind="address").count() == 2


@pytest.mark.django_db
def test_a_verified_address_is_shown_before_a_typed_one() -> None:
    # given
    one(jan(loyalty_card="2912345678901"))

    # when
    record = one(Person(source="tills", loyalty_card="2912345678901", email="jan.jansn@example.org"))

    # then
    assert record.customer.email == "j.jansen@example.org"


@pytest.mark.django_db
def test_an_address_verified_later_becomes_proof() -> None:
    # given
    record = one(jan(email_is_verified=False))

    # when
    recognise([jan()], actor="system")

    # then
    assert one(Person(source="app", email="j.jansen@example.org", email_is_verified=True)).customer == record.customer


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("person", "key"),
    [
        ({"account_id": "web-1", "loyalty_card": "2912345678901"}, "account:web-1"),
        ({"loyalty_card": "2912345678901", "email": "a@example.org"}, "card:2912345678901"),
        ({"email": "A@example.org", "phone": "0612345678"}, "email:a@example.org"),
        ({"phone": "0612345678"}, "phone:+31612345678"),
        ({"external_id": "17850", "email": "a@example.org"}, "17850"),
    ],
)
def test_a_record_is_kept_under_the_strongest_identifier(person: dict[str, Any], key: str) -> None:
    assert one(Person(source="s", **person)).external_id == key


@pytest.mark.django_db
def test_a_long_email_address_still_makes_a_key() -> None:
    # given
    address = "a" * 64 + "@" + "b" * 63 + "." + "c" * 60 + ".org"

    # when
    record = one(Person(source="tills", email=address))

    # then
    assert record.external_id.startswith("email:sha256:")
    assert record.identifiers.get().value == address


@pytest.mark.django_db
def test_nobody_is_recognised_without_an_identifier() -> None:
    # when
    found = recognise([Person(source="tills", first_name="Jan", postcode="3511AB", house_number="12")], actor="system")

    # then
    assert found == [None]
    assert not SourceRecord.objects.exists()


@pytest.mark.django_db
def test_a_batch_keeps_its_order_and_knows_its_own_people() -> None:
    # when
    ids = recognise(
        [
            Person(source="tills", loyalty_card="2912345678901", first_name="Jan"),
            Person(source="tills"),
            jan(loyalty_card="2912345678901"),
            Person(source="tills", loyalty_card="2912 3456 7890 1", last_name="Jansen"),
        ],
        actor="system",
    )

    # then
    till, nobody, web, till_again = ids
    assert nobody is None
    assert till == till_again != web
    assert Customer.objects.count() == 1
    assert Customer.objects.get().name == "Jan Jansen"
    assert list(MatchEvent.objects.order_by("pk").values_list("kind", flat=True)) == ["new", "recognised"]


@pytest.mark.django_db
def test_the_number_of_statements_does_not_depend_on_the_number_of_people() -> None:
    def statements(people: list[Person]) -> int:
        with CaptureQueriesContext(connection) as queries:
            recognise(people, actor="system")
        return len(queries)

    def crowd(start: int, size: int) -> list[Person]:
        return [jan(account_id=f"web-{n}", email=f"p{n}@example.org") for n in range(start, start + size)]

    # given
    recognise(crowd(50, 1), actor="system")  # what a process reads once is not counted

    # when
    one_new, forty_new = statements(crowd(0, 1)), statements(crowd(1, 40))
    one_known, forty_known = statements(crowd(0, 1)), statements(crowd(1, 40))
    joining = statements([Person(source="app", email="p0@example.org", email_is_verified=True)])

    # then
    assert one_new == forty_new <= 7
    assert one_known == forty_known <= 2
    assert joining <= 7


@pytest.mark.django_db
def test_a_home_store_is_settled_once_and_found_through_the_customer(make_location: Callable[..., Location]) -> None:
    # given
    haarlem, leiden = make_location("S001"), make_location("S002")
    web = one(jan(loyalty_card="2912345678901"))
    till = Person(source="tills", loyalty_card="2912345678901")

    # when
    recognise([till], actor="system")
    recognise([Person(source="tills", loyalty_card="2912345678901", home_location_id=haarlem.pk)], actor="system")
    recognise([Person(source="tills", loyalty_card="2912345678901", home_location_id=leiden.pk)], actor="system")

    # then
    assert home_locations([web.pk]) == {web.pk: haarlem.pk}


@pytest.mark.django_db
def test_a_customer_can_be_rebuilt_from_its_records() -> None:
    # given
    customer = one(jan()).customer
    before = Customer.objects.values().get(pk=customer.pk)
    Customer.objects.update(name="", email="", phone="", street="", house_number="", postcode="", city="", country="")

    # when
    with transaction.atomic():
        refresh_customers([customer.pk])

    # then
    assert Customer.objects.values().get(pk=customer.pk) == before


@pytest.mark.django_db(transaction=True)
def test_threads_that_meet_the_same_new_people_at_once_write_them_once() -> None:
    # given
    threads, people = 8, [jan(account_id=f"web-{n}", email=f"p{n}@example.org") for n in range(20)]
    start = threading.Barrier(threads)
    answers: list[Any] = []

    def meet(turn: int) -> None:
        try:
            start.wait()
            crowd = people if turn % 2 else people[::-1]
            found = recognise(crowd, actor="system")
            answers.append(found if turn % 2 else found[::-1])
        except BaseException as error:
            answers.append(error)
        finally:
            connection.close()

    # when
    workers = [threading.Thread(target=meet, args=(n,)) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    # then
    assert len(answers) == threads
    assert all(answer == answers[0] for answer in answers), answers
    assert len(set(answers[0])) == 20
    assert Customer.objects.count() == SourceRecord.objects.count() == MatchEvent.objects.count() == 20
    assert Identifier.objects.count() == 80


@pytest.mark.django_db
def test_a_country_alone_is_what_is_known_until_somebody_tells_an_address() -> None:
    # when
    there = Person(source="webshop", account_id="web-1", country="BE")
    recognise([there], actor="system")

    # then
    assert Customer.objects.get().country == "BE"
    assert not customers_unlike_their_records()

    # when a later word names an address, and one after it a country only
    card = {"loyalty_card": "2620000000017"}
    recognise(
        [replace(there, **card, source="loyalty", country="NL", postcode="3511AB", house_number="3")], actor="system"
    )
    recognise([replace(there, **card, source="app", country="FR")], actor="system")

    # then
    assert {(c.country, c.postcode) for c in Customer.objects.all()} >= {("NL", "3511AB")}
    assert not customers_unlike_their_records()
