import datetime as dt
import threading
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.core.languages import known_locale
from apps.messages.models import Message
from apps.messages.services import Letter, queue_message, queue_messages, sending
from tests.messages.conftest import MailServer

STORE = {
    "name": "Winkel Haarlem",
    "street": "Grote Markt",
    "house_number": "1",
    "postcode": "2011AB",
    "city": "Haarlem",
}
READY: dict[str, Any] = {
    "number": "T48101273642",
    "name": "Jan Jansen",
    "collect_code": "K7M2PQ4R",
    "store": STORE,
    "lines": [{"quantity": "2", "name": "Kop & schotel <blauw>"}],
    "opening": "Vandaag open tot 18:00.",
}


def letter(n: int = 1, **changes: Any) -> Letter:
    return Letter(
        **{
            "template": "collect_ready",
            "address": f"klant{n}@example.org",
            "locale": "en",
            "context": READY,
            "dedupe_key": f"collect_ready:{n}",
        }
        | changes
    )


def state(n: int = 1) -> tuple[str, int]:
    return Message.objects.values_list("status", "attempts").get(dedupe_key=f"collect_ready:{n}")


@pytest.mark.django_db
def test_a_letter_is_written_when_it_is_queued_and_sent_as_it_was_written(mail_server: MailServer) -> None:
    # given
    queue_message(
        template="collect_ready",
        address="jan@example.org",
        locale="en",
        context=READY,
        source_record_id=None,
        dedupe_key="collect_ready:1",
    )

    # when
    sent = sending.send_due()

    # then
    assert sent == 1
    [mail] = mail_server.mails
    assert (mail["To"], mail["Subject"]) == ("jan@example.org", "Your order T48101273642 is ready in Winkel Haarlem")
    body = mail.get_content()
    assert "K7M2PQ4R" in body
    assert "2 × Kop & schotel <blauw>" in body
    assert "Grote Markt 1" in body
    assert "Vandaag open tot 18:00." in body
    message = Message.objects.get()
    assert (message.status, message.attempts, message.error) == ("sent", 1, "")
    assert message.sent_at is not None
    assert str(message.key) in mail["Message-ID"]


@pytest.mark.django_db
@pytest.mark.parametrize("template", ["collect_ready", "order_confirmed", "refund_done"])
def test_every_template_says_what_it_is_about(template: str) -> None:
    # when
    queue_messages([letter(template=template, context=READY | {"total": "€ 39,90", "amount": "€ 19,95"})])

    # then
    message = Message.objects.get()
    assert "T48101273642" in message.subject
    assert "Dear Jan Jansen," in message.body
    assert "2 × Kop & schotel <blauw>" in message.body
    assert "{" not in message.subject + message.body


@pytest.mark.django_db
def test_a_cause_is_written_to_once() -> None:
    # when
    queue_messages([letter(), letter(address="ander@example.org")])
    queue_messages([letter(), letter(2)])

    # then
    assert list(Message.objects.order_by("pk").values_list("address", flat=True)) == [
        "klant1@example.org",
        "klant2@example.org",
    ]


@pytest.mark.django_db
def test_what_is_no_address_gets_no_mail() -> None:
    # when
    queue_messages([letter(address=""), letter(2, address="geen adres"), letter(3, address="a@b.nl\nBcc: x@y.nl")])

    # then
    assert not Message.objects.exists()


@pytest.mark.parametrize(("locale", "language"), [("nl", "nl"), ("en_GB", "en"), ("fr", "nl"), ("", "nl")])
def test_mail_is_written_in_a_language_we_write(locale: str, language: str) -> None:
    assert known_locale(locale) == language


@pytest.mark.django_db
def test_a_busy_server_is_tried_again_later_with_a_growing_pause(mail_server: MailServer) -> None:
    # given
    queue_messages([letter()])
    mail_server.replies = ["451 later", "451 later"]

    with time_machine.travel(timezone.now() + dt.timedelta(seconds=1), tick=False) as clock:
        # when
        sending.send_due()
        sending.send_due()
        first = state()
        clock.shift(sending.FIRST_PAUSE)
        sending.send_due()
        clock.shift(sending.FIRST_PAUSE)
        sending.send_due()
        second = state()
        clock.shift(sending.FIRST_PAUSE * 4)
        sending.send_due()

    # then
    assert (first, second, state()) == (("queued", 1), ("queued", 2), ("sent", 3))
    assert len(mail_server.mails) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["replies", "recipient_replies"])
def test_a_refusal_for_good_is_not_repeated(mail_server: MailServer, where: str) -> None:
    # given
    queue_messages([letter(), letter(2)])
    setattr(mail_server, where, ["550 no such box"])

    # when
    sending.send_due()

    # then
    assert {state(1)[0], state(2)[0]} == {"failed", "sent"}
    assert "550" in Message.objects.get(status="failed").error
    assert len(mail_server.mails) == 1


@pytest.mark.django_db
def test_a_message_is_given_up_after_enough_attempts(mail_server: MailServer) -> None:
    # given
    queue_messages([letter()])
    mail_server.replies = ["451 later"] * sending.MAX_ATTEMPTS

    # when
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=1), tick=False) as clock:
        for _ in range(sending.MAX_ATTEMPTS + 1):
            sending.send_due()
            clock.shift(sending.LONGEST_PAUSE)

    # then
    assert state() == ("failed", sending.MAX_ATTEMPTS)


@pytest.mark.django_db
def test_an_outage_costs_no_attempts(settings: Settings, mail_server: MailServer) -> None:
    # given
    queue_messages([letter()])
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1

    # when
    assert sending.send_due() == 0
    during = state()
    settings.EMAIL_PORT = port
    sending.send_due()

    # then
    assert (during, state()) == (("queued", 0), ("sent", 1))


@pytest.mark.django_db
def test_the_message_of_a_dead_sender_goes_out_when_its_lease_is_over(mail_server: MailServer) -> None:
    # given a sender that took a message and died
    queue_messages([letter()])
    with transaction.atomic():
        sending._lease()

    # when
    sending.send_due()
    during = state()
    with time_machine.travel(timezone.now() + sending.LEASE + dt.timedelta(seconds=1)):
        sending.send_due()

    # then
    assert (during, state()) == (("sending", 1), ("sent", 2))
    assert len(mail_server.mails) == 1


@pytest.mark.django_db
def test_a_sender_whose_lease_ran_out_writes_nothing_down(mail_server: MailServer) -> None:
    # given one sender that is slow, and another that took over
    queue_messages([letter()])
    slow = sending._lease()
    assert slow is not None
    with time_machine.travel(timezone.now() + sending.LEASE + dt.timedelta(seconds=1)):
        sending.send_due()

    # when
    sending._failed(slow, ConnectionResetError("too late"))

    # then
    assert state() == ("sent", 2)


@pytest.mark.django_db(transaction=True)
def test_senders_side_by_side_send_everything_once(mail_server: MailServer) -> None:
    # given
    queue_messages([letter(n) for n in range(20)])

    def send() -> None:
        try:
            sending.send_due()
        finally:
            connection.close()

    # when
    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    # then
    assert sorted(mail["To"] for mail in mail_server.mails) == sorted(f"klant{n}@example.org" for n in range(20))
    assert set(Message.objects.values_list("status", flat=True)) == {"sent"}
