"""Conversations as they go: the time they take is worked out from their steps, and one can be in one at a time."""

import datetime as dt
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.core.actors import actor_of
from apps.customers.models import Customer
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.service.models import ContactEvent, ContactMoment
from apps.service.services.conversations import Handled, OnTheLine, current, drop, handled, pick_up, step

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def jan(db: None) -> Customer:
    person = Person(source="webshop", email="j.jansen@example.org", email_is_verified=True, first_name="Jan")
    [record_id] = recognise([person], actor="system")
    return Customer.objects.get(source_records=record_id)


@pytest.fixture
def agent(make_user: Callable[..., User]) -> User:
    return make_user("service_agent")


@pytest.fixture
def at_desk(agent: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(agent)
    return client


def went(*steps: tuple[str, int]) -> list[ContactEvent]:
    return [ContactEvent(kind=kind, at=NOON + dt.timedelta(seconds=after)) for kind, after in steps]


@pytest.mark.parametrize(
    ("steps", "talk", "hold", "after_work"),
    [
        ([("start", 0), ("end", 90)], 90, 0, 0),
        ([("start", 0), ("hold", 60), ("resume", 100), ("end", 130)], 90, 40, 0),
        ([("start", 0), ("hold", 60), ("after_work", 100), ("end", 130)], 60, 40, 30),
        ([("start", 0), ("after_work", 60), ("resume", 100), ("end", 130)], 90, 0, 40),
        ([("start", 0), ("known", 20), ("end", 90)], 90, 0, 0),
        ([("start", 0), ("hold", 30), ("dropped", 40)], 30, 10, 0),
        ([], 0, 0, 0),
    ],
)
def test_the_time_a_conversation_takes_is_worked_out_from_its_steps(
    steps: list[tuple[str, int]], talk: int, hold: int, after_work: int
) -> None:
    assert handled(went(*steps)) == Handled(talk, hold, after_work)


def test_what_is_going_on_counts_until_now() -> None:
    assert handled(went(("start", 0), ("hold", 10)), until=NOON + dt.timedelta(seconds=25)) == Handled(10, 15, 0)


def test_finding_the_caller_begins_the_conversation_and_writing_down_ends_it(
    at_desk: Client, agent: User, jan: Customer
) -> None:
    # given a call of ninety seconds, twenty of them on hold
    with time_machine.travel(timezone.now(), tick=False) as clock:
        found = at_desk.post("/contacts/desk/", {"identifier": "j.jansen@example.org", "channel": "phone"})
        clock.shift(60)
        at_desk.post("/contacts/step/", {"step": "hold"})
        clock.shift(20)
        at_desk.post("/contacts/step/", {"step": "after_work"})
        clock.shift(10)
        panel = at_desk.get(f"/contacts/with/{jan.key}/").content.decode()
        conversation = re.search(r'name="conversation" value="([^"]+)"', panel)
        assert conversation is not None
        # when
        posted = {
            "conversation": conversation[1],
            "topic": "order_status",
            "text": "Morgen",
            "channel": "phone",
            "direction": "inbound",
        }
        for _again in range(2):
            answer = at_desk.post(f"/contacts/with/{jan.key}/log/", posted)
            assert answer.status_code == 302
    # then
    assert found["Location"] == jan.get_absolute_url()
    moment = ContactMoment.objects.get()
    assert (moment.handling_seconds, moment.source_record.customer) == (90, jan)
    assert current(actor_of(agent)) is None
    page = at_desk.get(moment.get_absolute_url()).content.decode()
    assert "1:30" in page
    assert "talking 1:00, on hold 0:20, finishing 0:10" in page


def test_the_bar_stands_on_every_page_until_the_conversation_is_over(
    at_desk: Client, jan: Customer, make_user: Callable[..., User]
) -> None:
    # given
    other = Client(headers={"accept-language": "en"})
    other.force_login(make_user("service_agent"))
    at_desk.post("/contacts/desk/", {"identifier": "j.jansen@example.org"})
    # when
    during = [at_desk.get(path).content.decode() for path in ("/", "/orders/", jan.get_absolute_url())]
    elsewhere = other.get("/orders/").content.decode()
    at_desk.post("/contacts/step/", {"step": "dropped"})
    after = at_desk.get("/orders/").content.decode()
    # then
    assert all("On the line" in page and "Jan" in page for page in during)
    assert "On the line" not in elsewhere
    assert "On the line" not in after
    assert not ContactMoment.objects.exists()


def test_when_the_look_up_is_over_the_bar_names_nobody(at_desk: Client, jan: Customer) -> None:
    # given
    at_desk.post("/contacts/desk/", {"identifier": "j.jansen@example.org"})
    # when
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=31)):
        page = at_desk.get("/orders/").content.decode()
    # then
    assert "On the line" in page
    assert "Look them up again" in page
    assert str(jan.key) not in page


