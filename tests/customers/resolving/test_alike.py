"""Matching by likeness: a whole night's run and one new record decide alike, and what people said holds."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.db import transaction

from apps.core.privacy.triggers import redacting
from apps.customers.models import BarredValue, BlockKey, Doubt, Edge, MatchRequest, PersonDetails, SourceRecord
from apps.customers.resolving import keeping_keys, learning
from apps.customers.resolving.arriving import match_record, match_waiting
from apps.customers.resolving.persons import people_of
from apps.customers.resolving.rebuilding import begin, match_all
from apps.customers.services import barring
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from tests.at_once import all_at_once
from tests.customers.resolving.families import families

ANNA = Person(
    source="webshop",
    external_id="w1",
    first_name="Anna",
    last_name="Zwartveld",
    birth_date="1981-04-12",
    email="anna.zwartveld@example.org",
    phone="0612345678",
    street="Kerklaan",
    house_number="7",
    postcode="3511AB",
    city="Utrecht",
)
ANNA_AT_THE_TILL = Person(
    source="till",
    external_id="t1",
    first_name="A.",
    last_name="Zwartveld",
    birth_date="1981-04-12",
    email="anna.zwartveld@example.org",
    street="Kerklaan",
    house_number="7",
    postcode="3511AB",
    city="Utrecht",
)


def groups() -> set[frozenset[str]]:
    """Who is one customer, by the systems' own keys."""
    together: dict[int, set[str]] = {}
    for customer, key in SourceRecord.objects.values_list("customer", "external_id"):
        together.setdefault(customer, set()).add(key)
    return {frozenset(keys) for keys in together.values()}


def asked() -> set[tuple[str, str, str]]:
    rows = Doubt.objects.filter(outcome="").exclude(cause="sample")
    return {
        (*sorted((left, right)), cause)
        for left, right, cause in rows.values_list("left__external_id", "right__external_id", "cause")
    }


def arrive(people):
    for person in people:
        recognise([person], actor="system")
        while match_waiting():
            pass


def test_two_records_of_one_person_become_one_customer_in_seconds(db):
    arrive([ANNA, ANNA_AT_THE_TILL])
    assert groups() == {frozenset({"w1", "t1"})}
    edge = Edge.objects.get()
    assert (edge.kind, edge.basis) == ("same", "scored")
    assert edge.probability > 0.95
    assert {part["field"] for part in edge.explanation} >= {"email", "birth_date"}
    assert not MatchRequest.objects.exists()


def test_a_run_and_records_one_by_one_decide_alike(db):
    everybody = families(25, seed=3)
    # given all of them but the last were matched in a run
    before, late = everybody[:-12], everybody[-12:]
    recognise(before, actor="system")
    MatchRequest.objects.all().delete()
    match_all(begin(actor="system"))
    for person in late:
        # when one more comes, it is decided at once, and a run right after finds nothing to add
        arrive([person])
        joined, questions = groups(), asked()
        run = match_all(begin(actor="system"))
        assert (run.joined, run.moot) == (0, 0)
        assert (groups(), asked()) == (joined, questions)
    assert Edge.objects.filter(basis="scored").count() > 12


def test_doing_it_again_changes_nothing(db):
    arrive(families(8, seed=5))
    match_all(begin(actor="system"))
    edges, questions = Edge.objects.count(), asked()
    model = learning.in_force()
    for record_id in SourceRecord.objects.values_list("pk", flat=True):
        match_record(record_id, keeping_keys.keys_of([record_id], model).get(record_id, []), model)
    match_all(begin(actor="system"))
    assert (Edge.objects.count(), asked()) == (edges, questions)


def test_two_who_arrive_at_once_find_each_other(transactional_db):
    for _ in range(3):
        recognise([ANNA], actor="system")
        recognise([ANNA_AT_THE_TILL], actor="system")
        assert all_at_once([match_waiting] * 4)["done"] == 4
        while match_waiting():
            pass
        assert groups() == {frozenset({"w1", "t1"})}
        assert Edge.objects.count() == 1


def test_what_somebody_newly_says_is_held_against_the_others(db):
    nobody = replace(ANNA_AT_THE_TILL, first_name="", last_name="", email="", birth_date="", phone="", city="Ede")
    arrive([ANNA, replace(nobody, postcode="", street="", house_number="", phone="0699999999")])
    assert len(groups()) == 2
    arrive([ANNA_AT_THE_TILL])
    assert groups() == {frozenset({"w1", "t1"})}


def test_of_whom_details_are_erased_no_key_stays(db):
    arrive([ANNA])
    assert BlockKey.objects.exists()
    with redacting():
        PersonDetails.objects.update(
            first_name="", last_name="", email="", phone="", street="", postcode="", house_number="", birth_date=None
        )
    assert not BlockKey.objects.exists()
    arrive([])
    while match_waiting():
        pass
    assert not BlockKey.objects.exists()


def test_what_stands_for_nobody_joins_nobody(db):
    shared = {"email": "kassa@winkel.example", "phone": ""}
    BarredValue.objects.create(kind="email", value="kassa@winkel.example", state="blocked", actor="system")
    barring.forget()
    one = replace(ANNA, **shared, street="", house_number="", postcode="", birth_date="")
    arrive([one])
    said = people_of(SourceRecord.objects.values_list("pk", flat=True))
    assert [person.says["email"] for person in said] == [""]
    barring.forget()


def test_an_organisation_is_nobody_to_match(db):
    arrive([replace(ANNA, organisation="Zwartveld BV"), replace(ANNA_AT_THE_TILL, organisation="Zwartveld BV")])
    assert len(groups()) == 2
    assert not BlockKey.objects.exists()


def test_a_run_that_was_cut_off_goes_on(db):
    recognise(families(12, seed=9), actor="system")
    run = begin(actor="system")
    steps = 0

    @contextmanager
    def until_killed():
        nonlocal steps
        steps += 1
        with transaction.atomic():
            yield
            if steps == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        match_all(run, step=until_killed)
    done = match_all(run)
    assert done.finished_at is not None
    joined = groups()
    again = match_all(begin(actor="system"))
    assert (again.joined, groups()) == (0, joined)
