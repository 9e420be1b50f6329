"""Comparing the books: what a run keeps, lag told from difference, once a day, the job."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.comparing.runs import KEPT, LEASE, begin, compare_all, compare_if_due, finish, keep
from apps.core.events.models import Subscription
from apps.core.events.sequencer import stamp
from apps.core.jobs.running import run_job
from apps.core.jobs.starting import start_job
from apps.core.models import Comparison, Job
from apps.core.reconcile import Check, Difference, compare
from apps.inventory.models import StockLevel
from tests.at_once import all_at_once
from tests.orders.counter import text_of
from tests.shop import open_shop
from tests.staff import browser, person


@pytest.fixture
def shop(db):
    shop = open_shop()
    shop.receive(shop.s1, A=10)
    return shop


def spoil(**figures) -> None:
    StockLevel.objects.filter(variant__sku="A", location__code="S1").update(**figures)


def test_a_run_keeps_what_every_check_came_to_and_the_row_that_differs(shop):
    # given
    spoil(on_hand=13)
    # when
    run = compare_all()
    # then
    assert (run.differences, run.behind, run.finished_at is not None) == (1, 0, True)
    wrong = run.checks.get(differences=1)
    assert wrong.check_name == "stock on hand = stock ledger"
    assert wrong.found == [["A · S1 · saleable · F01", "13.000", "10.000", ["A", "S1", "saleable", "F01"]]]
    assert run.checks.count() > 8


def test_a_reader_that_is_behind_is_no_difference(shop):
    # given a reader that waits before it tries an event again
    compare_all()
    Subscription.objects.filter(name="loyalty.earn").update(retry_at=timezone.now() + dt.timedelta(hours=1))
    shop.receive(shop.s1, A=1)
    stamp()
    # when
    outcome = compare(Check("late", lambda: [Difference("x", 1, 2)], frozenset({"loyalty.earn"})))
    run = begin(actor="test")
    kept = keep(run, outcome)
    # then
    assert outcome.behind > 0
    assert (kept.differences, kept.found) == (0, [])
    assert (finish(run).differences, run.behind) == (0, 1)


def test_what_the_reader_puts_right_meanwhile_is_no_difference(db):
    answers = iter([[Difference("x", 1, 2), Difference("y", 1, 2)], [Difference("y", 1, 2), Difference("z", 1, 2)]])
    outcome = compare(Check("moving", lambda: next(answers), frozenset({"loyalty.earn"})))
    assert [one.what for one in outcome.differences] == ["y"]


def test_the_clock_compares_once_a_day_and_forgets_old_runs(shop):
    # given a run of long ago, kept until the next
    old = compare_all()
    Comparison.objects.filter(pk=old.pk).update(
        started_at=timezone.now() - KEPT - dt.timedelta(days=1), finished_at=timezone.now() - KEPT
    )
    # when
    first, second = compare_if_due(), compare_if_due()
    # then
    assert (first is not None, second) == (True, None)
    assert list(Comparison.objects.values_list("asked_by", flat=True)) == ["system"]


def test_a_run_is_a_job_that_leads_to_what_it_found(shop):
    # given
    mirjam = person("Mirjam Vos", "head_office")
    spoil(reserved=Decimal(2))
    # when
    asked = browser(mirjam).post("/reconcile/now/")
    job = Job.objects.get(kind="core.compare_books")
    assert asked["Location"] == job.get_absolute_url()
    run_job(job.key)
    # then
    job.refresh_from_db()
    run = Comparison.objects.get()
    assert (job.state, job.link, job.done, job.total) == ("done", run.get_absolute_url(), job.total, run.checks.count())
    assert job.outcome == "1 figure differs from its ledger."
    page = text_of(browser(mirjam).get(run.get_absolute_url()))
    assert "A · S1 · saleable · F01" in page
    assert "/stock/of/A/rebuild/S1/saleable/F01/" in page
    assert "basis=given&amp;sku=A&amp;location=S1" in page
    # and who asks again while one runs gets that one
    start_job(
        kind="core.compare_books", owner=mirjam, parameters={"comparison": str(begin(actor="x").key)}, once="books"
    )
    browser(mirjam).post("/reconcile/now/")
    assert Job.objects.filter(kind="core.compare_books").count() == 2


def test_finance_sees_what_differs_but_puts_nothing_right(shop):
    spoil(on_hand=13)
    run = compare_all()
    page = text_of(browser(person("Ruud Bakker", "finance")).get(run.get_absolute_url()))
    assert "A · S1 · saleable · F01" in page
    assert "/rebuild/" not in page


def test_the_list_of_runs_asks_no_more_for_more_rows(shop):
    mirjam = person("Mirjam Vos", "head_office")
    client = browser(mirjam)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/reconcile/").status_code == 200
        return len(seen)

    compare_all()
    asked()
    one = asked()
    for _n in range(4):
        Comparison.objects.create(asked_by=f"user:{mirjam.pk}", finished_at=timezone.now())
    assert asked() <= one + 1


def test_two_clocks_compare_once(transactional_db):
    open_shop()
    assert all_at_once([lambda: compare_if_due()] * 3) == {"done": 3}
    assert Comparison.objects.count() == 1
    # and what somebody began and never finished is begun anew after its lease
    Comparison.objects.update(finished_at=None)
    assert compare_if_due() is None
    Comparison.objects.update(started_at=timezone.now() - LEASE)
    assert compare_if_due() is not None
