import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.customers.models import Customer, SourceRecord
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.network.models import Location
from apps.service.models import ContactMoment
from apps.service.services import Contact, log_contact

SAID = {
    "channel": "phone",
    "direction": "inbound",
    "topic": "order_status",
    "text": "Belt morgen terug",
    "order_number": " t48101273642",
}


@pytest.fixture
def jan(db: None) -> Customer:
    person = Person(source="webshop", email="j.jansen@example.org", email_is_verified=True, first_name="Jan")
    [record_id] = recognise([person], actor="system")
    return Customer.objects.get(source_records=record_id)


@pytest.fixture
def browse() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return sign_in


def moment_of(record: SourceRecord | None, n: int = 1, **changes: Any) -> ContactMoment:
    moment, _is_new = log_contact(
        contact=Contact(
            **{
                "source": "desk",
                "external_id": f"call-{n}",
                "source_record_id": record.pk if record else None,
                "channel": "phone",
                "topic": "product",
                "text": f"Gesprek {n}",
                "occurred_at": timezone.now() - dt.timedelta(minutes=n),
            }
            | changes
        ),
        actor="user:1",
    )
    return moment


def test_an_agent_writes_a_conversation_down_on_the_customers_page(
    make_user: Callable[..., User], browse: Callable[[User], Client], jan: Customer
) -> None:
    # given
    agent = make_user("service_agent")
    client = browse(agent)
    client.post("/customers/", {"identifier": "j.jansen@example.org"})
    panel = client.get(f"/contacts/with/{jan.key}/", headers={"HX-Request": "true"}).content.decode()
    conversation = re.search(r'name="conversation" value="([^"]+)"', panel)
    assert conversation is not None

    # when
    posted = SAID | {"conversation": conversation[1]}
    page = client.post(f"/contacts/with/{jan.key}/log/", posted, follow=True)
    client.post(f"/contacts/with/{jan.key}/log/", posted)

    # then
    moment = ContactMoment.objects.get()
    assert page.redirect_chain == [(jan.get_absolute_url(), 302)]
    assert "Belt morgen terug" in page.content.decode()
    assert (moment.source_record, moment.actor) == (jan.source_records.get(), f"user:{agent.pk}")
    assert (moment.handled_by, moment.handling_seconds, moment.order_number) == (agent.name, None, "T48101273642")


def test_writing_down_does_not_lose_the_list_that_the_customer_was_opened_from(
    make_user: Callable[..., User], browse: Callable[[User], Client], jan: Customer
) -> None:
    # given
    client = browse(make_user("service_agent"))
    client.post("/customers/", {"identifier": "j.jansen@example.org"})
    listed = "?list=/contacts/?view=complaints"
    # when
    panel = client.get(f"/contacts/with/{jan.key}/{listed}", headers={"HX-Request": "true"}).content.decode()
    form = re.search(r'action="([^"]+)" aria-label.*name="conversation" value="([^"]+)"', panel, re.S)
    assert form is not None
    page = client.post(form[1], SAID | {"conversation": form[2]}, follow=True)
    # then
    assert page.redirect_chain == [(f"{jan.get_absolute_url()}{listed}", 302)]
    assert page.context["back_url"] == "/contacts/?view=complaints"


def test_in_a_store_the_conversation_belongs_to_the_store(
    make_user: Callable[..., User],
    make_location: Callable[..., Location],
    browse: Callable[[User], Client],
    jan: Customer,
) -> None:
    # given
    haarlem, leiden = make_location("S001"), make_location("S002")
    here, elsewhere = (browse(make_user("store_associate", place)) for place in (haarlem, leiden))
    here.post("/customers/", {"identifier": "j.jansen@example.org"})
    panel = here.get(f"/contacts/with/{jan.key}/").content.decode()
    conversation = re.search(r'name="conversation" value="([^"]+)"', panel)
    assert conversation is not None

    # when
    here.post(f"/contacts/with/{jan.key}/log/", SAID | {"conversation": conversation[1], "channel": "store"})

    # then
    moment = ContactMoment.objects.get()
    assert moment.location == haarlem
    assert here.get(moment.get_absolute_url()).status_code == 200
    assert elsewhere.get(moment.get_absolute_url()).status_code == 404
    assert 'value="store" selected' in panel


