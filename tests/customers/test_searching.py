"""Customers in the search box: nobody is found by leafing, nothing is written while somebody types."""

import pytest

from apps.accounts.models import AccessGrant
from apps.customers.models import Customer
from apps.customers.services.guessing import names_somebody
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from tests.staff import browser, person

SWAP = {"HX-Request": "true"}
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
IDENTIFIERS = ["j.jansen@example.org", "06-12345678", "+31 6 12345678", "2912345678901", "3511 AB 12"]


@pytest.fixture
def jan(db) -> Customer:
    [record_id] = recognise([JAN], actor="system")
    return Customer.objects.get(source_records=record_id)


@pytest.fixture
def agent(db):
    return person("Ans Agent", "service_agent")


def typed(client, text: str) -> str:
    return " ".join(client.post("/search/", {"q": text}, headers=SWAP).content.decode().split())


@pytest.mark.parametrize("given", IDENTIFIERS)
def test_typing_an_identifier_opens_nobody_and_does_not_say_whether_somebody_has_it(jan, agent, given):
    # given
    client = browser(agent)
    known = typed(client, given)
    # when nobody has it any more
    stranger = "".join("7" if letter == "6" else "5" if letter == "1" else letter for letter in given).replace(
        "jansen", "x"
    )
    unknown = typed(client, stranger)
    # then
    assert "Look up the customer" in known
    assert known == unknown
    assert "Jansen" not in known
    assert not AccessGrant.objects.exists()


@pytest.mark.parametrize("given", IDENTIFIERS)
def test_enter_looks_the_customer_up_and_writes_it_down(jan, agent, given):
    answer = browser(agent).post("/search/", {"q": given})
    assert (answer.status_code, answer["Location"]) == (302, jan.get_absolute_url())
    grant = AccessGrant.objects.get()
    assert (grant.principal, grant.object_key, grant.purpose) == (f"user:{agent.pk}", str(jan.key), "service")


def test_an_address_with_the_text_in_it_looks_nobody_up(jan, agent):
    page = browser(agent).get("/search/", {"q": "j.jansen@example.org"}).content.decode()
    assert "Look up the customer with this e-mail address" in page
    assert not AccessGrant.objects.exists()


def test_an_identifier_that_nobody_has_is_answered_in_place(agent):
    answer = browser(agent).post("/search/", {"q": "niemand@example.org"})
    assert answer.status_code == 200
    assert "Nobody is known by this" in answer.content.decode()


def test_looking_up_by_searching_counts_towards_the_limit(jan, agent, settings):
    settings.STAFF_LOOKUP_RATE = "2/min"
    client = browser(agent)
    answers = [client.post("/search/", {"q": "j.jansen@example.org"}).status_code for _ in range(3)]
    assert answers == [302, 302, 429]


def test_a_name_finds_only_customers_who_are_open(jan, agent):
    recognise([Person(source="webshop", account_id="web-78", first_name="Joke", last_name="Jansen")], actor="system")
    client = browser(agent)
    assert "Jansen" not in typed(client, "jansen")
    client.post("/search/", {"q": "j.jansen@example.org"})
    page = typed(client, "jansn")
    assert "Jan Jansen" in page
    assert "Joke" not in page


@pytest.mark.parametrize("role", ["finance"])
def test_who_may_not_look_customers_up_is_not_offered_to(jan, role):
    client = browser(person("Frits Kas", role))
    assert "Look up" not in typed(client, "j.jansen@example.org")
    answer = client.post("/search/", {"q": "j.jansen@example.org"})
    assert answer.status_code == 200  # and not sent on to an address that holds it
    assert not AccessGrant.objects.exists()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("j.jansen@example.org", "email"),
        ("j.jansen@", ""),
        ("06 12345678", "phone"),
        ("0612", ""),
        ("2912345678901", "loyalty_card"),
        ("291234", ""),
        ("3511 AB 12", "address"),
        ("3511 AB", ""),
        ("handdoek", ""),
        ("T48101273642", ""),
        ("", ""),
    ],
)
def test_what_is_an_identifier_in_full(text, kind):
    assert names_somebody(text) == kind
