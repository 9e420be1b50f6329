import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import AccessGrant, User
from apps.customers.models import Consent, Customer, SourceRecord
from apps.customers.services.consenting import record_consent
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.messages.services import queue_message
from apps.network.models import Location
from apps.service.models import ContactMoment
from apps.service.services import Contact, log_contact

JAN = Person(
    source="webshop",
    account_id="web-77",
    loyalty_card="2912345678901",
    email="j.jansen@example.org",
    email_is_verified=True,
    phone="0612345678",
    first_name="Jan",
    last_name="Jansen",
    street="Oudegracht",
    postcode="3511AB",
    house_number="12",
    city="Utrecht",
)
IRIS = Person(
    source="webshop",
    account_id="web-78",
    first_name="Iris",
    last_name="de Wit",
    street="Oudegracht",
    postcode="3511AB",
    house_number="12",
)


@pytest.fixture
def jan(db: None) -> Customer:
    [record_id] = recognise([JAN], actor="system")
    return Customer.objects.get(source_records=record_id)


@pytest.fixture
def agent(make_user: Callable[..., User]) -> User:
    return make_user("service_agent")


@pytest.fixture
def at_desk(agent: User, browse: Callable[[User], Client]) -> Client:
    return browse(agent)


@pytest.mark.parametrize(
    "typed",
    [
        {"identifier": "J.Jansen@example.org"},
        {"identifier": "06-12345678"},
        {"identifier": "2912345678901"},
        {"identifier": "3511 AB 12"},
        {"email": "j.jansen@example.org"},
        {"postcode": "3511ab", "house_number": "12"},
        {"loyalty_card": "2912 3456 7890 1"},
    ],
)
def test_an_agent_finds_a_customer_and_the_lookup_is_written_down(
    at_desk: Client, agent: User, jan: Customer, typed: dict[str, str]
) -> None:
    # given
    before = at_desk.get(jan.get_absolute_url())

    # when
    found = at_desk.post("/customers/", typed, follow=True)

    # then
    assert before.status_code == 404
    assert found.redirect_chain == [(jan.get_absolute_url(), 302)]
    page = found.content.decode()
    assert "Jan Jansen" in page
    assert "j.jansen@example.org" in page
    assert "Oudegracht 12" in page
    assert AccessGrant.objects.get().purpose == "service"


def test_the_page_closes_when_the_grant_is_over(at_desk: Client, jan: Customer) -> None:
    # given
    at_desk.post("/customers/", {"identifier": "j.jansen@example.org"})

    # when
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=31)):
        later = at_desk.get(jan.get_absolute_url())

    # then
    assert later.status_code == 404


def test_another_agent_sees_nothing_of_it(
    at_desk: Client, jan: Customer, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    at_desk.post("/customers/", {"identifier": "j.jansen@example.org"})
    colleague = browse(make_user("service_agent"))

    # then
    for path in ("", "timeline/", "consents/"):
        assert colleague.get(f"{jan.get_absolute_url()}{path}").status_code == 404
    assert colleague.get(f"/contacts/with/{jan.key}/").status_code == 404
    assert colleague.post(f"/contacts/with/{jan.key}/log/", {}).status_code == 404


def test_in_a_store_most_of_how_to_reach_somebody_is_hidden(
    jan: Customer,
    make_user: Callable[..., User],
    make_location: Callable[..., Location],
    browse: Callable[[User], Client],
) -> None:
    # given
    in_store = browse(make_user("store_associate", make_location("S001")))

    # when
    page = in_store.post("/customers/", {"identifier": "2912345678901"}, follow=True).content.decode()

    # then
    assert AccessGrant.objects.get().purpose == "counter"
    assert "Jan Jansen" in page
    assert "j••@example.org" in page
    assert "•• 5678" in page
    assert "Oudegracht" not in page
    assert "j.jansen" not in page


def test_of_several_people_only_what_choosing_takes_is_shown(at_desk: Client, jan: Customer) -> None:
    # given
    recognise([IRIS], actor="system")

    # when
    page = at_desk.post("/customers/", {"identifier": "3511AB 12"}).content.decode()
    shown = not AccessGrant.objects.exists()
    choices = re.findall(r'name="choice" value="([^"]+)"', page)
    chosen = at_desk.post("/customers/choose/", {"choice": choices[0]})

    # then
    assert shown
    assert "J. J., Oudegracht, Utrecht" in page
    assert "I. D. W., Oudegracht" in page
    assert "Jansen" not in page
    assert len(choices) == 2
    assert chosen.headers["Location"] == jan.get_absolute_url()
    assert AccessGrant.objects.get().evidence == "address"


def test_a_choice_is_for_whom_it_was_offered_and_for_ten_minutes(
    at_desk: Client, jan: Customer, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    recognise([IRIS], actor="system")
    page = at_desk.post("/customers/", {"identifier": "3511AB 12"}).content.decode()
    choice = re.findall(r'name="choice" value="([^"]+)"', page)[0]

    # when
    stolen = browse(make_user("service_agent")).post("/customers/choose/", {"choice": choice})
    made_up = at_desk.post("/customers/choose/", {"choice": f"{choice}x"})
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=11)):
        late = at_desk.post("/customers/choose/", {"choice": choice})

    # then
    assert (stolen.status_code, made_up.status_code, late.status_code) == (404, 422, 422)
    assert not AccessGrant.objects.exists()


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"identifier": "iemand@example.org"}, 200, "Nobody is known by this"),
        ({"identifier": "?"}, 422, "This looks like none of these"),
        ({}, 422, "Ask for something that only this customer has"),
        ({"postcode": "3511AB"}, 422, "Postcode and house number go together"),
        ({"identifier": "x" * 300}, 422, "Ensure this value has at most 254 characters"),
    ],
)
def test_the_page_says_why_nobody_was_found(
    at_desk: Client, jan: Customer, typed: dict[str, str], status: int, said: str
) -> None:
    # when
    response = at_desk.post("/customers/", typed)

    # then
    assert response.status_code == status
    assert said in response.content.decode()


