import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.errors import Conflict
from apps.core.events.subscribers import catch_up
from apps.customers.models import ConfirmationAsked, Consent, Customer, Identifier, MatchEvent, SourceRecord
from apps.customers.services.confirming import ask_confirmation, stop_link
from apps.customers.services.consenting import (
    current_consents,
    customers_allowing,
    may_use,
    may_write_to,
    record_consent,
    record_soft_opt_in,
    standings,
)
from apps.customers.services.recognising import Person, recognise
from apps.customers.services.wording import publish_text
from apps.messages.models import Message
from apps.messages.services import Letter, queue_messages, sending
from tests.messages.conftest import MailServer, mail_server

__all__ = ["mail_server"]

pytestmark = pytest.mark.django_db


def person(name: str) -> SourceRecord:
    [record_id] = recognise(
        [Person(source="webshop", email=f"{name}@example.org", first_name=name, email_is_verified=True)], actor="test"
    )
    return SourceRecord.objects.get(pk=record_id)


def say(record: SourceRecord, given: bool, *, days_ago: float = 0, **more: Any) -> Consent:
    terms = {"purpose": "newsletter", "text_version": "2026-11", "proof": "webshop"} | more
    at = timezone.now() - dt.timedelta(days=days_ago)
    return record_consent(source_record_id=record.pk, given=given, occurred_at=at, **terms)


def move(record: SourceRecord, to: Customer, *, days_ago: float, kind: str) -> None:
    """As joining and parting write it: the record's customer, and a match event."""
    MatchEvent.objects.create(
        source_record=record,
        customer_key=to.key,
        kind=kind,
        rule_version="1",
        actor="test",
        recorded_at=timezone.now() - dt.timedelta(days=days_ago),
    )
    SourceRecord.objects.filter(pk=record.pk).update(customer=to)


@pytest.fixture
def two() -> tuple[SourceRecord, SourceRecord]:
    return person("anne"), person("bram")


@pytest.mark.parametrize(
    ("first", "second", "holds", "contested"),
    [(True, False, False, True), (False, True, False, True), (True, True, True, False), (False, False, False, False)],
)
def test_joining_two_people_takes_the_most_restrictive_of_what_they_said(
    two: tuple[SourceRecord, SourceRecord], first: bool, second: bool, holds: bool, contested: bool
) -> None:
    # given
    anne, bram = two
    say(anne, first, days_ago=9)
    say(bram, second, days_ago=5)

    # when
    move(bram, anne.customer, days_ago=1, kind="joined")

    # then
    standing = standings([anne.pk, bram.pk])["newsletter"]
    assert (standing.is_live, standing.is_contested) == (holds, contested)


def test_what_is_said_after_joining_settles_it(two: tuple[SourceRecord, SourceRecord]) -> None:
    # given
    anne, bram = two
    say(anne, True, days_ago=9)
    say(bram, False, days_ago=5)
    move(bram, anne.customer, days_ago=3, kind="joined")

    # when
    say(anne, True, days_ago=1)

    # then
    standing = standings([anne.pk, bram.pk])["newsletter"]
    assert (standing.is_live, standing.is_contested) == (True, False)


def test_taken_apart_each_has_what_they_said_themselves(two: tuple[SourceRecord, SourceRecord]) -> None:
    # given
    anne, bram = two
    bram_alone = bram.customer
    say(anne, True, days_ago=9)
    say(bram, False, days_ago=5)
    move(bram, anne.customer, days_ago=3, kind="joined")

    # when
    move(bram, bram_alone, days_ago=1, kind="parted")

    # then
    assert may_use([anne.pk], "newsletter")
    assert not may_use([bram.pk], "newsletter")


def test_joined_again_only_what_was_said_since_then_settles_it(two: tuple[SourceRecord, SourceRecord]) -> None:
    # given
    anne, bram = two
    bram_alone = bram.customer
    say(bram, False, days_ago=9)
    move(bram, anne.customer, days_ago=8, kind="joined")
    say(anne, True, days_ago=7)
    move(bram, bram_alone, days_ago=6, kind="parted")

    # when
    move(bram, anne.customer, days_ago=5, kind="joined")

    # then
    assert not may_use([anne.pk, bram.pk], "newsletter")


def test_who_is_recognised_in_another_system_is_one_person_all_along(two: tuple[SourceRecord, SourceRecord]) -> None:
    # given
    anne, _bram = two
    say(anne, False, days_ago=9)
    [record_id] = recognise(
        [Person(source="app", email="anne@example.org", email_is_verified=True, account_id="a1")], actor="test"
    )

    # when
    say(SourceRecord.objects.get(pk=record_id), True, days_ago=0.001)

    # then
    assert may_use([anne.pk, record_id], "newsletter")


def test_a_side_that_said_nothing_restricts_nothing_but_gets_no_mail(two: tuple[SourceRecord, SourceRecord]) -> None:
    # given
    anne, bram = two
    say(anne, True, days_ago=9)

    # when
    move(bram, anne.customer, days_ago=1, kind="joined")

    # then
    assert may_use([anne.pk, bram.pk], "newsletter")
    assert may_write_to(bram.pk, purpose="newsletter", address="Anne@example.org")
    assert not may_write_to(bram.pk, purpose="newsletter", address="bram@example.org")
    assert not may_write_to(bram.pk, purpose="personal_offers", address="anne@example.org")


def test_consent_runs_out(two: tuple[SourceRecord, SourceRecord]) -> None:
    # given
    anne, bram = two
    say(anne, True, expires_at=timezone.now() - dt.timedelta(seconds=1))
    say(bram, True, expires_at=timezone.now() + dt.timedelta(days=1))

    # then
    assert customers_allowing([anne.customer_id, bram.customer_id], "newsletter") == {bram.customer_id}


