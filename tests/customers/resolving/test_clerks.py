"""What clerks do with pairs: nobody gets what a colleague has, no pair is lost, and what was said can be taken back."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from apps.accounts.models import AccessGrant, User
from apps.core.errors import DomainError
from apps.customers.models import Customer, Doubt, DoubtAct, SourceRecord
from apps.customers.resolving import deciding, doubting, learning
from apps.customers.resolving.doubting import Likeness
from apps.customers.resolving.rebuilding import begin, match_all
from apps.customers.resolving.reporting import precision, precision_found
from apps.customers.resolving.wording import rows_of
from apps.customers.services.joining import ask, join
from apps.customers.services.parting import keep_apart, part
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.customers.services.regrouping import hold
from apps.portal.discretion import Tag
from tests.at_once import all_at_once
from tests.customers.resolving.families import families
from tests.waiting import while_another_waits


@pytest.fixture(autouse=True)
def model_read_anew():
    yield
    learning.forget()


def pair_of(number: int, **more: Any) -> Doubt:
    """Two records that may be of one person, and the question."""
    people = [
        Person(source=source, external_id=f"{source}{number}", first_name=name, last_name=f"Zwart{number}")
        for source, name in (("webshop", "Jan"), ("till", "J."))
    ]
    left, right = recognise(people, actor="system")
    ask(left, right, basis="scored", cause="likely", **{"probability": 0.6, "weight": 0.6, **more})
    return Doubt.objects.latest("pk")


def is_one(doubt: Doubt) -> bool:
    left, right = SourceRecord.objects.filter(pk__in=[doubt.left_id, doubt.right_id])
    return left.customer_id == right.customer_id


@pytest.fixture
def clerks(make_user) -> list[User]:
    return [make_user("service_agent"), make_user("head_office")]


def test_two_clerks_are_never_given_the_same_pair(transactional_db, make_user):
    for number in range(6):
        pair_of(number)
    clerks = [make_user("service_agent") for _ in range(6)]
    given: list[int] = []

    def next_for(clerk: User) -> Callable[[], None]:
        def act() -> None:
            doubt = deciding.take_next(clerk=clerk)
            assert doubt is not None
            given.append(doubt.pk)

        return act

    all_at_once([next_for(clerk) for clerk in clerks])
    assert sorted(given) == sorted(Doubt.objects.values_list("pk", flat=True))


def test_a_pair_whose_clerk_went_home_is_given_to_another(db, clerks):
    doubt, [anna, bert] = pair_of(1), clerks
    assert deciding.take_next(clerk=anna) == doubt
    assert deciding.take_next(clerk=bert) is None
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=11), tick=False):
        assert deciding.take_next(clerk=bert) == doubt


def test_one_person_becomes_one_customer_and_taking_it_back_gives_two(db, clerks):
    doubt, anna = pair_of(1), clerks[0]
    deciding.say_same(doubt=doubt, clerk=anna)
    assert is_one(doubt)
    doubt.refresh_from_db()
    assert (doubt.outcome, doubt.decided_by) == ("joined", f"user:{anna.pk}")
    deciding.take_back(clerk=anna)
    assert not is_one(doubt)
    assert deciding.take_next(clerk=anna) == doubt
    # and it can be decided otherwise
    deciding.say_never(doubt=doubt, clerk=anna, why="relatives")
    assert [act.kind for act in DoubtAct.objects.order_by("pk")] == ["joined", "undone", "apart"]


def test_never_these_two_survives_every_rebuild_and_can_be_taken_back(db, clerks):
    # given two records that a run joins
    anna = {"last_name": "Zwartveld", "birth_date": "1981-04-12", "email": "anna@example.org", "phone": "0612345678"}
    records = recognise(
        [
            Person(
                source=source,
                external_id=source,
                first_name=name,
                street="Kerklaan",
                house_number="7",
                postcode="3511AB",
                **anna,
            )
            for source, name in (("webshop", "Anna"), ("till", "A."))
        ],
        actor="system",
    )
    ask(*records, basis="scored", cause="likely")
    doubt = Doubt.objects.get()
    deciding.say_never(doubt=doubt, clerk=clerks[0], why="twins")
    # when everything is matched again, and again with a model learned anew
    for learns in (False, True, False):
        run = match_all(begin(actor="system", learns=learns))
        assert (run.joined, run.asked) == (0, 0)
        assert not is_one(doubt)
    # but without that word they are one
    deciding.take_back(clerk=clerks[0])
    learning.put_in_force(engine=learning.shipped_model(), origin="shipped")
    learning.forget()
    match_all(begin(actor="system"))
    assert is_one(doubt)


def test_survivors_are_stable_over_rebuilds(db):
    people = families(10, seed=11)
    recognise(people, actor="system")
    match_all(begin(actor="system"))
    first = dict(SourceRecord.objects.values_list("external_id", "customer__key"))
    assert len(set(first.values())) < len(people)
    for _ in range(2):
        match_all(begin(actor="system"))
        assert dict(SourceRecord.objects.values_list("external_id", "customer__key")) == first


def test_what_is_put_off_comes_back_tomorrow(db, clerks):
    doubt, anna = pair_of(1), clerks[0]
    deciding.put_off(doubt=doubt, clerk=anna)
    assert deciding.take_next(clerk=anna) is None
    with time_machine.travel(timezone.now() + dt.timedelta(hours=25), tick=False):
        assert deciding.take_next(clerk=anna) == doubt


def test_what_was_assigned_is_for_that_colleague_and_comes_first(db, clerks):
    likely, doubt, [anna, bert] = pair_of(1, probability=0.9), pair_of(2), clerks
    deciding.assign(doubt=doubt, clerk=anna, to=bert)
    assert deciding.take_next(clerk=bert) == doubt
    assert deciding.take_next(clerk=anna) == likely
    assert deciding.take_next(clerk=anna, passing=likely) is None


def test_a_pair_is_assigned_on_its_page_to_who_decides_about_pairs(db, clerks, make_user):
    # given
    doubt, client, outsider = pair_of(1), Client(), make_user("finance")
    client.force_login(clerks[0])

    def assign_to(whom: object) -> int:
        address = reverse("customers:decide-doubt", kwargs={"key": doubt.key})
        return client.post(address, {"act": "assign", "to": str(whom)}).status_code

    # when, then
    assert [assign_to(whom) for whom in ("", "x", outsider.pk)] == [400, 400, 400]
    assert Doubt.objects.get().assigned_to is None
    assert assign_to(clerks[1].pk) == 302
    assert Doubt.objects.get().assigned_to == clerks[1]


def test_nobody_decides_about_what_a_colleague_has(db, clerks):
    doubt, [anna, bert] = pair_of(1), clerks
    deciding.take_next(clerk=anna)
    with pytest.raises(deciding.Taken), transaction.atomic():
        deciding.say_same(doubt=doubt, clerk=bert)
    assert not is_one(doubt)


def test_two_clerks_who_decide_at_once_are_heard_once(transactional_db, clerks):
    doubt = pair_of(1)
    acts = [lambda clerk=clerk: deciding.say_same(doubt=doubt, clerk=clerk) for clerk in clerks]
    assert all_at_once(acts) == {"done": 1, "pair_taken": 1}
    assert DoubtAct.objects.count() == 1


def test_a_clerk_who_decides_while_staff_join_the_two_elsewhere_is_told(transactional_db, clerks):
    doubt = pair_of(1)

    def decide() -> str:
        try:
            deciding.say_never(doubt=doubt, clerk=clerks[0], why="twins")
        except deciding.Taken:
            return "told"
        return "decided"

    # when each holds what the other waits for
    said = while_another_waits(
        lambda: hold([doubt.left_id, doubt.right_id]),
        decide,
        then=lambda: join(doubt.left_id, doubt.right_id, basis="by_hand", actor="user:1"),
    )

    # then
    assert said == "told"
    assert is_one(doubt)


def test_where_many_records_come_together_two_clerks_say_so(db, clerks, settings):
    settings.MATCHING_SECOND_LOOK_FROM = 2
    doubt, [anna, bert] = pair_of(1), clerks
    assert deciding.say_same(doubt=doubt, clerk=anna).kind == "agreed"
    assert not is_one(doubt)
    assert deciding.take_next(clerk=anna) is None
    assert deciding.take_next(clerk=bert) == doubt
    deciding.say_same(doubt=doubt, clerk=bert)
    assert is_one(doubt)


def sampled(number: int) -> Doubt:
    """Two records joined by likeness, of which clerks are asked whether that was right."""
    drawn = pair_of(number)
    doubting.join_alike(likeness_of(drawn))
    doubting.draw_sample(size=Doubt.objects.filter(cause=doubting.SAMPLE).count() + 1)
    return Doubt.objects.get(cause=doubting.SAMPLE, left=drawn.left_id)


def likeness_of(doubt: Doubt) -> Likeness:
    return Likeness(doubt.left_id, doubt.right_id, weight=9.0, probability=0.99, explanation=[], version="1")


@pytest.mark.parametrize(("never", "outcome"), [(False, "moot"), (True, "apart")])
def test_a_joining_to_be_checked_is_none_any_more_once_it_was_taken_apart(db, never, outcome):
    # given
    sample = sampled(1)

    # when
    part(source_record_ids=[sample.right_id], actor="user:1", never=never)

    # then
    sample.refresh_from_db()
    assert (sample.outcome, sample.decided_by) == (outcome, "user:1")


def test_what_was_taken_apart_is_asked_as_any_pair_and_can_be_answered(db, clerks):
    # given
    sample = sampled(1)
    part(source_record_ids=[sample.right_id], actor="user:1")

    # when the next run finds them likely
    asked = doubting.question(likeness_of(sample), cause=doubting.LIKELY)

    # then
    doubt = Doubt.objects.get(outcome="")
    assert (doubt.pk, doubt.cause) == (asked, "likely")
    deciding.say_never(doubt=doubt, clerk=clerks[0], why="twins")
    assert not is_one(doubt)


def test_a_sample_drawn_at_the_moment_of_taking_apart_stands_in_nobodys_way(db):
    # given: drawing read the edge, and wrote after it was withdrawn
    first, second = sampled(1), sampled(2)
    for sample in (first, second):
        part(source_record_ids=[sample.right_id], actor="user:1")
    Doubt.objects.filter(cause=doubting.SAMPLE).update(outcome="")

    # when
    asked = doubting.question(likeness_of(first), cause=doubting.LIKELY)
    doubting.drop_moot([asked], before=timezone.now())

    # then
    assert set(Doubt.objects.filter(outcome="").values_list("pk", flat=True)) == {asked}
    assert set(Doubt.objects.filter(cause=doubting.SAMPLE).values_list("outcome", flat=True)) == {"moot"}


@pytest.mark.parametrize("act", ["joined", "kept apart"])
def test_a_joining_to_be_checked_is_not_answered_by_what_is_said_of_another_customer(db, clerks, act):
    # given
    sample, other = sampled(1), pair_of(2)

    # when somebody says something about this customer and another
    if act == "joined":
        join(sample.left_id, other.left_id, basis="by_hand", actor=f"user:{clerks[0].pk}")
    else:
        keep_apart(sample.left_id, other.left_id, actor=f"user:{clerks[0].pk}")
    doubting.drop_moot([], before=timezone.now())

    # then
    sample.refresh_from_db()
    assert sample.outcome == ""
    assert precision_found().looked_at == 0


def test_never_asks_why(db, clerks):
    with pytest.raises(DomainError):
        deciding.say_never(doubt=pair_of(1), clerk=clerks[0], why="")


def test_looking_at_a_pair_is_written_down_once(db, clerks):
    doubt, anna = pair_of(1), clerks[0]
    client = Client()
    client.force_login(anna)
    for _ in range(2):
        assert client.get(doubt.get_absolute_url()).status_code == 200
    keys = {str(key) for key in Customer.objects.values_list("key", flat=True)}
    grants = AccessGrant.objects.filter(principal=f"user:{anna.pk}")
    assert sorted(grants.values_list("object_key", "purpose")) == sorted((key, "matching") for key in keys)


def test_the_list_names_nobody(db, clerks):
    pair_of(1)
    client = Client()
    client.force_login(clerks[0])
    page = client.get("/customers/doubts/").content.decode()
    assert "Zwart1" not in page
    assert "60" in page


def test_the_page_says_why_in_plain_words(db, clerks):
    explanation = [
        {"field": "given_name", "level": "initial", "bits": 2.1},
        {"field": "surname", "level": "exact", "bits": 9.4},
        {"field": "household", "level": "", "bits": -3.0},
    ]
    doubt = pair_of(1, explanation=explanation)
    client = Client(headers={"accept-language": "en"})
    client.force_login(clerks[0])
    page = re.sub(r"\s+", " ", client.get(doubt.get_absolute_url()).content.decode())
    for words in ("The initial fits", "Same last name", "speaks strongly for it", "what people of one house share"):
        assert words in page


def test_a_verified_value_says_so(db):
    doubt = pair_of(1, explanation=[{"field": "email", "level": "exact", "bits": 11.0}])
    with translation.override("en"):
        [row] = rows_of(
            doubt, {"email": ["a@example.org"]}, {"email": ["a@example.org"]}, {"email"}, lambda _datum: Tag.OPEN
        )
    assert row.words == "Same e-mail address, which both verified"
    assert (row.side, row.strength) == ("for", "speaks strongly for it")


def test_the_interval_of_few_is_wide_and_never_beyond_all():
    assert precision(right=0, looked_at=0).high == 1.0
    some = precision(right=10, looked_at=10)
    assert some.high == 1.0
    assert 0.7 < some.low < 0.75
    assert precision(right=196, looked_at=200).low > 0.94
