"""What holds of a customer: the one function that guidance goes by."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from apps.customers.models import PrivacyRequest, Protection
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.portal.discretion import Tag
from apps.service.guidance import states
from apps.service.guidance.states import Terms, states_of, told_to
from apps.service.models import ContactMoment
from apps.service.services import questions
from apps.service.services.contacts import Contact, log_contact

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
TERMS = Terms(now=NOW)


def record(source: str = "webshop") -> int:
    [pk] = recognise([Person(source=source, account_id=f"{source}-1", first_name="Jan")], actor="system")
    return pk


@pytest.fixture
def bought(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the app of orders tells."""

    def tell(**days: Any) -> None:
        first_and_last = dict(days["records"])
        monkeypatch.setattr(states, "_purchases", [(lambda records: first_and_last, "orders.history")])

    return tell


def ago(days: int) -> dt.date:
    return NOW.date() - dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "standing"),
    [
        (None, "new"),
        ((0, 0), "new"),
        ((30, 0), "new"),
        ((31, 0), "existing"),
        ((900, 365), "existing"),
        ((900, 366), "lapsed"),
    ],
)
def test_new_existing_and_lapsed_go_by_the_first_and_last_purchase(
    bought: Any, days: tuple[int, int] | None, standing: str
) -> None:
    # given
    bought(records={7: (ago(days[0]), ago(days[1]))} if days else {})

    # then
    assert states_of({"jan": [7]}, terms=TERMS)["jan"] == (standing,)


def test_purchases_of_all_records_of_somebody_count_together(bought: Any) -> None:
    # given
    bought(records={7: (ago(800), ago(700)), 8: (ago(10), ago(10))})

    # then
    assert states_of({"jan": [7, 8], "els": [8], "kim": [7]}, terms=TERMS) == {
        "jan": ("existing",),
        "els": ("new",),
        "kim": ("lapsed",),
    }


def speak(record_id: int, n: int, **changes: Any) -> ContactMoment:
    given = {"channel": "phone", "topic": "complaint", "source": "desk", "external_id": str(n), "text": "Kapot"}
    moment, _new = log_contact(contact=Contact(source_record_id=record_id, **given | changes), actor="user:1")
    return moment


@pytest.mark.parametrize(
    ("contacts", "is_open"),
    [
        pytest.param([], False, id="nothing said"),
        pytest.param([(5, {})], True, id="told, and nobody got in touch"),
        pytest.param([(5, {"topic": "complaint_delivery"})], True, id="about a part of it"),
        pytest.param([(5, {"topic": "product"})], False, id="about something else"),
        pytest.param([(61, {})], False, id="too long ago"),
        pytest.param([(5, {"direction": "outbound"})], False, id="we began"),
        pytest.param([(5, {}), (3, {"direction": "outbound", "topic": "other"})], False, id="somebody got in touch"),
        pytest.param([(5, {}), (7, {"direction": "outbound"})], True, id="that was before it"),
        pytest.param([(9, {}), (5, {"direction": "outbound"}), (2, {})], True, id="and they told of it again"),
    ],
)
def test_a_complaint_is_open_until_somebody_gets_in_touch(contacts: list[tuple[int, Any]], is_open: bool) -> None:
    # given
    jan = record()
    for n, (days, changes) in enumerate(contacts):
        speak(jan, n, occurred_at=NOW - dt.timedelta(days=days), **changes)

    # then
    assert ("complaint" in states_of({1: [jan]}, terms=TERMS)[1]) is is_open


def test_an_answer_on_another_record_of_the_same_customer_closes_it_and_an_open_question_keeps_it_open() -> None:
    # given
    web, desk = record("webshop"), record("desk")
    moment = speak(web, 1, occurred_at=NOW - dt.timedelta(days=4))
    speak(desk, 2, occurred_at=NOW - dt.timedelta(days=2), direction="outbound")

    # then
    assert states_of({1: [web, desk]}, terms=TERMS)[1] == ("new",)
    questions.ask(contact=moment, text="Wie lost dit op?", of=None, actor="user:1")
    assert states_of({1: [web, desk]}, terms=TERMS)[1] == ("complaint", "new")


def test_what_is_hidden_from_whoever_looks_does_not_hold_for_them() -> None:
    # given
    holds = ("complaint", "existing")

    # then
    assert told_to(holds, lambda _datum: Tag.DISCREET) == holds
    assert told_to(holds, lambda datum: Tag.HIDDEN if datum == "service.contacts" else Tag.OPEN) == ("existing",)


def test_many_people_take_as_many_questions_as_one(django_assert_max_num_queries: Any) -> None:
    # given
    speak(record(), 1, occurred_at=timezone.now())
    with django_assert_max_num_queries(8):
        states_of({n: [n] for n in range(500)}, terms=Terms(now=timezone.now()))


def protect(record_id: int, **changes: Any) -> None:
    given = {"kind": "restricted", "reason": "Betwist het adres", "set_by": "user:1"}
    Protection.objects.create(source_record_id=record_id, **given | changes)


def ask_for(record_id: int, kind: str = "erasure", **changes: Any) -> None:
    number = f"P{PrivacyRequest.objects.count()}"
    given = {"number": number, "came": "mail", "received_on": ago(3), "due_on": ago(-27), "registered_by": "user:1"}
    PrivacyRequest.objects.create(source_record_id=record_id, kind=kind, **given | changes)


def test_what_somebody_asked_about_their_data_comes_first_and_of_who_is_restricted_nothing_bought_is_used(
    bought: Any,
) -> None:
    # given
    web, desk, other = record("webshop"), record("desk"), record("app")
    bought(records={web: (ago(900), ago(5)), desk: (ago(900), ago(5)), other: (ago(900), ago(5))})
    speak(desk, 1, occurred_at=NOW - dt.timedelta(days=4))
    ask_for(desk)

    # then
    people = {"jan": [web, desk], "els": [other]}
    assert states_of(people, terms=TERMS) == {
        "jan": ("erasure_asked", "complaint", "existing"),
        "els": ("existing",),
    }
    protect(web)
    assert states_of(people, terms=TERMS)["jan"] == ("restricted", "erasure_asked", "complaint")
    assert states_of(people, terms=TERMS)["els"] == ("existing",)


def test_a_restriction_that_ended_and_a_request_that_was_answered_hold_no_more() -> None:
    # given
    jan, els = record("webshop"), record("desk")
    protect(jan, ended_at=NOW, ended_by="user:1")
    protect(jan, ends_on=timezone.localdate() - dt.timedelta(days=1), kind="held", ended_at=NOW)
    protect(els, kind="held")
    ask_for(jan, status="done", closed_at=NOW)
    ask_for(els, kind="access")

    # then
    assert states_of({1: [jan], 2: [els]}, terms=TERMS) == {1: ("new",), 2: ("new",)}
    protect(jan, ends_on=timezone.localdate())
    assert states_of({1: [jan]}, terms=TERMS)[1] == ("restricted",)


def test_that_the_use_is_restricted_is_hidden_from_nobody() -> None:
    assert told_to(("restricted", "erasure_asked", "existing"), lambda _datum: Tag.HIDDEN)[0] == "restricted"
