"""A job in the browser: one watches it, walks away, is told, and stops one."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import translation
from playwright.sync_api import expect

from apps.core.jobs.running import run_job
from apps.core.jobs.starting import start_job
from apps.core.models import Job
from tests.core import job_kinds
from tests.journeys.measuring import measured
from tests.journeys.test_page_kit import open_as
from tests.portal.conftest import chain

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def begin(tmp_path: Path, chain) -> Iterator[Callable[[], Job]]:
    """Starts a job that waits at 3 of 4 until the file `open` is there, with a runner of its own."""
    runners: list[threading.Thread] = []

    def begin() -> Job:
        with translation.override("en"):
            parameters = {"upto": 4, "at": 3, "gate": str(tmp_path)}
            job = start_job(kind="tests.count", owner=chain.head_office, parameters=parameters)

        def run() -> None:
            try:
                run_job(job.key)
            finally:
                connection.close()

        runners.append(threading.Thread(target=run))
        runners[-1].start()
        return job

    yield begin
    (tmp_path / "open").touch()
    for runner in runners:
        runner.join(20)


def complaints_of_axe(page: Any) -> list[Any]:
    return [(v["id"], [n["target"] for n in v["nodes"]]) for v in measured(page).response["violations"]]


def test_one_watches_a_job_to_its_end(open_as, chain, begin, tmp_path):
    # given
    job = begin()
    page = open_as(chain.head_office, width=360, measured=True)
    page.goto(f"/jobs/{job.key}/")
    expect(page.locator("#job-live")).to_contain_text("2 of 4")
    assert complaints_of_axe(page) == []

    # when
    (tmp_path / "open").touch()

    # then
    expect(page.locator("#job")).to_contain_text("Counted to 4.")
    expect(page.get_by_role("heading", name="Result")).to_be_visible()
    expect(page.locator("#own-jobs-link")).to_have_count(0)
    assert complaints_of_axe(page) == []


def test_one_is_told_elsewhere_that_a_job_ended(open_as, chain, begin, tmp_path):
    # given
    begin()
    page = open_as(chain.head_office)
    page.goto("/locations/")
    expect(page.locator("#own-jobs-link")).to_have_text(re.compile("Counting.*50%"))

    # when
    (tmp_path / "open").touch()

    # then
    expect(page.locator(".flash")).to_contain_text("Counting: Counted to 4.")
    expect(page.locator("#own-jobs-link")).to_contain_text("Done")

    # when
    page.locator(".flash").get_by_role("link", name="Counting").click()

    # then
    expect(page.locator("#job")).to_contain_text("Counted to 4.")


def test_one_stops_a_job(open_as, chain, begin):
    # given
    job = begin()
    page = open_as(chain.head_office)
    page.goto(f"/jobs/{job.key}/")

    # when
    page.get_by_role("link", name="Stop").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()

    # then
    expect(page.locator("#job")).to_contain_text("Stopped after 2 of 4; what was done stays.")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
