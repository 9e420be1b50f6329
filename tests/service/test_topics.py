"""What conversations are about: one tree, which head office keeps."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone, translation

from apps.accounts.models import User
from apps.core.errors import InvalidInput
from apps.service.models import Topic
from apps.service.services import Contact, log_contact
from apps.service.services.topics import put_topic
from apps.service.standard import add_standard_topics
from apps.service.tree import TopicTree


@pytest.fixture
def head_office(make_user: Callable[..., User]) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user("head_office"))
    return client


def said(topic: str, n: int, *, days_ago: int = 0) -> None:
    log_contact(
        contact=Contact(
            source="chat",
            external_id=f"{topic}-{n}",
            source_record_id=None,
            channel="chat",
            topic=topic,
            occurred_at=timezone.now() - dt.timedelta(days=days_ago),
        ),
        actor="client:1",
    )


def test_what_systems_sent_before_there_was_a_tree_is_in_it(db: None) -> None:
    for word in ("order_status", "return", "product", "payment", "loyalty", "complaint", "other"):
        found = TopicTree.read().called(word)
        assert found is not None
        assert found.code == word


def test_head_office_adds_a_topic_that_agents_choose_and_systems_send(head_office: Client) -> None:
    # when
    answer = head_office.post(
        "/contacts/topics/new/",
        {
            "code": "assembly",
            "name_nl": "Montage",
            "name_en": "Assembly",
            "parent": "product",
            "words": "mounting, Ikea style",
            "order": "5",
            "active_from": "2026-01-01",
        },
    )
    # then
    assert answer.status_code == 302, answer.content.decode()
    topic = Topic.objects.get(code="assembly")
    assert topic.parent is not None
    assert (topic.parent.code, topic.words) == ("product", ["ikea style", "mounting"])
    assert "Assembly" in head_office.get("/contacts/new/").content.decode()
    found = TopicTree.read().called("Mounting")
    assert found == topic
    with translation.override("nl"):
        assert topic.name == "Montage"


def test_a_topic_that_ended_is_kept_and_no_longer_chosen(head_office: Client) -> None:
    # given
    said("gift_card", 1)
    # when
    Topic.objects.filter(code="gift_card").update(active_until=timezone.localdate())
    # then
    assert 'value="gift_card"' not in head_office.get("/contacts/new/").content.decode()
    assert "Gift card" in head_office.get("/contacts/").content.decode()
    assert TopicTree.read().called("gift_card") is None


@pytest.mark.parametrize(
    ("code", "parent", "words"),
    [
        ("product", "product", []),
        ("product", "payment", []),  # it has parts of its own
        ("new", "invoice", []),  # which is a part itself
        ("new", "product", ["receipt"]),  # which means an invoice
    ],
)
def test_a_tree_of_two_steps_in_which_a_word_means_one_thing(
    db: None, code: str, parent: str, words: list[str]
) -> None:
    with pytest.raises(InvalidInput):
        put_topic(
            code=code,
            parent=Topic.objects.get(code=parent),
            names={"nl": "x", "en": "x"},
            words=words,
            active_from=dt.date(2026, 1, 1),
        )


def test_counts_add_up_to_the_topic_above_and_open_the_contacts(head_office: Client) -> None:
    # given
    for n in range(3):
        said("refund", n)
    said("return", 1)
    said("return", 2, days_ago=40)
    # when
    page = head_office.get("/contacts/topics/").content.decode()
    listed = head_office.get("/contacts/", {"topic": "return"}).content.decode()
    # then
    assert ">4</a>" in page
    assert ">3</a>" in page
    assert listed.count("Refund") >= 3


def test_what_head_office_made_of_a_standard_topic_stays(db: None) -> None:
    # given
    Topic.objects.filter(code="other").update(names={"nl": "Anders", "en": "Else"})
    Topic.objects.filter(code="collect").delete()
    # when
    add_standard_topics()
    # then
    assert Topic.objects.get(code="other").names["nl"] == "Anders"
    assert Topic.objects.filter(code="collect").exists()
