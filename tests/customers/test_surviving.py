"""Which of several records says what a customer is called and where to reach them, and that this can be told."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from apps.customers.models import Basis, Customer, Identifier, PersonDetails, SourceRecord
from apps.customers.services.joining import join
from apps.customers.services.projecting import refresh_customers
from apps.customers.services.provenance import origins

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def told(source: str, *, at: dt.datetime = NOON, verified: str = "", **says: Any) -> SourceRecord:
    """A record of a customer of its own that says something since a moment."""
    customer = Customer.objects.create(name=says.get("last_name", ""), since=at)
    record = SourceRecord.objects.create(source=source, external_id=source, customer=customer, recorded_at=at)
    PersonDetails.objects.create(source_record=record, fingerprint=source, recorded_at=at, **says)
    for kind in ("email", "phone"):
        if value := says.get(kind):
            Identifier.objects.create(source_record=record, kind=kind, value=value, verified=kind == verified)
    return record


def together(*records: SourceRecord) -> Customer:
    """The customer whom all these records are of."""
    for other in records[1:]:
        join(records[0].pk, other.pk, basis=Basis.BY_HAND, actor="user:1")
    customer = Customer.objects.get(source_records=records[0])
    refresh_customers([customer.pk])
    customer.refresh_from_db()
    return customer


@pytest.mark.django_db
def test_what_is_verified_goes_before_what_is_newer() -> None:
    # given
    old = told("webshop", verified="email", email="jan@example.org", last_name="Jansen")
    new = told("desk", at=NOON + dt.timedelta(days=9), email="typed@example.org", last_name="Janssen")

    # when
    customer = together(old, new)

    # then
    assert (customer.email, customer.name) == ("jan@example.org", "Janssen")
    found = origins(customer)
    assert (found["email"].record, found["email"].since, found["email"].verified) == (old, NOON, True)
    assert (found["name"].record, found["name"].verified) == (new, False)


@pytest.mark.django_db
def test_of_what_nobody_verified_the_newest_is_shown() -> None:
    # given
    new = told("tills", at=NOON + dt.timedelta(days=1), phone="+31687654321", last_name="Jansen-Vos")
    old = told("desk", phone="+31612345678", last_name="Jansen")

    # when
    customer = together(new, old)

    # then
    assert (customer.phone, customer.name) == ("+31687654321", "Jansen-Vos")
    assert origins(customer)["phone"].record == new


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("higher", "lower"), [("desk", "loyalty"), ("loyalty", "webshop"), ("webshop", "tills"), ("import:2026", "tills")]
)
def test_of_what_was_told_at_one_moment_the_source_decides(higher: str, lower: str) -> None:
    # given
    first = told(higher, last_name="Jansen", postcode="3511AB", street="Oudegracht")
    second = told(lower, last_name="Jonsen", postcode="9999ZZ", street="Elders")

    # when
    customer = together(first, second)

    # then
    assert (customer.name, customer.postcode) == ("Jansen", "3511AB")
    assert {name: origin.record for name, origin in origins(customer).items()} == {"name": first, "address": first}


@pytest.mark.django_db
def test_a_blank_says_nothing_and_an_address_is_taken_whole() -> None:
    # given
    whole = told("tills", last_name="Jansen", street="Oudegracht", house_number="12", postcode="3511AB", city="Utrecht")
    part = told("desk", at=NOON + dt.timedelta(days=1), email="jan@example.org", postcode="2011AA")

    # when
    customer = together(whole, part)

    # then
    assert (customer.name, customer.email) == ("Jansen", "jan@example.org")
    assert (customer.street, customer.house_number, customer.postcode, customer.city) == ("", "", "2011AA", "")


@pytest.mark.django_db
def test_since_when_a_record_says_so_counts_from_the_first_time() -> None:
    # given
    record = told("webshop", email="jan@example.org", last_name="Jansen")
    PersonDetails.objects.create(
        source_record=record, fingerprint="2", recorded_at=timezone.now(), email="jan@example.org", last_name="Vos"
    )

    # when
    customer = together(record)

    # then
    found = origins(customer)
    assert customer.name == "Vos"
    assert found["email"].since == NOON
    assert found["name"].since > NOON
