"""Whoever restricted the use of their data is used for nothing, by whatever way they would come in."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.customers.figures.counting import figures_for, own_customers
from apps.customers.models import BlockKey, Customer, Doubt, MatchRequest, SourceRecord
from apps.customers.resolving.arriving import match_waiting
from apps.customers.resolving.deciding import waiting_for
from apps.customers.resolving.keeping_keys import keep_all
from apps.customers.resolving.learning import in_force
from apps.customers.resolving.persons import everybody, people_of
from apps.customers.rights.protecting import end_what_ran_out, protect, release
from apps.customers.segments.conditions import Condition, Definition, Group
from apps.customers.segments.models import Segment
from apps.customers.segments.services.belonging import belongs, members_of
from apps.customers.segments.services.counting import count_now, count_segment
from apps.customers.segments.services.exporting import Selection, fields_for
from apps.customers.segments.services.saving import make_segment
from apps.customers.services.consenting import record_consent
from apps.customers.services.joining import ask
from apps.customers.services.people import Person
from apps.customers.services.reading import source_records_of
from apps.customers.services.recognising import recognise
from apps.messages.models import Message
from apps.messages.services.queueing import queue_message
from apps.messages.services.sending import send_due
from apps.network.models import Location

pytestmark = pytest.mark.django_db

BOUGHT_LITTLE = Definition((Group((Condition("orders.number", "at_most", "5"),)),))


def known(source: str, number: str, **more: Any) -> int:
    [record_id] = recognise(
        [
            Person(
                source=source,
                external_id=f"{source}-{number}",
                **{
                    "first_name": "Marijke",
                    "last_name": "Oosterveen",
                    "loyalty_card": f"70000{number}",
                    "email": "marijke.oosterveen@example.org",
                    "email_is_verified": True,
                    "street": "Lange Nieuwstraat",
                    "house_number": "18",
                    "postcode": "3512PH",
                    "city": "Utrecht",
                    "country": "NL",
                }
                | more,
            )
        ],
        actor="system",
    )
    assert record_id is not None
    return record_id


def customer_of(record_id: int) -> Customer:
    return Customer.objects.get(source_records=record_id)


def restrict(customer: Customer) -> None:
    protect(customer=customer, kind="restricted", reason="Betwist het adres", principal=None)


@pytest.fixture
def marijke() -> Customer:
    record_id = known("webshop", "1")
    for purpose in ("newsletter", "personal_offers"):
        record_consent(source_record_id=record_id, purpose=purpose, given=True, text_version="1", proof="webshop")
    return customer_of(record_id)


@pytest.fixture
def segment(make_user: Callable[..., User]) -> Segment:
    return make_segment(name="Little", definition=BOUGHT_LITTLE, principal=make_user("head_office"))


def test_no_segment_counts_names_or_writes_them_to_a_file(
    marijke: Customer, segment: Segment, make_user: Callable[..., User]
) -> None:
    # given
    office, record_id = make_user("head_office"), source_records_of(marijke)[0]

    def seen() -> tuple[int | None, int | None, bool, bool, list[list[object]]]:
        file = Selection(segment, "newsletter", "email").rows(fields_for(office, ["email"]))
        return (
            count_segment(segment=segment).people,
            count_now(definition=BOUGHT_LITTLE, principal=office),
            Customer.objects.filter(pk__in=members_of(segment).ids).exists(),
            belongs(segment=segment, source_record_id=record_id),
            list(file),
        )

    # then
    assert seen() == (1, 1, True, True, [["marijke.oosterveen@example.org"]])
    restrict(marijke)
    assert seen() == (0, 0, False, False, [])
    # nor with a record that came in since
    assert customer_of(known("till", "1")) == marijke
    assert seen() == (0, 0, False, False, [])
    release(customer=marijke, kind="restricted", principal=None)
    assert seen()[:2] == (1, 1)


@pytest.mark.parametrize("template", ["newsletter", "personal_offer"])
def test_neither_newsletter_nor_offer_is_queued_and_what_was_queued_is_not_sent(
    marijke: Customer, template: str, mailoutbox: list[object]
) -> None:
    def queue(cause: str) -> None:
        queue_message(
            template=template,
            address="marijke.oosterveen@example.org",
            locale="nl",
            context={"subject": "Vazen", "text": "Nieuw"},
            source_record_id=source_records_of(marijke)[0],
            dedupe_key=cause,
        )

    # given
    queue("before")
    restrict(marijke)

    # when
    queue("after")
    send_due()

    # then
    assert [(message.dedupe_key, message.status) for message in Message.objects.all()] == [
        ("before", Message.Status.WITHHELD)
    ]
    assert mailoutbox == []


def test_none_of_their_records_is_matched_also_not_those_that_came_in_since(marijke: Customer) -> None:
    # given
    restrict(marijke)
    since = known("till", "1")  # the same card, at a till
    alike = known("desk", "2", loyalty_card="", email="m.oosterveen@example.org", email_is_verified=False)
    assert customer_of(since) == marijke
    assert customer_of(alike) != marijke

    # when
    match_waiting()

    # then
    assert people_of(source_records_of(marijke)) == []
    assert everybody(lambda _read: None).record_ids == [alike]
    assert customer_of(alike) != marijke
    assert not Doubt.objects.exists()


def test_no_clerk_is_asked_about_them(
    marijke: Customer, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    alike = known("desk", "2", loyalty_card="", email="", postcode="")
    with transaction.atomic():
        ask(source_records_of(marijke)[0], alike, basis="scored", cause="likely", probability=0.6, weight=0.6)
    doubt, clerk = Doubt.objects.get(), make_user("service_agent")
    client = browse(clerk)
    assert waiting_for(clerk).count() == 1
    assert client.get(f"/customers/doubts/{doubt.key}/").status_code == 200

    # when
    restrict(marijke)

    # then
    assert waiting_for(clerk).count() == 0
    assert client.get(f"/customers/doubts/{doubt.key}/").status_code == 404


def test_they_are_in_no_figure_of_a_store(
    make_user: Callable[..., User], make_location: Callable[..., Location]
) -> None:
    # given
    store = make_location("S001")
    people = [
        Person(source="till", external_id=f"t{n}", postcode="3511AB", house_number=str(n), home_location_id=store.pk)
        for n in range(10)
    ]
    [first, *_others] = recognise(people, actor="system")
    manager = make_user("store_manager", store)
    assert [figures.customers.number for figures in figures_for(manager)] == [10]

    # when
    assert first is not None
    restrict(customer_of(first))

    # then
    [figures] = figures_for(manager)
    assert (figures.customers.number, figures.new.number, figures.areas) == (0, 0, [])
    assert own_customers([store.pk]).distinct().count() == 9


def matched() -> None:
    while match_waiting():
        pass


@pytest.mark.parametrize("how", ["released", "ran out"])
def test_who_may_be_used_again_is_met_by_who_came_meanwhile_and_who_comes_after(how: str) -> None:
    # given: restricted while all records got their keys of a model, and somebody alike comes in
    mine = known("webshop", "1")
    customer = Customer.objects.get(source_records=mine)
    matched()
    ends_on = timezone.localdate() if how == "ran out" else None
    protect(customer=customer, kind="restricted", reason="They dispute it", ends_on=ends_on, principal=None)
    keep_all(in_force())
    meanwhile = known("tills", "2", loyalty_card="", email="")
    matched()
    assert not BlockKey.objects.filter(record_id=mine).exists()
    assert not Doubt.objects.exists()

    # when
    tomorrow = timezone.now() + dt.timedelta(days=1)
    with time_machine.travel(tomorrow, tick=False):
        assert (end_what_ran_out(), end_what_ran_out()) == ((1, 0) if how == "ran out" else (0, 0))
        if how == "released":
            release(customer=customer, kind="restricted", principal=None)
        matched()

        # then
        assert BlockKey.objects.filter(record_id=mine).exists()
        assert is_met(mine, meanwhile)
        later = known("app", "3", loyalty_card="", email="")
        matched()
        assert is_met(mine, later)


def is_met(one: int, other: int) -> bool:
    """Whether two records were joined, or a clerk is asked about them."""
    together = SourceRecord.objects.filter(pk__in=[one, other]).values("customer").distinct().count() == 1
    return together or Doubt.objects.filter(left__in=[one, other], right__in=[one, other]).exists()


def test_a_hold_that_ran_out_asks_for_no_matching() -> None:
    customer = Customer.objects.get(source_records=known("webshop", "1"))
    matched()
    protect(customer=customer, kind="held", reason="A claim", ends_on=timezone.localdate(), principal=None)
    with time_machine.travel(timezone.now() + dt.timedelta(days=1), tick=False):
        assert end_what_ran_out() == 1
    assert not MatchRequest.objects.exists()