def test_a_purchase_allows_offers_until_the_customer_says_otherwise(two: tuple[SourceRecord, SourceRecord]) -> None:
    # given
    anne, bram = two
    say(bram, False, purpose="personal_offers")

    # when
    for record in two:
        record_soft_opt_in(
            source_record_id=record.pk,
            purpose="personal_offers",
            order_number="T48101273642",
            text_version="2026-11",
            proof="webshop",
            at=timezone.now(),
        )

    # then
    word = current_consents([anne.pk])["personal_offers"]
    assert (word.holds, word.basis, word.order_number) == (True, "soft_opt_in", "T48101273642")
    assert not may_use([bram.pk], "personal_offers")


def test_the_words_somebody_saw_are_kept_with_what_they_said(two: tuple[SourceRecord, SourceRecord]) -> None:
    # given
    words = publish_text(purpose="newsletter", version="v9", locale="nl", text="Ik wil de brief.")

    # when
    word = say(two[0], True, text_version="v9", locale="nl-NL")

    # then
    assert word.text == words
    with pytest.raises(Conflict):
        publish_text(purpose="newsletter", version="v9", locale="nl", text="Iets anders.")


def offer(record: SourceRecord, address: str) -> Letter:
    return Letter(
        template="newsletter",
        address=address,
        locale="en",
        context={"subject": "Spring", "text": "New cups.", "name": ""},
        source_record_id=record.pk,
        dedupe_key=f"spring:{record.pk}",
    )


def test_marketing_is_queued_only_for_whom_allows_it_and_not_sent_to_whom_withdrew_since(
    two: tuple[SourceRecord, SourceRecord], mail_server: MailServer, client: Client
) -> None:
    # given
    anne, bram = two
    cora = person("cora")
    say(anne, True)
    say(bram, True)
    queue_messages([offer(anne, "anne@example.org"), offer(bram, "bram@example.org"), offer(cora, "cora@example.org")])
    assert Message.objects.count() == 2
    say(bram, False)

    # when
    sending.send_due()

    # then
    [mail] = mail_server.mails
    assert mail["To"] == "anne@example.org"
    assert Message.objects.get(address="bram@example.org").status == "withheld"
    link = re.search(r"<(http[^>]+)>", mail["List-Unsubscribe"])
    assert link is not None
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link[1] in mail.get_content()
    assert "anne" not in link[1]

    # when
    path = "/" + link[1].split("/", 3)[3]
    assert client.get(path).status_code == 200
    assert may_use([anne.pk], "newsletter")  # a mail program that opens links stops nothing
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})

    # then
    assert answer.status_code == 302
    assert not may_use([anne.pk], "newsletter")
    assert Consent.objects.latest("pk").said == "mail"


def test_everything_can_be_stopped_at_once(two: tuple[SourceRecord, SourceRecord], client: Client) -> None:
    # given
    anne, _bram = two
    for purpose in Consent.Purpose.values:
        say(anne, True, purpose=purpose)
    path = "/" + stop_link(anne, "newsletter").split("/", 3)[3]

    # when
    page = client.post(path, {"everything": "1"}, follow=True).content.decode()

    # then
    assert not any(may_use([anne.pk], purpose) for purpose in Consent.Purpose.values)
    assert "You still allow us" not in page


@pytest.mark.django_db(transaction=True)
def test_what_somebody_ticked_is_consent_once_they_confirm_by_the_mail(client: Client, mail_server: MailServer) -> None:
    # given
    [record_id] = recognise([Person(source="tills", email="anne@example.org")], actor="test")
    assert record_id is not None
    ask_confirmation(
        source_record_id=record_id,
        address=" Anne@Example.org",
        purposes=["newsletter", "newsletter"],
        text_version="2026-11",
        proof="QR in S001",
        locale="nl",
    )
    catch_up()
    sending.send_due()
    [mail] = mail_server.mails
    link = re.search(r"http\S+", mail.get_content())
    assert link is not None
    path = "/" + link[0].split("/", 3)[3]

    # when
    page = client.get(path).content.decode()
    before = may_use([record_id], "newsletter")
    client.post(path)
    client.post(path)

    # then
    assert ("Nieuwsbrief" in page, before, may_use([record_id], "newsletter")) == (True, False, True)
    assert Consent.objects.count() == 1
    assert Identifier.objects.filter(source_record=record_id, kind="email", verified=True).exists()


@pytest.mark.parametrize("name", ["confirm", "stop"])
def test_a_made_up_link_opens_nothing(client: Client, name: str) -> None:
    assert client.get(f"/consent/{name}/made:up:link/").status_code == 410
    assert client.post(f"/consent/{name}/made:up:link/").status_code == 410
    assert not ConfirmationAsked.objects.exists()


def test_the_page_of_consent_shows_every_word_and_what_must_be_asked_again(
    make_user: Callable[..., Any], two: tuple[SourceRecord, SourceRecord], client: Client
) -> None:
    # given
    anne, bram = two
    publish_text(purpose="newsletter", version="v9", locale="en", text="I want the letter.")
    say(anne, True, days_ago=9, text_version="v9", locale="en")
    say(bram, False, days_ago=5)
    move(bram, anne.customer, days_ago=1, kind="joined")
    client.force_login(make_user("service_agent"))
    client.post("/customers/", {"identifier": "anne@example.org"})

    # when
    url = f"{anne.customer.get_absolute_url()}consents/history/"
    page = client.get(url, headers={"Accept-Language": "en"}).content.decode()

    # then
    assert "Ask again" in page
    assert "I want the letter." in page
