"""Jobs: asked for in a transaction, run once, stopped, tried again. What a dead worker does is in test_jobs_killed.py."""

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import Conflict
from apps.core.jobs import sweeping
from apps.core.jobs.models import Job, JobState
from apps.core.jobs.running import LOST_AT_MOST, run_job
from apps.core.jobs.starting import cancel_job, retry_job, start_job
from tests.core.job_kinds import lines_of
from tests.staff import person


@pytest.fixture
def owner(db: None) -> User:
    return person("Anna Bos", "head_office")


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def start(owner: User, kind: str = "tests.count", **parameters: Any) -> Job:
    return start_job(kind=kind, owner=owner, parameters={"upto": 4} | parameters)


def again(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def vanish(job: Job) -> None:
    """The runner of a job gives no more signs of life."""
    past = timezone.now() - dt.timedelta(minutes=5)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, lease_until=past, sent_at=past)


def in_a_thread(work: Any) -> None:
    """Do something as another process would: on a connection of its own."""

    def do() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


def test_a_job_is_run_and_says_what_came_of_it(owner):
    # when
    job = start(owner)
    assert run_job(job.key)

    # then
    job = again(job)
    assert (job.state, job.outcome, job.done, job.total) == ("done", "Counted to 4.", 4, 4)
    assert job.result == {"even": 2}
    assert lines_of(job.key) == ["1", "2", "3", "4"]


def test_a_job_that_ended_or_is_being_run_is_not_run_again(owner):
    # given
    job = start(owner)
    run_job(job.key)
    busy = start(owner)
    Job.objects.filter(pk=busy.pk).update(
        state=JobState.RUNNING, attempt=1, lease_until=timezone.now() + dt.timedelta(seconds=20)
    )

    # then
    assert not run_job(job.key)
    assert not run_job(busy.key)
    assert lines_of(job.key) == ["1", "2", "3", "4"]
    assert lines_of(busy.key) == []


def test_no_job_without_the_permission_at_the_start_or_when_it_runs(owner):
    # given
    job = start(owner)

    # when: the owner loses the role
    owner.assignments.all().delete()
    run_job(job.key)

    # then
    assert again(job).state == "failed"
    assert lines_of(job.key) == []
    with pytest.raises(PermissionDenied):
        start(User.objects.get(pk=owner.pk))


@pytest.mark.usefixtures("in_english")
def test_what_failed_goes_on_where_it_stopped_and_says_nothing_of_its_inside(owner):
    # given
    job = start(owner, "tests.fail")
    run_job(job.key)
    failed = again(job)
    assert failed.state == "failed"
    assert failed.error == "Something went wrong on our side."

    # when
    retry_job(job=failed)
    run_job(job.key)

    # then
    assert again(job).state == "done"
    assert lines_of(job.key) == ["1", "2", "3", "4"]


def test_a_job_in_one_transaction_leaves_nothing_when_it_is_refused(owner):
    # given
    job = start(owner, "tests.count_whole", refuse=True)

    # when
    run_job(job.key)

    # then
    assert (again(job).state, again(job).error) == ("failed", "The last number is taken.")
    assert lines_of(job.key) == []


def test_only_jobs_that_failed_or_were_stopped_are_tried_again(owner):
    job = start(owner)
    with pytest.raises(Conflict):
        retry_job(job=job)
    run_job(job.key)
    with pytest.raises(Conflict):
        retry_job(job=job)
    with pytest.raises(Conflict):
        cancel_job(job=job)


def test_a_waiting_job_is_stopped_at_once(owner):
    # given
    job = start(owner)

    # when
    cancel_job(job=job)

    # then
    assert again(job).state == "cancelled"
    assert not run_job(job.key)


def test_the_same_work_is_not_asked_for_twice_while_it_runs(owner):
    # given
    other = person("Bea Smit", "head_office")
    first = start_job(kind="tests.count", owner=owner, parameters={"upto": 1}, once="import:1")

    # then
    assert start_job(kind="tests.count", owner=owner, parameters={"upto": 1}, once="import:1") == first
    with pytest.raises(Conflict):
        start_job(kind="tests.count", owner=other, parameters={"upto": 1}, once="import:1")
    run_job(first.key)
    assert start_job(kind="tests.count", owner=owner, parameters={"upto": 1}, once="import:1") != first


def test_a_job_asked_for_in_a_transaction_that_fails_does_not_exist(owner):
    with transaction.atomic():
        start(owner)
        transaction.set_rollback(True)
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["tests.count", "tests.count_whole"])
def test_a_runner_that_was_taken_for_dead_writes_nothing(owner, monkeypatch, kind):
    # given: while the first runner is at 3, another one takes the job over and ends it
    job = start(owner, kind, upto=4)
    overtaken = []

    def overtake(run: Any, number: int) -> None:
        if number == 3 and not overtaken:
            overtaken.append(run.job.attempt)
            run._pulse._over.set()  # no more signs of life, as in a process that was stopped for a while
            run._pulse._thread.join()
            in_a_thread(lambda: (vanish(job), run_job(job.key)))

    monkeypatch.setattr("tests.core.job_kinds.wait_at", overtake)

    # when
    run_job(job.key)

    # then: each number once, though the first runner was at 3 when the second did 3 and 4
    assert overtaken == [1]
    assert (again(job).attempt, again(job).state) == (2, "done")
    assert sorted(lines_of(job.key)) == ["1", "2", "3", "4"]


