"""The keys that records are found by: all of a new model, while others arrive, and however often it is cut off."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Barrier, Event

import numpy as np
import pytest
from django.db import connection, transaction

from apps.customers.matching import Keys, Reading, blocking_keys, read_table
from apps.customers.models import BlockKey, MatchingModel, MatchRequest, SourceRecord
from apps.customers.resolving import learning
from apps.customers.resolving.arriving import match_waiting
from apps.customers.resolving.keeping_keys import RANGE, keep, keep_all, keys_of
from apps.customers.resolving.learning import InForce, put_in_force, shipped_model
from apps.customers.resolving.rebuilding import begin, match_all
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from tests.customers.resolving.families import families
from tests.customers.resolving.test_alike import ANNA, ANNA_AT_THE_TILL, arrive, groups
from tests.waiting import until_so_many_wait, while_another_waits

BERT = Person(source="webshop", external_id="b1", first_name="Bert", last_name="Molenaar", email="bert@example.org")


@pytest.fixture
def everybody(db):
    """Records on both sides of where a range of ids ends, with their keys."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('customers_sourcerecord', 'id'), %s)", [RANGE - 20])
    arrive_all(families(14, seed=8))
    ids = list(SourceRecord.objects.order_by("pk").values_list("pk", flat=True))
    assert ids[0] < RANGE <= ids[-1]
    return ids


def arrive_all(people):
    recognise(people, actor="system")
    while match_waiting():
        pass


def another_model() -> InForce:
    """One that reads people otherwise: fewer rules, and no given names to write out."""
    shipped = shipped_model()
    engine = replace(
        shipped, caps=shipped.caps | {"surname": 0, "birth": 0}, reading=replace(shipped.reading, names=frozenset())
    )
    return in_force(put_in_force(engine=engine, origin="learned"), engine)


def in_force(row: MatchingModel, engine) -> InForce:
    learning.forget()
    return InForce(row.pk, row.version, engine)


def stored() -> set[tuple[int, int]]:
    return set(BlockKey.objects.values_list("key", "record_id"))


def due(model: InForce) -> set[tuple[int, int]]:
    """The keys of each record by itself, as when it arrives."""
    ids = SourceRecord.objects.values_list("pk", flat=True)
    return {(key, pk) for pk in ids for key, _cap in keys_of([pk], model).get(pk, [])}


def places() -> dict[tuple[int, int], str]:
    """Where each row lies: another place says that it was written anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, record_id, ctid::text FROM customers_blockkey")
        return {(key, record): place for key, record, place in cursor.fetchall()}


def test_all_get_the_keys_of_a_new_model_and_what_is_the_same_is_not_written(everybody):
    # given
    before, lay = stored(), places()
    model = another_model()
    assert before != due(model)
    # when
    keep_all(model)
    # then
    assert stored() == due(model)
    assert len(before & stored()) > 100
    assert {row: place for row, place in places().items() if row in before} == {
        row: lay[row] for row in before & stored()
    }
    assert MatchingModel.objects.get(pk=model.id).keyed_at is not None


def test_who_cannot_be_matched_any_more_has_no_keys(everybody):
    model = learning.in_force()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO customers_blockkey (key, record_id) VALUES (7, %s)", [everybody[0]])
        cursor.execute("DELETE FROM customers_blockkey WHERE record_id = %s", [everybody[-1]])
    keep_all(model)
    assert stored() == due(model)


def test_what_was_cut_off_goes_on_where_it_was(everybody):
    # given
    model = another_model()

    def killed(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep_all(model, killed)
    # then the first range has its keys of the new model, the others still find each other by the old one
    done = {row for row in due(model) if row[1] < RANGE}
    assert {row for row in stored() if row[1] < RANGE} == done
    assert stored() != due(model)
    assert MatchingModel.objects.get(pk=model.id).keyed_at is None
    # when it is gone on with, what was done stays as it lies
    lay = places()
    keep_all(model)
    assert stored() == due(model)
    assert all(places()[row] == lay[row] for row in done)
    assert MatchingModel.objects.get(pk=model.id).keyed_at is not None


def take_range(number: int, connection=connection) -> None:
    """As who gives a range its keys does, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('toonbank.block_keys'), %s)", [number])


def test_a_range_waits_for_who_arrives_in_it_and_reads_after_that(transactional_db):
    # given somebody who has no keys yet
    arrive([ANNA])
    model = another_model()
    BlockKey.objects.all().delete()

    def move():
        recognise([replace(ANNA, street="Dorpsstraat", house_number="9", postcode="6711AA", city="Ede")], actor="x")
        keep(SourceRecord.objects.values_list("pk", flat=True), model)

    # when she moves, and all get their keys before that is committed
    while_another_waits(move, lambda: keep_all(model))
    # then they are those of her new address
    assert stored() == due(model)


