"""Processes that help: the same answers with them, without them, and when they are killed."""

import os
import signal
import subprocess
import sys
import time
from functools import cache

import pytest

from apps.customers.matching import helping, read_table
from apps.customers.matching.engine import Matched, match_table
from apps.customers.matching.helping import Crew, Texts
from benchmarks.people import People, people


@cache
def town() -> People:
    return people(2_000, seed=31)


def matched() -> Matched:
    return match_table(read_table(town().ids, town().columns))


def doubled(kept: int, item: int) -> int:
    return kept * item


def asked_of(kept: int, item: int) -> tuple[int, int]:
    time.sleep(0.02)
    return os.getpid(), kept * item


def dies_elsewhere(kept: int, item: int) -> int:
    if os.getpid() != kept:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def fails(kept: int, item: int) -> int:
    raise LookupError(item)


def test_with_helpers_everybody_is_decided_on_as_without(monkeypatch: pytest.MonkeyPatch):
    alone = matched()
    monkeypatch.setattr(helping, "LARGE", 0)

    helped = matched()

    assert {name: column.values for name, column in helped.table.columns.items() if len(column.values) > 1} == {
        name: column.values for name, column in alone.table.columns.items() if len(column.values) > 1
    }
    assert helped.model.as_json() == alone.model.as_json()
    for told in ("left", "right", "weight", "sure", "cluster"):
        assert getattr(helped, told).tolist() == getattr(alone, told).tolist()
    assert helped.refused == alone.refused


def test_tasks_are_shared_and_answered_in_their_order():
    with Crew(3, 2) as crew:
        found = crew.each(asked_of, range(60))

    assert [answer for _, answer in found] == [3 * item for item in range(60)]
    assert len({process for process, _ in found}) > 1


def test_what_a_killed_helper_did_not_do_is_done_here():
    with Crew(os.getpid(), 2) as crew:
        assert crew.each(dies_elsewhere, range(40)) == list(range(40))
        assert crew.each(dies_elsewhere, range(5)) == list(range(5))


def test_what_fails_in_a_helper_fails_here():
    with Crew(3, 1) as crew, pytest.raises(LookupError):
        crew.each(fails, range(10))


def test_a_helper_that_cannot_be_started_is_no_trouble(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    with Crew(3, 2) as crew:
        assert crew.each(doubled, range(4)) == [0, 3, 6, 9]


def test_a_small_table_has_no_helpers():
    assert helping.helpers_for(helping.LARGE - 1) == 0


def test_texts_arrive_as_they_were():
    texts = ["Jansen", None, "", "\n\0é"]

    with Crew(3, 1) as crew:
        found = crew.each(_returned, [Texts(texts)] * 20)

    assert all(one.texts == texts for one in found)


def _returned(kept: int, item: Texts) -> Texts:
    time.sleep(0.02)
    return item


def test_a_helper_ends_when_whoever_asked_is_killed():
    script = (
        "import time\n"
        "from apps.customers.matching.helping import Helper\n"
        "from tests.customers.matching.test_helping import asked_of\n"
        "helper = Helper(1)\n"
        "print(helper.ask(asked_of, 1)[0], flush=True)\n"
        "time.sleep(60)\n"
    )
    asker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert asker.stdout is not None
    helper = int(asker.stdout.readline())
    assert _lives(helper)

    asker.kill()
    asker.wait()

    until = time.monotonic() + 10
    while _lives(helper) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _lives(helper)


def _lives(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as told:
            return told.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
