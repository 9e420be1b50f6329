from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.core.events.models import Event
from apps.customers.models import Customer, SourceRecord
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.service.models import ContactMoment, Topic

BODY: dict[str, Any] = {
    "external_id": "call-1",
    "channel": "phone",
    "direction": "inbound",
    "occurred_at": "2026-11-20T23:30:00Z",
    "customer": {"email": "j.jansen@example.org"},
    "topic": "order_status",
    "text": "Waar blijft mijn bestelling?",
    "handling_seconds": 222,
    "case": None,
}
URL = "/api/v1/contacts/"


@pytest.fixture
def jan(db: None) -> SourceRecord:
    [record_id] = recognise(
        [Person(source="webshop", account_id="web-77", email="j.jansen@example.org", email_is_verified=True)],
        actor="system",
    )
    return SourceRecord.objects.get(pk=record_id)


def test_a_conversation_is_written_down_with_the_customer_it_was_with(shop_api: APIClient, jan: SourceRecord) -> None:
    # when
    response = shop_api.post(URL, BODY)

    # then
    assert response.status_code == 201, response.content
    moment = ContactMoment.objects.get()
    assert response.json() == {
        "id": str(moment.key),
        "external_id": "call-1",
        "customer": str(jan.customer.key),
    }
    assert moment.source_record == jan
    assert (moment.channel, moment.topic_id, moment.handling_seconds) == ("phone", "order_status", 222)
    assert moment.business_date.isoformat() == "2026-11-21"
    event = Event.objects.get(topic="contact.logged")
    assert "bestelling" not in str(event.payload)


def test_somebody_unknown_becomes_known(shop_api: APIClient, jan: SourceRecord) -> None:
    # when
    shop_api.post(URL, BODY | {"customer": {"phone": "0687654321"}})

    # then
    record = ContactMoment.objects.get().source_record
    assert record is not None
    assert (record.source, record.external_id) == ("webshop", "phone:+31687654321")
    assert record.customer != jan.customer


def test_a_conversation_with_nobody_in_particular_is_written_down_too(shop_api: APIClient) -> None:
    # when
    response = shop_api.post(URL, BODY | {"customer": None})

    # then
    assert (response.status_code, response.json()["customer"]) == (201, None)


def test_the_same_conversation_twice_is_one_and_another_one_is_a_conflict(
    shop_api: APIClient, jan: SourceRecord
) -> None:
    # given
    first = shop_api.post(URL, BODY)

    # when
    again, other = shop_api.post(URL, BODY), shop_api.post(URL, BODY | {"text": "Iets anders"})

    # then
    assert (again.status_code, again.json()) == (200, first.json())
    assert other.status_code == 409
    assert other.json()["errors"][0]["code"] == "duplicate_external_id"
    assert ContactMoment.objects.count() == Event.objects.filter(topic="contact.logged").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"channel": "carrier pigeon"},
        {"direction": "sideways"},
        {"occurred_at": "gisteren"},
        {"occurred_at": "2126-01-01T00:00:00Z"},
        {"topic": "x" * 41},
        {"topic": ""},
        {"topic": ["order_status"]},
        {"text": "x" * 20_001},
        {"text": ["a"]},
        {"handling_seconds": -1},
        {"handling_seconds": 10**9},
        {"case": "Z1"},
        {"customer": {"shoe_size": "43"}},
        {"customer": {"postcode": "3511AB"}},
        {"customer": "jan"},
        {"external_id": ""},
    ],
)
def test_bad_input_is_refused_and_writes_nothing(shop_api: APIClient, change: dict[str, Any]) -> None:
    # when
    response = shop_api.post(URL, BODY | change)

    # then
    assert response.status_code == 400, response.content
    assert not ContactMoment.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "word", ["order_status", "Order_Status", "tracking", "Where is my order", "waar is mijn bestelling"]
)
def test_a_topic_goes_by_its_code_its_words_and_its_name_in_any_language(shop_api: APIClient, word: str) -> None:
    # when
    response = shop_api.post(URL, BODY | {"customer": None, "topic": word})

    # then
    assert response.status_code == 201, response.content
    assert ContactMoment.objects.get().topic_id == "order_status"


def test_what_came_with_a_word_that_nobody_knows_is_kept_with_the_word_for_head_office_to_sort(
    shop_api: APIClient, make_user: Any
) -> None:
    # given
    Topic.objects.filter(code="loyalty").update(active_until="2021-01-01")
    today = {"occurred_at": timezone.now().isoformat(), "customer": None}

    # when
    answers = [
        shop_api.post(URL, BODY | today | {"external_id": word, "topic": word}) for word in ("Horoscope!", "loyalty")
    ]

    # then
    assert [answer.status_code for answer in answers] == [201, 201]
    kept = ContactMoment.objects.order_by("pk")
    assert [(moment.topic_id, moment.topic_word) for moment in kept] == [("other", "Horoscope!"), ("other", "loyalty")]
    desk = Client(headers={"accept-language": "en"})
    desk.force_login(make_user("head_office"))
    assert "Horoscope!" in desk.get("/contacts/topics/").content.decode()
    assert "Horoscope!" in desk.get(kept[0].get_absolute_url()).content.decode()


def test_a_repeat_is_the_same_contact_after_head_office_sorted_its_word(shop_api: APIClient) -> None:
    # given
    sent = BODY | {"customer": None, "topic": "horoscope"}
    first = shop_api.post(URL, sent)
    Topic.objects.filter(code="product").update(words=["horoscope"])

    # when
    again = shop_api.post(URL, sent)
    next_one = shop_api.post(URL, sent | {"external_id": "call-2"})

    # then
    assert (again.status_code, again.json()) == (200, first.json())
    assert next_one.status_code == 201
    assert [moment.topic_id for moment in ContactMoment.objects.order_by("pk")] == ["other", "product"]
