"""The pages of jobs."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

from apps.core.jobs.running import run_job
from apps.core.jobs.starting import cancel_job, start_job
from apps.core.models import Job
from apps.portal.jobs.wording import time_left
from tests.core import job_kinds  # noqa: F401  (registers them)


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def me(chain):
    return chain.head_office


@pytest.fixture
def browser(me, as_user):
    return as_user(me)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def start(me, kind="tests.count", **parameters) -> Job:
    with translation.override("en"):
        return start_job(kind=kind, owner=me, parameters={"upto": 4} | parameters)


def at_work(job: Job, **fields: Any) -> None:
    Job.objects.filter(pk=job.pk).update(
        **({"state": "running", "attempt": 1, "started_at": timezone.now(), "resumed_at": timezone.now()} | fields)
    )


def news(browser, job: Job):
    return browser.get(f"/jobs/{job.key}/news/", headers={"HX-Request": "true"})


def test_a_page_of_a_job_asks_for_news_until_it_ended(me, browser):
    # given
    job = start(me)
    page = text_of(browser.get(f"/jobs/{job.key}/"))
    assert f'hx-get="/jobs/{job.key}/news/" hx-trigger="every 1s"' in page
    assert "Starts as soon as a worker is free." in page

    # when it is half way
    at_work(job, done=2, total=4, resumed_at=timezone.now() - dt.timedelta(seconds=20))
    answer = news(browser, job)

    # then
    assert answer.status_code == 200
    assert '<progress max="4" value="2"' in text_of(answer)
    assert "2 of 4, about 20 seconds left." in text_of(answer)

    # when it is done
    Job.objects.update(state="queued", done=0)
    run_job(job.key)
    answer = news(browser, job)

    # then the rest of the page comes along and nothing asks any more
    assert answer.status_code == 286
    assert answer["HX-Retarget"] == "#job"
    assert "Counted to 4." in text_of(answer)
    assert "hx-trigger" not in text_of(answer)


def test_the_top_of_every_page_shows_what_is_at_work_until_its_end_was_seen(me, browser):
    # given
    assert 'id="own-jobs-link"' not in text_of(browser.get("/"))
    job = start(me)
    at_work(job, done=1, total=4)
    page = text_of(browser.get("/locations/"))
    assert f'href="/jobs/{job.key}/"' in page
    assert '<span class="num">25%</span>' in page
    asked = f"/jobs/news/?was={job.key}"
    assert asked in page

    # when it ends while somebody is on another page
    Job.objects.update(state="queued")
    run_job(job.key)
    answer = browser.get(asked, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/locations/"})

    # then a message says so, once
    assert answer.status_code == 286
    assert f'<a href="/jobs/{job.key}/">Counting</a>: Counted to 4.' in text_of(answer)
    assert 'role="status"' in text_of(answer)
    assert "Counted to 4." not in text_of(browser.get("/jobs/news/"))

    # when its page was opened
    assert 'id="own-jobs-link"' in text_of(browser.get("/"))
    browser.get(f"/jobs/{job.key}/")

    # then it is gone from the top
    assert 'id="own-jobs-link"' not in text_of(browser.get("/"))


def test_news_after_the_session_ended_costs_nobody_their_form(me, client):
    answer = client.get("/jobs/news/", headers={"HX-Request": "true", "X-Background": "1"})
    assert (answer.status_code, answer["HX-Reswap"]) == (286, "none")
    assert "HX-Redirect" not in answer


def test_a_job_is_stopped_and_tried_again_from_its_page(me, browser):
    # given
    job = start(me)

    # when
    asked = text_of(browser.get(f"/jobs/{job.key}/stop/"))
    assert "Stop “Counting”?" in asked
    browser.post(f"/jobs/{job.key}/stop/")

    # then
    assert Job.objects.get().state == "cancelled"
    assert "Stopped before anything was changed." in text_of(browser.get(f"/jobs/{job.key}/"))
    assert browser.post(f"/jobs/{job.key}/stop/").status_code == 409

    # when
    browser.post(f"/jobs/{job.key}/again/")

    # then
    assert Job.objects.get().state == "queued"


def test_a_failure_says_why_and_by_which_number_to_report_it(me, browser):
    # given
    job = start(me, "tests.fail")
    Job.objects.update(request_id="abc-123")
    run_job(job.key)

    # then
    page = text_of(browser.get(f"/jobs/{job.key}/"))
    assert "Something went wrong on our side." in page
    assert '<span class="code">abc-123</span>' in page
    assert f'action="/jobs/{job.key}/again/"' in page
    assert "secret" not in page


def test_a_file_is_for_its_owner_only_and_not_for_ever(me, browser, chain, as_user):
    # given
    job = start(me, "tests.file")
    run_job(job.key)
    address = f"/jobs/{job.key}/file/"

    # then
    answer = browser.get(address)
    assert b"".join(answer.streaming_content) == b"number\n1\n"
    assert answer["Content-Disposition"] == 'attachment; filename="numbers.csv"'
    assert answer["Cache-Control"] == "private, no-store"
    assert as_user(chain.finance).get(address).status_code == 404

    # when
    Job.objects.update(file_expires_at=timezone.now() - dt.timedelta(seconds=1))

    # then
    assert browser.get(address).status_code == 410
    assert address not in text_of(browser.get(f"/jobs/{job.key}/"))


def test_the_list_holds_ones_own_jobs_only(me, browser, chain):
    # given
    run_job(start(me).key)
    cancel_job(job=start(me, "tests.file"))
    start(chain.finance, "tests.fail")

    # then
    page = text_of(browser.get("/jobs/"))
    assert ">Counting</a>" in page
    assert "Counted to 4." in page
    assert "Failing" not in page
    assert "A file" not in text_of(browser.get("/jobs/?view=active"))


def test_the_list_keeps_its_number_of_queries(me, browser, django_assert_max_num_queries):
    def queries(count: int) -> int:
        for _ in range(count):
            run_job(start(me).key)
        with django_assert_max_num_queries(60) as seen:
            browser.get("/jobs/")
        return len(seen)

    assert queries(1) == queries(8)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "about 5 seconds left"),
        (23, "about 25 seconds left"),
        (55, "about 1 minute left"),
        (600, "about 10 minutes left"),
        (3 * 3600, "about 3 hours left"),
    ],
)
def test_time_left_is_no_finer_than_the_guess(seconds, said):
    with translation.override("en"):
        assert time_left(dt.timedelta(seconds=seconds)) == said