def test_keys_are_not_kept_in_a_range_that_is_being_given_its_keys(transactional_db):
    arrive([ANNA])
    anna = SourceRecord.objects.get().pk
    BlockKey.objects.all().delete()
    while_another_waits(
        lambda: take_range(anna // RANGE), lambda: transaction.atomic(keep)([anna], learning.in_force())
    )
    assert stored() == due(learning.in_force())


def test_whose_range_is_being_given_its_keys_is_passed_over_and_nobody_waits_for_that(transactional_db):
    # given the first who waits in one range, the next in another
    learning.in_force()
    for last, person in ((RANGE - 2, ANNA), (RANGE, BERT)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence('customers_sourcerecord', 'id'), %s)", [last])
        recognise([person], actor="system")
    somebody = connection.copy()
    # when the first range is being given its keys
    with closed(somebody):
        somebody.set_autocommit(False)
        take_range(0, somebody)
        assert match_waiting() == 1
        # then the other is matched, and the first waits without being in anybody's way
        assert list(MatchRequest.objects.values_list("record_id", flat=True)) == [RANGE - 1]
        assert match_waiting() == 0
    assert match_waiting() == 1
    assert stored() == due(learning.in_force())


def test_who_was_given_keys_before_another_model_came_in_force_waits_for_those_of_the_other(transactional_db):
    # given two who wait, the first of whom is Anna whom somebody is busy with
    arrive([ANNA])
    recognise([ANNA_AT_THE_TILL], actor="system")
    recognise([BERT], actor="system")
    anna, _again, bert = SourceRecord.objects.order_by("pk").values_list("pk", flat=True)
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            SourceRecord.objects.select_for_update().get(pk=anna)
            matching = pool.submit(closing, match_waiting)
            until_so_many_wait(1)
            # when another model is about to come in force after she is matched
            coming = pool.submit(closing, another_model)
            until_so_many_wait(2)
        matching.result(timeout=20)
        coming.result(timeout=20)
    # then the next one is not looked for by keys of the old one
    assert groups() == {frozenset({"w1", "t1"}), frozenset({"b1"})}
    assert list(MatchRequest.objects.values_list("record_id", flat=True)) == [bert]
    # but by those of the new one, once all have them
    learning.forget()
    keep_all(learning.in_force())
    assert match_waiting() == 1
    assert not MatchRequest.objects.exists()


@contextmanager
def closed(connection):
    try:
        yield
    finally:
        connection.rollback()  # closed, the server would notice a moment later
        connection.close()


def closing(act):
    try:
        act()
    finally:
        connection.close()


def test_many_arrive_while_all_get_the_keys_of_one_model_after_the_other(transactional_db):
    # given
    people = families(20, seed=21)
    arrive_all(people[:25])
    all_came, start, rounds = Event(), Barrier(3), []

    def come():
        start.wait(timeout=20)
        try:
            for person in people[25:40]:
                recognise([person], actor="system")
                match_waiting()
        finally:
            all_came.set()

    def match():
        start.wait(timeout=20)
        while not all_came.is_set():
            match_waiting()

    def rebuild():
        start.wait(timeout=20)
        while not all_came.is_set():
            keep_all(another_model())
            shipped = put_in_force(engine=shipped_model(), origin="learned")
            keep_all(in_force(shipped, shipped_model()))
            rounds.append(all_came.is_set())

    # when
    with ThreadPoolExecutor(3) as pool:
        for act in [pool.submit(closing, act) for act in (come, match, rebuild)]:
            act.result(timeout=120)
    assert len(rounds) > 1
    while match_waiting():
        pass
    # then everybody has the keys of the last, and nobody waits
    learning.forget()
    assert stored() == due(learning.in_force())
    assert not MatchRequest.objects.exists()
    joined = groups()
    match_all(begin(actor="system"))
    assert groups() == joined


def test_who_arrives_before_all_have_their_keys_is_held_against_them_once_more(db):
    # given a new model of which Anna has no keys yet
    arrive([ANNA])
    model = another_model()
    BlockKey.objects.all().delete()
    # when she comes again, she is not found, and that is remembered
    recognise([ANNA_AT_THE_TILL], actor="system")
    assert match_waiting() == 1
    assert match_waiting() == 0
    assert len(groups()) == 2
    # until all have theirs
    keep_all(model)
    assert match_waiting() == 1
    assert groups() == {frozenset({"w1", "t1"})}
    assert not MatchRequest.objects.exists()


def test_a_run_that_gives_all_their_keys_leaves_nobody_waiting_whom_it_read(db):
    learning.in_force()
    model = another_model()
    recognise(families(10, seed=4), actor="system")
    run = match_all(begin(actor="system"))
    assert run.joined
    assert not MatchRequest.objects.exists()
    assert stored() == due(model)
    # nor does a later run, which gives no keys, take away who waits for them
    recognise([ANNA], actor="system")
    match_all(begin(actor="system"))
    assert MatchRequest.objects.count() == 1


def test_the_first_model_finds_everybody_by_what_they_wait_for(db):
    recognise([ANNA], actor="system")
    learning.in_force()
    assert MatchingModel.objects.get().keyed_at is not None


def test_the_first_model_has_to_give_keys_to_who_was_there_before(db):
    recognise([ANNA], actor="system")
    MatchRequest.objects.all().delete()
    learning.in_force()
    assert MatchingModel.objects.get().keyed_at is None


def test_a_key_says_nothing_without_the_secret_and_the_rule():
    columns = {"given_name": ["Anna", "Anna"], "surname": ["Zwartveld"] * 2, "birth_date": ["1981-04-12", ""]}
    table = read_table(["1", "2"], columns, reading=Reading())
    some, others = (blocking_keys(table, shipped_model(), secret) for secret in (b"one", b"other"))
    assert isinstance(some, Keys)
    assert not np.intersect1d(some.key, others.key).size
    first, second = (set(some.key[some.row == row].tolist()) for row in (0, 1))
    assert second < first
    assert len(second) == len(some.key[some.row == 1])