def test_a_person_looks_up_one_customer_at_a_time(at_desk: Client, jan: Customer, settings: Settings) -> None:
    # given
    settings.STAFF_LOOKUP_RATE = "2/min"

    # when
    answers = [at_desk.post("/customers/", {"identifier": f"p{n}@example.org"}).status_code for n in range(3)]

    # then
    assert answers == [200, 200, 429]


def test_finance_has_no_business_with_customers(
    make_user: Callable[..., User], browse: Callable[[User], Client], jan: Customer
) -> None:
    # given
    finance = browse(make_user("finance"))

    # then
    assert finance.get("/customers/").status_code == 403
    assert finance.get(jan.get_absolute_url()).status_code == 403
    assert finance.get("/contacts/").status_code == 403
    assert finance.get("/outbox/").status_code == 403


def test_scanning_a_card_opens_its_holder(
    jan: Customer,
    make_user: Callable[..., User],
    make_location: Callable[..., Location],
    browse: Callable[[User], Client],
) -> None:
    # given
    in_store = browse(make_user("store_associate", make_location("S001")))

    # when
    scanned = in_store.post("/scan/", {"code": "2912345678901"})

    # then
    assert scanned.headers["Location"] == jan.get_absolute_url()
    assert in_store.get(jan.get_absolute_url()).status_code == 200


def contact(record: SourceRecord, n: int, at: dt.datetime) -> ContactMoment:
    moment, _ = log_contact(
        contact=Contact(
            source="desk",
            external_id=f"call-{n}",
            source_record_id=record.pk,
            channel="phone",
            topic="product",
            text=f"Gesprek {n}",
            occurred_at=at,
        ),
        actor="user:1",
    )
    return moment


def test_the_timeline_shows_contacts_and_mail_of_every_record_newest_first(at_desk: Client, jan: Customer) -> None:
    # given
    web = jan.source_records.get()
    [till_id] = recognise([Person(source="tills", loyalty_card="2912345678901")], actor="system")
    till = SourceRecord.objects.get(pk=till_id)
    contact(web, 1, timezone.now() - dt.timedelta(days=2))
    contact(till, 2, timezone.now() - dt.timedelta(days=1))
    queue_message(
        template="order_confirmed",
        address="j.jansen@example.org",
        locale="en",
        context={"number": "T48101273642"},
        source_record_id=web.pk,
        dedupe_key="1",
    )

    # when
    page = at_desk.post("/customers/", {"identifier": "j.jansen@example.org"}, follow=True).content.decode()

    # then
    places = [page.index(text) for text in ("Your order T48101273642", "Gesprek 2", "Gesprek 1")]
    assert places == sorted(places)
    assert "2 source records" in page


def test_older_entries_follow_without_gap_or_repeat_even_at_one_moment(at_desk: Client, jan: Customer) -> None:
    # given
    record, at = jan.source_records.get(), timezone.now() - dt.timedelta(days=1)
    for n in range(70):
        contact(record, n, at - dt.timedelta(minutes=n // 40))
    page = at_desk.post("/customers/", {"identifier": "j.jansen@example.org"}, follow=True).content.decode()
    seen = re.findall(r"Gesprek \d+", page)

    # when
    while more := re.search(r'hx-get="([^"]+)"[^>]*hx-target="closest p"', page):
        page = at_desk.get(more[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page
        seen += re.findall(r"Gesprek \d+", page)

    # then
    assert sorted(seen) == sorted(f"Gesprek {n}" for n in range(70))


@pytest.mark.parametrize("before", ["x", "2026-01-01~contact:1", "2026-01-01T00:00:00Z~contact:nothing", "~", "~~"])
def test_a_made_up_place_in_the_timeline_breaks_nothing(at_desk: Client, jan: Customer, before: str) -> None:
    # given
    at_desk.post("/customers/", {"identifier": "j.jansen@example.org"})

    # then
    assert at_desk.get(f"{jan.get_absolute_url()}timeline/", {"before": before}).status_code == 200


def test_consent_is_shown_and_changed(at_desk: Client, jan: Customer) -> None:
    # given
    record_consent(
        source_record_id=jan.source_records.get().pk,
        purpose="newsletter",
        given=True,
        text_version="2026-1",
        proof="webshop",
    )
    at_desk.post("/customers/", {"identifier": "j.jansen@example.org"})
    before = at_desk.get(jan.get_absolute_url()).content.decode()

    # when
    page = at_desk.post(
        f"{jan.get_absolute_url()}consents/", {"purpose": "newsletter", "given": "no"}, follow=True
    ).content.decode()

    # then
    assert ("Given" in before, "Withdrawn" in before) == (True, False)
    assert ("Withdrawn" in page, "service desk" in page) == (True, True)
    assert Consent.objects.count() == 2


def statements(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_the_page_takes_as_many_statements_for_a_long_history_as_for_a_short_one(
    at_desk: Client, jan: Customer
) -> None:
    # given
    record: Any = jan.source_records.get()
    at_desk.post("/customers/", {"identifier": "j.jansen@example.org"})
    contact(record, 0, timezone.now())
    contact(record, 1, timezone.now())
    few = statements(at_desk, jan.get_absolute_url())

    # when
    for n in range(2, 40):
        contact(record, n, timezone.now())

    # then
    assert statements(at_desk, jan.get_absolute_url()) == few
