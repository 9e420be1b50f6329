"""Kinds of jobs that only tests know: they write a line for everything they do, so that doing it twice shows."""

import time
from pathlib import Path

from django.db import connection

from apps.core.errors import Conflict
from apps.core.jobs.kinds import Result, ResultFile, job_kind
from apps.core.jobs.models import JobLine
from apps.core.jobs.run import Run


def wait_at(run: Run, number: int) -> None:
    """Stop before a number until the test opens the gate (a file); whoever waits says so with another."""
    gate = run.parameters.get("gate")
    if gate and number == run.parameters["at"]:
        Path(gate, f"waiting-{run.job.attempt}").touch()
        while not Path(gate, "open").exists():
            run.check()
            time.sleep(0.02)


@job_kind("tests.count", label="Counting", permission="orders.view")
def count_in_chunks(run: Run) -> Result:
    upto = run.parameters["upto"]
    run.expect(upto)
    for number in range((run.cursor or 0) + 1, upto + 1):
        with run.chunk() as chunk:
            run.log(str(number))
            wait_at(run, number)
            chunk.reached(number, done=1, even=1 - number % 2)
    return Result(f"Counted to {upto}.", data={"even": run.counts["even"]})


@job_kind("tests.count_whole", label="Counting at one go", permission="orders.view", whole=True)
def count_whole(run: Run) -> Result:
    upto = run.parameters["upto"]
    run.expect(upto)
    for number in range(1, upto + 1):
        run.log(str(number))
        run.progress(number)
        wait_at(run, number)
    if run.parameters.get("refuse"):
        raise Conflict("The last number is taken.")
    return Result(f"Counted to {upto}.")


@job_kind("tests.fail", label="Failing", permission="orders.view")
def fail_after_two(run: Run) -> Result:
    start = run.cursor or 0
    for number in range(start + 1, start + 3):
        with run.chunk() as chunk:
            run.log(str(number))
            chunk.reached(number, done=1)
    if start == 0:
        raise ValueError("a secret that belongs in the log only")
    return Result("Done after all.")


@job_kind("tests.dies", label="Dying", permission="orders.view")
def never_gets_anywhere(run: Run) -> Result:
    raise SystemExit("the machine is gone")


@job_kind("tests.file", label="A file", permission="orders.view")
def make_file(run: Run) -> Result:
    path = run.new_file(".csv")
    path.write_text("number\n1\n")
    return Result("1 row.", file=ResultFile(path, "numbers.csv", "text/csv"))


@job_kind("tests.stuck", label="Waiting for a lock", permission="orders.view")
def wait_for_a_lock(run: Run) -> Result:
    with run.chunk() as chunk, connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 50")
        cursor.execute("LOCK TABLE core_idempotencykey IN ACCESS EXCLUSIVE MODE")
        chunk.reached(1, done=1)
    return Result("Got it.")


def lines_of(key: object) -> list[str]:
    return list(JobLine.objects.filter(job__key=key).values_list("text", flat=True))