def test_who_is_in_a_conversation_picks_up_no_other(db: None) -> None:
    # given
    pick_up(actor="user:1", channel="phone")
    # then
    with pytest.raises(OnTheLine):
        pick_up(actor="user:1", channel="chat")
    drop(actor="user:1")
    with pytest.raises(OnTheLine):
        step(actor="user:1", kind="hold")
    pick_up(actor="user:1", channel="chat")


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_begin_one_conversation() -> None:
    # when
    def begin(_n: int) -> bool:
        try:
            pick_up(actor="user:1", channel="phone")
        except OnTheLine:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        began = list(pool.map(begin, range(4)))
    # then
    assert sorted(began) == [False, False, False, True]
    assert ContactEvent.objects.count() == 1


def test_a_step_that_was_taken_is_not_taken_again_or_changed(db: None) -> None:
    # given
    key = pick_up(actor="user:1", channel="phone")
    step(actor="user:1", kind="hold")
    # when
    step(actor="user:1", kind="hold")
    # then
    assert list(ContactEvent.objects.values_list("kind", flat=True)) == ["start", "hold"]
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactEvent.objects.create(conversation=key, kind="start", actor="user:1")
    with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
        ContactEvent.objects.update(at=NOON)


def test_what_somebody_asks_for_never_stands_in_an_address(at_desk: Client, jan: Customer) -> None:
    # when
    asked = at_desk.get("/contacts/desk/", {"identifier": "j.jansen@example.org"})
    found = at_desk.post("/contacts/desk/", {"identifier": "j.jansen@example.org"})
    # then
    assert asked.status_code == 200  # an address finds nobody
    assert not asked.context["form"].is_bound
    assert "jansen" not in found["Location"]


def test_one_of_several_is_chosen_and_that_begins_the_conversation(at_desk: Client, agent: User, jan: Customer) -> None:
    # given two at one address
    for name in ("Iris", "Piet"):
        recognise(
            [Person(source="webshop", account_id=name, first_name=name, postcode="3511AB", house_number="12")],
            actor="system",
        )
    # when
    page = at_desk.post("/contacts/desk/", {"identifier": "3511 AB 12"}).content.decode()
    choice = re.search(r'name="choice" value="([^"]+)"', page)
    assert choice is not None
    assert current(actor_of(agent)) is None
    at_desk.post("/contacts/desk/", {"choice": choice[1]})
    # then
    assert current(actor_of(agent)) is not None


def test_a_contact_without_a_customer_is_written_down_too(at_desk: Client) -> None:
    # given
    page = at_desk.get("/contacts/new/").content.decode()
    conversation = re.search(r'name="conversation" value="([^"]+)"', page)
    assert conversation is not None
    # when
    at_desk.post(
        "/contacts/new/",
        {
            "conversation": conversation[1],
            "topic": "availability",
            "text": "Openingstijden",
            "channel": "phone",
            "direction": "inbound",
        },
    )
    # then
    moment = ContactMoment.objects.get()
    assert (moment.source_record, moment.topic_id, moment.handling_seconds) == (None, "availability", None)
