"""A receipt leads to its customer at the counter and at the desk: by a look-up, within its limit, and for nobody else."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from apps.accounts.models import AccessGrant, User
from apps.customers.models import Customer, Look, SourceRecord
from apps.customers.services.guessing import guesses
from tests.staff import browser, person
from tests.tills.tickets import line, send, ticket

JAN = {"email": "jan@example.org", "loyalty_card": "29123456789012", "first_name": "Jan"}
ELS = {"email": "els@example.org", "loyalty_card": "29123456789029", "first_name": "Els"}


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def associate(shop) -> User:
    return person("Anouk de Wit", "store_associate", location=shop.s1)


@pytest.fixture
def agent(shop) -> User:
    return person("Bas Kok", "service_agent")


def sold(shop: Any, **changes: Any) -> str:
    """A ticket is booked; what the till printed on its receipt."""
    body = ticket(**changes)
    send(shop, body)
    return f"{body['till']}/{body['business_date']}/{body['sequence']}"


def customer_with(email: str) -> Customer:
    return Customer.objects.get(source_records__identifiers__value=email)


def find(client: Client, **given: str) -> Any:
    return client.post("/customers/", given)


def test_a_receipt_opens_its_customer_and_the_look_is_written_down(shop, associate):
    # given
    printed = sold(shop, customer=JAN)
    customer = customer_with("jan@example.org")

    # when
    answer = find(browser(associate), identifier=f"  {printed} ")

    # then
    assert answer["Location"] == customer.get_absolute_url()
    grant = AccessGrant.objects.get()
    assert (grant.evidence, grant.purpose, grant.object_key) == ("receipt", "counter", str(customer.key))
    look = Look.objects.filter(act="look_up").get()
    assert (look.kind, look.outcome, look.customer_key) == ("receipt", "one", customer.key)
    assert browser(associate).get(customer.get_absolute_url()).status_code == 200


def test_the_desk_finds_it_too_and_whoever_brought_something_back(shop, agent):
    # given
    sold(shop, customer=ELS)
    printed = sold(shop, lines=[line(type="return")], customer=ELS)

    # then
    assert browser(agent).post("/contacts/desk/", {"receipt": printed}).status_code == 302
    assert AccessGrant.objects.get().object_key == str(customer_with("els@example.org").key)


def test_tills_of_two_stores_number_alike_and_the_own_store_is_meant_where_there_is_one(shop, associate, agent):
    # given
    here = sold(shop, customer=JAN, sequence=418)
    there = sold(shop, customer=ELS, sequence=418, store="S2")
    assert here == there
    jan, els = customer_with("jan@example.org"), customer_with("els@example.org")

    # then
    assert find(browser(associate), receipt=here)["Location"] == jan.get_absolute_url()
    assert find(browser(agent), receipt=here).status_code == 200  # of which store is not said, so of nobody's
    assert find(browser(agent), receipt=f"S2/{here}")["Location"] == els.get_absolute_url()
    assert find(browser(associate), receipt=f"s2 / {here}")["Location"] == els.get_absolute_url()


@pytest.mark.parametrize(
    "printed",
    [
        "1/2026-11-20/999999",
        "9/2026-11-20/1",
        "1/2026-13-40/1",
        "S9/1/2026-11-20/1",
        "nobody",
        f"1/2026-11-20/{'9' * 18}",
    ],
)
def test_what_is_no_receipt_of_anybody_answers_as_one_of_nobody_we_know(shop, associate, printed):
    # given
    of_nobody = sold(shop)
    client = browser(associate)

    # when
    answers = [find(client, receipt=given) for given in (of_nobody, printed)]

    # then
    said = [
        answer.content.decode().replace(given, "") for answer, given in zip(answers, (of_nobody, printed), strict=True)
    ]
    assert "Nobody is known by this" in said[0]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert "Nobody is known by this" in said[1]
    assert not AccessGrant.objects.exists()
    assert Look.objects.filter(kind="receipt", outcome="none").count() == 2


def test_receipts_are_tried_no_faster_than_anything_else_and_neighbours_show(shop, associate, settings):
    # given
    settings.STAFF_LOOKUP_RATE = "3/min"
    client = browser(associate)

    # when
    statuses = [find(client, receipt=f"1/2026-11-20/{n}").status_code for n in range(700, 705)]

    # then
    assert statuses == [200, 200, 200, 429, 429]
    looks = Look.objects.filter(outcome="none")
    assert looks.values("given").distinct().count() == 3
    assert looks.values("near").distinct().count() == 1


def test_no_system_finds_people_by_receipts_for_these_can_be_counted_through(shop):
    # given
    printed = sold(shop, customer=JAN)

    # when
    answer = shop.post("customers/lookup/", {"identifiers": {"receipt": printed}, "purpose": "service"})

    # then
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "does_not_exist"


def test_nothing_is_kept_as_an_identifier_for_a_receipt(shop):
    sold(shop, customer=JAN)
    assert not SourceRecord.objects.filter(identifiers__kind="receipt").exists()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2/2026-11-20/418", [{"receipt": "2/2026-11-20/418"}]),
        ("S001 / 2 / 2026-11-20 / 418", [{"receipt": "S001 / 2 / 2026-11-20 / 418"}]),
        ("3511 AB / 12", [{"postcode": "3511 AB", "house_number": "12"}]),
    ],
)
def test_one_field_knows_a_receipt_by_its_form(typed, meant):
    assert guesses(typed) == meant
