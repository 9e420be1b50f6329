"""How long data is kept: what is over its term goes at night, and nothing else."""

import datetime as dt
from typing import Any

import pytest

from apps.core.inbox.models import DocumentStatus
from apps.core.models import InboxDocument, Quarantined
from apps.customers.models import Customer, Erasure, PrivacyRequest, Protection
from apps.customers.rights.handling import receive
from apps.customers.rights.protecting import protect
from apps.customers.rights.retention.deciding import try_out
from apps.customers.rights.retention.letting_go import carry_out
from apps.customers.rights.retention.rules import rules
from apps.messages.models import Message
from apps.service.models import Answer, ContactMoment, Question
from tests.customers.terms import NOON, YEAR, met, said, text_of, the

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.mark.parametrize("code", [rule.code for rule in rules()])
def test_each_rule_can_be_tried_out_and_carried_out(code: str) -> None:
    rule = the(code)
    tried = try_out(rule=rule, months=rule.months, principal=None)
    assert (tried.rows, tried.sample) == (0, [])
    assert carry_out(rule, rule.months).rows == 0


def test_words_that_are_over_their_term_go_and_the_row_stays() -> None:
    # given
    fenna = met("1")
    old, day_too_young = said(fenna, at=NOON - dt.timedelta(days=731)), said(fenna, at=NOON - dt.timedelta(days=729))
    of_nobody = said(None, at=NOON - 3 * YEAR)

    # when
    tried = try_out(rule=the("conversations"), months=24, principal=None)
    run = carry_out(the("conversations"), 24)

    # then
    assert (tried.rows, run.rows, run.left) == (2, 2, 0)
    assert [text_of(one) for one in (old, day_too_young, of_nobody)] == ["", "Over de vaas", ""]
    kept = ContactMoment.objects.get(pk=old.pk)
    assert (kept.topic_id, kept.source_record_id) == ("product", fenna.pk)
    assert carry_out(the("conversations"), 24).rows == 0


def test_a_question_waits_for_its_answer(now: Any) -> None:
    # given
    moment = said(met("1"))
    open_one, answered = (
        Question.objects.create(contact=moment, source_record=moment.source_record, text=text, actor="user:1")
        for text in ("Is hij er nog?", "Komt hij terug?")
    )
    answer = Answer.objects.create(question=answered, text="Ja", actor="user:2")
    now.move_to(NOON + 3 * YEAR)

    # when
    carry_out(the("conversations"), 24)

    # then
    for row in (open_one, answered, answer):
        row.refresh_from_db()
    assert (open_one.text, answered.text, answer.text) == ("Is hij er nog?", "", "")


@pytest.mark.parametrize("why", ["held", "request"])
def test_nothing_goes_of_somebody_who_is_held_or_waits_for_an_answer(why: str, now: Any) -> None:
    # given: the hold is on one record, the words on another of the same customer
    one, other = (
        met("1", email="f@example.org", email_is_verified=True),
        met("2", email="f@example.org", email_is_verified=True),
    )
    assert one.customer_id == other.customer_id
    somebody_else = met("3")
    theirs, others = said(other), said(somebody_else)
    now.move_to(NOON + 6 * YEAR)
    if why == "held":
        protect(customer=one.customer, kind=Protection.Kind.HELD, reason="A claim", principal=None)
    else:
        receive(customer=one.customer, kind="access", came="mail", received_on=NOON.date(), principal=None)

    # when
    words, people = carry_out(the("conversations"), 24), carry_out(the("customers"), 48)

    # then
    assert (words.rows, words.held) == (1, 1)
    assert (people.rows, people.held) == (1, 1)
    assert (text_of(theirs), text_of(others)) == ("Over de vaas", "")
    assert list(Erasure.objects.values_list("customer_key", flat=True)) == [somebody_else.customer.key]


