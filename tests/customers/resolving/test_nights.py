"""The run over all records: when the clock makes one, and when somebody asks for one."""

import datetime as dt

import pytest
from django.test import Client

from apps.core.jobs.models import Job
from apps.core.jobs.running import run_job
from apps.customers.models import MatchingRun
from apps.customers.resolving.rebuilding import LEASE, begin, match_if_due
from apps.customers.services.recognising import recognise
from tests.customers.resolving.families import families

pytestmark = pytest.mark.django_db
NIGHT = dt.datetime(2026, 11, 24, 2, 30, tzinfo=dt.UTC)  # half past three


@pytest.fixture
def night(time_machine):
    time_machine.move_to(NIGHT)
    return time_machine


def test_everybody_is_matched_once_a_night(night):
    recognise(families(5, seed=4), actor="system")
    run = match_if_due()
    assert run is not None
    assert (run.asked_by, run.joined > 0, run.finished_at is None) == ("system", True, False)
    # the clock asks again all night
    night.move_to(NIGHT + dt.timedelta(hours=1))
    assert match_if_due() is None
    night.move_to(NIGHT + dt.timedelta(days=1))
    assert match_if_due() is not None
    assert MatchingRun.objects.count() == 2


@pytest.mark.parametrize("hour", [0, 6, 14, 23])
def test_nothing_is_begun_while_people_work(time_machine, hour):
    time_machine.move_to(dt.datetime(2026, 11, 24, hour, tzinfo=dt.UTC) - dt.timedelta(hours=1))
    assert match_if_due() is None
    assert not MatchingRun.objects.exists()


def test_a_run_that_gives_signs_of_life_is_left_alone_and_one_that_gives_none_is_gone_on_with(night):
    # given
    going = begin(actor="user:7")
    MatchingRun.objects.update(started_at=NIGHT - dt.timedelta(hours=3))
    # when, then
    night.move_to(NIGHT + LEASE - dt.timedelta(minutes=1))
    assert match_if_due() is None
    night.move_to(NIGHT + LEASE + dt.timedelta(minutes=1))
    made = match_if_due()
    assert made == going
    assert made.finished_at is not None
    assert MatchingRun.objects.count() == 1


def test_whoever_may_has_everybody_matched_by_day_one_run_at_a_time(make_user):
    # given
    recognise(families(5, seed=4), actor="system")
    asker, client = make_user("head_office"), Client()
    client.force_login(asker)
    # when it is asked for twice
    assert [client.post("/customers/matching/now/", {}).status_code for _ in range(2)] == [302, 302]
    # then one is made
    run, job = MatchingRun.objects.get(), Job.objects.get(kind="customers.match")
    assert (run.asked_by, run.learns, job.parameters) == (f"user:{asker.pk}", False, {"run": str(run.key)})
    run_job(job.key)
    run.refresh_from_db()
    assert run.finished_at is not None
    assert run.joined > 0
    # and then another can be
    client.post("/customers/matching/now/", {"learns": "on"})
    assert MatchingRun.objects.latest("pk").learns
