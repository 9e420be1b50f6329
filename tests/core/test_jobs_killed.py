"""A worker dies by kill -9 in the middle of a job: a real worker, a real broker, a real SIGKILL."""

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.core.jobs.models import Job
from apps.core.jobs.starting import start_job
from config.embedded.places import Places
from config.embedded.processes import wait_until
from config.embedded.valkey import ValkeyServer
from tests.core.job_kinds import lines_of
from tests.staff import person

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What a worker needs to know: the database of this test, and a broker of its own."""
    places = Places(tmp_path)
    places.make()
    broker = ValkeyServer(places.valkey, places.valkey_socket, places.logs / "valkey.log")
    broker.start(dies_with_us=True)
    database = connection.settings_dict
    own = {name: value for name, value in os.environ.items() if not name.startswith("TOONBANK_")}
    yield own | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "TOONBANK_DATA": str(tmp_path),
        "TOONBANK_BROKER_URL": f"redis+socket://{places.valkey_socket}",
        "TOONBANK_DATABASE_URL": f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}",
    }
    broker.stop()


def worker(environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A worker for jobs, in a session of its own so that all of it can be killed."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "config", "worker", "-Q", "jobs", "-c", "1"),
                *("-I", "tests.core.job_kinds", "--without-gossip", "--without-mingle"),
            ],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def sweep(environment: dict[str, str]) -> None:
    """What beat has done every few seconds, after the time that makes it do something."""
    long_ago = timezone.now() - dt.timedelta(minutes=2)
    Job.objects.filter(state="queued").update(sent_at=long_ago)
    Job.objects.filter(state="running").update(sent_at=long_ago, lease_until=long_ago)
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", "from apps.core.tasks import *; send_waiting_jobs()"],
        cwd=settings.BASE_DIR,
        env=environment,
        check=True,
    )


@pytest.mark.parametrize("kind", ["tests.count", "tests.count_whole"])
def test_a_job_survives_the_death_of_its_worker_and_is_done_exactly_once(environment, tmp_path, kind):
    # given: a worker in the middle of a job
    job = start_job(
        kind=kind,
        owner=person("Anna Bos", "head_office"),
        parameters={"upto": 6, "gate": str(tmp_path), "at": 4},
    )
    first = worker(environment, tmp_path / "first.log")
    sweep(environment)
    assert wait_until((tmp_path / "waiting-1").exists, seconds=40), (tmp_path / "first.log").read_text()

    # when: it is killed, and another one starts
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    before = Job.objects.get(pk=job.pk)
    assert (before.state, before.attempt) == ("running", 1)
    (tmp_path / "open").touch()
    second = worker(environment, tmp_path / "second.log")
    try:
        sweep(environment)
        sweep(environment)  # one message too many
        assert wait_until(lambda: Job.objects.get(pk=job.pk).state == "done", seconds=40), (
            tmp_path / "second.log"
        ).read_text()
    finally:
        os.killpg(second.pid, signal.SIGKILL)
        second.wait()

    # then
    done = Job.objects.get(pk=job.pk)
    assert (done.attempt, done.outcome, done.done) == (2, "Counted to 6.", 6)
    assert lines_of(job.key) == ["1", "2", "3", "4", "5", "6"]