def test_a_hold_that_ended_keeps_nothing(now: Any) -> None:
    fenna = met("1")
    moment = said(fenna)
    protect(
        customer=fenna.customer, kind=Protection.Kind.HELD, reason="A claim", ends_on=NOON.date() + YEAR, principal=None
    )
    now.move_to(NOON + 3 * YEAR)
    assert carry_out(the("conversations"), 24).rows == 1
    assert text_of(moment) == ""


def test_trying_out_changes_nothing_and_names_nobody(now: Any) -> None:
    # given
    fenna = met("1")
    moment = said(fenna)
    now.move_to(NOON + 5 * YEAR)

    # when
    runs = [try_out(rule=the(code), months=48, principal=None) for code in ("conversations", "customers")]
    samples = [one for run in runs for one in run.sample]

    # then
    assert [(run.rows, run.is_trial) for run in runs] == [(1, True), (1, True)]
    assert text_of(moment) == "Over de vaas"
    assert not Erasure.objects.exists()
    assert (len(samples), samples[0][0]) == (2, NOON.isoformat())
    assert "terpstra" not in repr(samples).lower()


def test_mail_that_still_has_to_go_keeps_its_words(now: Any) -> None:
    fenna = met("1")
    for number, status in enumerate((Message.Status.SENT, Message.Status.QUEUED)):
        Message.objects.create(
            template="receipt",
            dedupe_key=str(number),
            source_record=fenna,
            address="f@example.org",
            subject="Bon",
            status=status,
        )
    now.move_to(NOON + 3 * YEAR)
    assert carry_out(the("mails"), 24).rows == 1
    assert list(Message.objects.order_by("pk").values_list("address", "subject")) == [
        ("", ""),
        ("f@example.org", "Bon"),
    ]


def test_documents_go_once_nothing_of_them_is_to_be_mended(now: Any) -> None:
    # given: booked; with a row still to be mended; naming somebody who is held
    held = met("7", email="held@example.org", email_is_verified=True)
    made = [
        InboxDocument.objects.create(source="till", external_id=str(n), fingerprint="f", body=body, status=status)
        for n, (body, status) in enumerate(
            [
                ({"card": "2912"}, DocumentStatus.BOOKED),
                ({"card": "2913"}, DocumentStatus.PARTLY),
                ({"email": "held@example.org"}, DocumentStatus.BOOKED),
                ({"card": "2914"}, DocumentStatus.RECEIVED),
            ]
        )
    ]
    open_row, mended = (
        Quarantined.objects.create(
            document=document,
            source="till",
            external_id="1",
            code="x",
            reason="r",
            mend="m",
            raw={"a": 1},
            mended_at=at,
        )
        for document, at in ((made[1], None), (made[0], NOON))
    )
    now.move_to(NOON + 3 * YEAR)
    protect(customer=held.customer, kind=Protection.Kind.HELD, reason="A claim", principal=None)

    # when
    run = carry_out(the("documents"), 24)

    # then
    assert [InboxDocument.objects.get(pk=one.pk).body for one in made] == [
        {},
        {"card": "2913"},
        {"email": "held@example.org"},
        {"card": "2914"},
    ]
    assert [Quarantined.objects.get(pk=one.pk).raw for one in (open_row, mended)] == [{"a": 1}, {}]
    assert (run.rows, run.held) == (2, 1)


def test_requests_lose_their_words_years_after_they_were_closed(now: Any) -> None:
    # given
    fenna = met("1")
    request = receive(
        customer=fenna.customer,
        kind="access",
        came="mail",
        received_on=NOON.date(),
        asked="Alles, graag",
        principal=None,
    )
    PrivacyRequest.objects.filter(pk=request.pk).update(status="done", closed_at=NOON)
    now.move_to(NOON + 6 * YEAR)

    # when
    carry_out(the("privacy_requests"), 60)

    # then
    request.refresh_from_db()
    assert (request.asked, request.received_on) == ("", NOON.date())
    assert Customer.objects.get(source_records=fenna).name != ""
