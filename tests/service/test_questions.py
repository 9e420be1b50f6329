"""What is asked at the desk is seen in the store, and the other way round."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.customers.models import Customer
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.network.models import Location
from apps.service.models import Answer, Question
from apps.service.services.questions import AlreadyAnswered, answer_question


@pytest.fixture
def jan(db: None) -> Customer:
    person = Person(source="webshop", email="j.jansen@example.org", email_is_verified=True, first_name="Jan")
    [record_id] = recognise([person], actor="system")
    return Customer.objects.get(source_records=record_id)


@pytest.fixture
def stores(make_location: Callable[..., Location]) -> tuple[Location, Location]:
    return make_location("S001"), make_location("S002")


@pytest.fixture
def browse(jan: Customer) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return sign_in


def write(client: Client, jan: Customer, **said: str) -> None:
    client.post("/customers/", {"identifier": "j.jansen@example.org"})
    panel = client.get(f"/contacts/with/{jan.key}/").content.decode()
    conversation = re.search(r'name="conversation" value="([^"]+)"', panel)
    assert conversation is not None
    posted = {"topic": "availability", "text": "Gesprek", "channel": "phone", "direction": "inbound"} | said
    answer = client.post(f"/contacts/with/{jan.key}/log/", posted | {"conversation": conversation[1]})
    assert answer.status_code == 302, answer.content.decode()


def test_what_the_desk_asks_waits_in_the_store_and_its_answer_shows_at_the_desk(
    make_user: Callable[..., User],
    browse: Callable[[User], Client],
    stores: tuple[Location, Location],
    jan: Customer,
) -> None:
    # given
    desk = browse(make_user("service_agent"))
    here, elsewhere = (browse(make_user("store_associate", store)) for store in stores)
    write(desk, jan, ask_store="S001", question="Ligt de groene lamp nog achter?")
    question = Question.objects.get()
    # when
    work, others_work = (client.get("/work/?kind=service.answer").content.decode() for client in (here, elsewhere))
    waiting = desk.get(jan.get_absolute_url()).content.decode()
    here.post(f"{question.get_absolute_url()}answer/", {"text": "Ja, ik leg hem weg."})
    # then it waited there, with a deadline, and nowhere else
    assert "Ligt de groene lamp nog achter?" in work
    assert re.search(r"before|late", work)
    assert "groene lamp" not in others_work
    assert "Waits for an answer" in waiting
    # and the answer is on the customer's page and at the desk, and no longer in the store's work
    page = desk.get(jan.get_absolute_url()).content.decode()
    assert "Ja, ik leg hem weg." in page
    assert "Waits for an answer" not in page
    assert "Ligt de groene lamp" in desk.get("/contacts/desk/").content.decode()
    assert "groene lamp" not in here.get("/work/").content.decode()


def test_what_a_store_asks_waits_at_the_desk(
    make_user: Callable[..., User],
    browse: Callable[[User], Client],
    stores: tuple[Location, Location],
    jan: Customer,
) -> None:
    # given
    desk, here = browse(make_user("service_agent")), browse(make_user("store_associate", stores[0]))
    write(here, jan, channel="store", ask_desk="on", question="Kan de retour zonder bon?")
    question = Question.objects.get()
    # when
    page = desk.get("/contacts/desk/").content.decode()
    own_answer = here.post(f"{question.get_absolute_url()}answer/", {"text": "Ja hoor."})
    desk.post(f"{question.get_absolute_url()}answer/", {"text": "Ja, met de kaart."})
    # then
    assert "Kan de retour zonder bon?" in page
    assert own_answer.status_code == 409
    assert "Ja, met de kaart." in here.get(question.get_absolute_url()).content.decode()
    assert question.asked_in == stores[0]


def test_a_store_sees_the_question_and_not_the_conversation_or_who_it_is(
    make_user: Callable[..., User],
    browse: Callable[[User], Client],
    stores: tuple[Location, Location],
    jan: Customer,
) -> None:
    # given
    desk = browse(make_user("service_agent"))
    here, elsewhere = (browse(make_user("store_associate", store)) for store in stores)
    write(desk, jan, text="Klant is boos.", ask_store="S001", question="Ligt de lamp er nog?")
    question = Question.objects.get()
    # when
    page = here.get(question.get_absolute_url()).content.decode()
    # then
    assert "Ligt de lamp er nog?" in page
    assert "boos" not in page
    assert str(jan.key) not in page
    assert here.get(question.contact.get_absolute_url()).status_code == 404
    assert elsewhere.get(question.get_absolute_url()).status_code == 404
    assert elsewhere.post(f"{question.get_absolute_url()}answer/", {"text": "x"}).status_code == 404


def test_a_question_is_answered_once(
    make_user: Callable[..., User],
    browse: Callable[[User], Client],
    stores: tuple[Location, Location],
    jan: Customer,
) -> None:
    # given
    agent = make_user("service_agent")
    write(browse(agent), jan, ask_store="S001", question="Ligt de lamp er nog?")
    question = Question.objects.get()
    answer_question(question=question, text="Ja", principal=agent)
    # then
    with pytest.raises(AlreadyAnswered):
        answer_question(question=question, text="Nee", principal=agent)
    assert Answer.objects.get().text == "Ja"
    assert timezone.now() - question.asked_at < dt.timedelta(minutes=5)