@pytest.mark.parametrize(
    "change",
    [
        {"text": ""},
        {"channel": "smoke"},
        {"topic": ""},
        {"topic": "smoke"},
        {"conversation": "x"},
        {"question": "To whom?"},
    ],
)
def test_a_conversation_that_is_not_right_is_not_written_down(
    make_user: Callable[..., User], browse: Callable[[User], Client], jan: Customer, change: dict[str, str]
) -> None:
    # given
    client = browse(make_user("service_agent"))
    client.post("/customers/", {"identifier": "j.jansen@example.org"})
    posted = SAID | {"conversation": "01936f5e-7b1a-7000-8000-000000000001"} | change

    # when
    response = client.post(f"/contacts/with/{jan.key}/log/", posted)

    # then
    assert response.status_code == 422
    assert not ContactMoment.objects.exists()


def test_a_conversation_names_the_customer_only_to_who_looked_them_up(
    make_user: Callable[..., User], browse: Callable[[User], Client], jan: Customer
) -> None:
    # given
    client = browse(make_user("service_agent"))
    moment = moment_of(jan.source_records.get())

    # when
    before = client.get(moment.get_absolute_url()).content.decode()
    client.post("/customers/", {"identifier": "j.jansen@example.org"})
    after = client.get(moment.get_absolute_url()).content.decode()

    # then
    assert "Gesprek 1" in before
    assert (jan.get_absolute_url() in before, jan.get_absolute_url() in after) == (False, True)


def test_the_list_shows_the_desk_everything_and_a_store_its_own(
    make_user: Callable[..., User],
    make_location: Callable[..., Location],
    browse: Callable[[User], Client],
    jan: Customer,
) -> None:
    # given
    haarlem, leiden = make_location("S001"), make_location("S002")
    moment_of(None, 1, location=haarlem, handled_by="Bo")
    moment_of(None, 2, location=leiden, handled_by="Kim")

    # when
    desk = browse(make_user("service_agent")).get("/contacts/").content.decode()
    store = browse(make_user("store_associate", haarlem)).get("/contacts/").content.decode()

    # then
    assert ("Bo" in desk, "Kim" in desk) == (True, True)
    assert ("Winkel S001" in store, "Kim" in store) == (True, False)


def test_today_tells_the_desk_what_is_asked(jan: Customer, make_user: Callable[..., User], browse: Any) -> None:
    # given three conversations of today and one of last week
    record = jan.source_records.get()
    for n, topic in enumerate(("return", "return", "payment")):
        moment_of(record, n, topic=topic)
    moment_of(record, 9, topic="payment", occurred_at=timezone.now() - dt.timedelta(days=7))
    # when
    page = browse(make_user("service_agent")).get("/").content.decode()
    # then
    assert re.search(r'<a href="/contacts/\?day_after=[\d-]+&amp;day_before=[\d-]+">3</a>', page)
    assert "Most about: Return (2)" in page


def test_the_list_takes_as_many_statements_for_forty_as_for_two(
    make_user: Callable[..., User],
    make_location: Callable[..., Location],
    browse: Callable[[User], Client],
    jan: Customer,
) -> None:
    # given
    client, haarlem = browse(make_user("service_agent")), make_location("S001")

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/contacts/").status_code == 200
        return len(queries)

    moment_of(jan.source_records.get(), 1, location=haarlem)
    moment_of(None, 2)
    few = statements()

    # when
    for n in range(3, 41):
        moment_of(jan.source_records.get(), n, location=haarlem)

    # then
    assert statements() == few
