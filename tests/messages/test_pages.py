import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.messages.kinds import KINDS
from apps.messages.models import Message
from apps.messages.services import Letter, queue_messages
from tests.staff import browser, person


def queue(n: int) -> Message:
    queue_messages(
        [
            Letter(
                template="refund_done",
                address=f"klant{n}@example.org",
                locale="en",
                context={"number": f"R{n}", "amount": "€ 1"},
                dedupe_key=str(n),
            )
        ]
    )
    return Message.objects.get(dedupe_key=str(n))


@pytest.fixture
def head_office(db: None) -> Client:
    return browser(person("Mirjam Vos", "head_office"))


def test_the_outbox_shows_what_was_written_but_not_to_whom(head_office: Client) -> None:
    # given
    message = queue(1)

    # when
    listed = head_office.get("/outbox/").content.decode()
    opened = head_office.get(message.get_absolute_url()).content.decode()

    # then
    assert message.subject in listed
    assert "klant1@example.org" not in listed
    assert "You returned" in opened


def test_a_message_that_failed_can_be_sent_again_and_another_cannot(head_office: Client) -> None:
    # given
    failed, queued = queue(1), queue(2)
    Message.objects.filter(pk=failed.pk).update(status="failed", attempts=10, error="550 no such box")

    # when
    shown = head_office.get(failed.get_absolute_url()).content.decode()
    again = head_office.post(f"{failed.get_absolute_url()}again/")
    refused = head_office.post(f"{queued.get_absolute_url()}again/")

    # then
    failed.refresh_from_db()
    assert "550 no such box" in shown
    assert (again.status_code, refused.status_code) == (302, 409)
    assert (failed.status, failed.attempts) == ("queued", 0)


def test_the_list_takes_as_many_statements_for_forty_as_for_two(head_office: Client) -> None:
    # given
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert head_office.get("/outbox/").status_code == 200
        return len(queries)

    for n in range(2):
        queue(n)
    few = statements()

    # when
    for n in range(2, 40):
        queue(n)

    # then
    assert statements() == few


def test_the_outbox_speaks_in_words(head_office: Client) -> None:
    # given
    message = queue(1)

    # when
    listed = head_office.get("/outbox/").content.decode()
    opened = head_office.get(message.get_absolute_url()).content.decode()

    # then
    for page in (listed, opened):
        assert "Money given back" in page
        assert "English" in page
        assert "refund_done<" not in page
    assert '<a class="back" href="/outbox/">' in opened


def test_every_kind_of_mail_has_a_name() -> None:
    folders = {folder.name for folder in (settings.BASE_DIR / "templates" / "messages").iterdir() if folder.is_dir()}
    assert folders == set(KINDS)


def test_many_that_failed_are_sent_again_and_the_others_left_alone(head_office: Client) -> None:
    failed, sent = [queue(1), queue(2)], queue(3)
    Message.objects.filter(pk__in=[m.pk for m in failed]).update(status="failed", attempts=10)
    Message.objects.filter(pk=sent.pk).update(status="sent")
    asked = head_office.post("/outbox/?part=many", {"act": "again", "all": "1"}).content.decode()
    assert "Send 2 messages again?" in asked
    assert "1 left out: This message has not failed." in asked
    head_office.post("/outbox/?part=many", {"act": "again", "all": "1", "sure": "2"})
    assert sorted(Message.objects.values_list("status", "attempts")) == [("queued", 0), ("queued", 0), ("sent", 0)]