def test_work_that_kills_every_worker_is_given_up(owner):
    # given
    job = start(owner, "tests.dies")

    # when
    for _ in range(LOST_AT_MOST):
        with pytest.raises(SystemExit):
            run_job(job.key)
        vanish(job)
    run_job(job.key)

    # then
    assert again(job).state == "failed"
    assert str(LOST_AT_MOST) in again(job).error


def test_a_file_is_kept_for_some_days(owner):
    # given
    job = start(owner, "tests.file")
    run_job(job.key)
    job = again(job)
    assert job.has_file
    assert job.file.read() == b"number\n1\n"
    place = job.file.name

    # when
    sweeping.clear_up()
    assert default_storage.exists(place)
    Job.objects.update(file_expires_at=timezone.now() - dt.timedelta(seconds=1))
    sweeping.clear_up()

    # then
    assert not again(job).has_file
    assert not default_storage.exists(place)


def test_jobs_are_forgotten_after_a_season(owner):
    job = start(owner)
    run_job(job.key)
    Job.objects.update(finished_at=timezone.now() - sweeping.KEEP_JOBS - dt.timedelta(days=1))
    sweeping.clear_up()
    assert not Job.objects.exists()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The keys that go to the broker."""
    keys: list[Any] = []
    monkeypatch.setattr(
        "apps.core.tasks.run_queued_job.apply_async", lambda args, countdown=None, retry=True: keys.extend(args)
    )
    return keys


def test_a_job_is_sent_on_commit_and_again_when_the_message_was_lost(owner, sent, django_capture_on_commit_callbacks):
    # given
    with django_capture_on_commit_callbacks(execute=True):
        job = start(owner)
        assert sent == []
    assert sent == [str(job.key)]

    # when: it was sent a moment ago, then more than a minute ago
    sweeping.send_waiting()
    assert len(sent) == 1
    Job.objects.update(sent_at=timezone.now() - dt.timedelta(seconds=61))
    sweeping.send_waiting()
    sweeping.send_waiting()

    # then
    assert sent == [str(job.key)] * 2


def test_a_job_whose_runner_vanished_is_sent_again_but_not_one_at_work(owner, sent):
    # given
    gone, busy = start(owner), start(owner)
    vanish(gone)
    Job.objects.filter(pk=busy.pk).update(
        state=JobState.RUNNING,
        lease_until=timezone.now() + dt.timedelta(seconds=20),
        sent_at=timezone.now() - dt.timedelta(hours=1),
    )

    # when
    sweeping.send_waiting()

    # then
    assert sent == [str(gone.key)]


def test_one_sees_only_ones_own_jobs(owner):
    other = person("Bea Smit", "head_office")
    mine = start(owner)
    start(other)
    assert list(Job.objects.visible_to(owner)) == [mine]
    owner.is_active = False
    assert not Job.objects.visible_to(owner).exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_runners_run_a_job_once(owner):
    # given
    job = start(owner, upto=20)
    ready = threading.Barrier(8)
    ran: list[bool] = []

    def run() -> None:
        try:
            ready.wait(10)
            ran.append(run_job(job.key))
        finally:
            connection.close()

    # when
    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # then
    assert sorted(ran) == [False] * 7 + [True]
    assert lines_of(job.key) == [str(n) for n in range(1, 21)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "stays"), [("tests.count", ["1", "2"]), ("tests.count_whole", [])])
def test_a_job_at_work_shows_how_far_it_is_and_stops_when_asked(owner, tmp_path, kind, stays):
    # given: it waits at 3
    job = start(owner, kind, gate=str(tmp_path), at=3)

    def run() -> None:
        try:
            run_job(job.key)
        finally:
            connection.close()

    runner = threading.Thread(target=run)
    runner.start()
    far = 3 if kind.endswith("whole") else 2
    deadline = timezone.now() + dt.timedelta(seconds=15)
    while again(job).done != far and timezone.now() < deadline:
        threading.Event().wait(0.05)
    assert (again(job).state, again(job).done, again(job).total) == ("running", far, 4)

    # when
    cancel_job(job=job)
    runner.join(15)

    # then: what chunks did stays, what was one transaction is undone
    assert again(job).state == "cancelled"
    assert lines_of(job.key) == stays


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_takes_too_long_puts_the_job_back(owner):
    # given
    job = start(owner, "tests.stuck")
    released, held = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE core_idempotencykey")
                held.set()
                released.wait(15)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)

    # when
    run_job(job.key)

    # then
    assert (again(job).state, again(job).lost) == ("queued", 1)
    released.set()
    holder.join()
    run_job(job.key)
    assert (again(job).state, again(job).lost) == ("done", 0)
