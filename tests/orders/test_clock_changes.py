"""The nights in which the clock changes: a day of 23 hours in March, one of 25 in October, in the Netherlands."""

import csv
import datetime as dt
import io

import pytest
import time_machine
from django.utils import translation

from apps.core.days import business_date
from apps.core.events.subscribers import catch_up
from apps.core.jobs.starting import start_job
from apps.core.models import Job
from apps.kpis.models import DailySales
from apps.orders.models import Order
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.portal import csv_files, formats
from apps.portal.jobs.filters import JobFilter
from apps.portal.periods import Period
from apps.portal.templatetags.toonbank import when
from tests.core import job_kinds  # noqa: F401  (registers them)
from tests.orders.counter import numbers_in, order_of
from tests.staff import browser

MARCH, OCTOBER = dt.date(2026, 3, 29), dt.date(2026, 10, 25)
# The first and last moment of each of these days, and those just before and after, as UTC.
EDGES = [
    (MARCH, "2026-03-28T22:59:59", "2026-03-28T23:00:00", "2026-03-29T21:59:59", "2026-03-29T22:00:00"),
    (OCTOBER, "2026-10-24T21:59:59", "2026-10-24T22:00:00", "2026-10-25T22:59:59", "2026-10-25T23:00:00"),
]


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(("day", "before", "first", "last", "after"), EDGES)
def test_a_moment_belongs_to_the_day_of_the_clock_on_the_wall(day, before, first, last, after):
    days = [business_date(utc(moment), "Europe/Amsterdam") for moment in (before, first, last, after)]
    assert days == [day - dt.timedelta(days=1), day, day, day + dt.timedelta(days=1)]


def test_the_hour_that_is_skipped_and_the_hour_that_comes_twice_are_said_as_the_clock_says():
    with time_machine.travel(utc("2026-11-01T12:00:00"), tick=False), translation.override("nl"):
        assert [formats.when(utc(t)).replace("\xa0", " ") for t in ("2026-03-29T00:59:00", "2026-03-29T01:00:00")] == [
            "29 mrt 01:59",
            "29 mrt 03:00",
        ]
        twice = [utc("2026-10-25T00:30:00"), utc("2026-10-25T01:30:00")]
        assert [formats.clock(moment) for moment in twice] == ["02:30", "02:30"]
        # what a program reads on the page tells them apart
        assert when(twice[0]) != when(twice[1])


def test_files_say_the_hour_of_the_clock_to_people_and_utc_to_programs():
    twice = [utc("2026-10-25T00:30:00"), utc("2026-10-25T01:30:00")]
    people = b"".join(csv_files.csv_for_people([twice])).decode("utf-8-sig")
    programs = b"".join(csv_files.csv_for_programs([twice])).decode()
    assert people == "25-10-2026 02:30;25-10-2026 02:30\r\n"
    assert programs == "2026-10-25T00:30:00Z,2026-10-25T01:30:00Z\r\n"


@pytest.mark.parametrize("day", [MARCH, OCTOBER])
def test_a_period_over_the_change_has_each_of_its_days_once(day):
    period = Period(day - dt.timedelta(days=3), day + dt.timedelta(days=3))
    assert len(set(period)) == len(list(period)) == period.days == 7
    assert [len(list(week)) for week in period.weeks] == [4, 3]  # the clock changes on a Sunday
    assert period.before.end + dt.timedelta(days=1) == period.start


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "before", "first", "last", "after"), EDGES)
def test_orders_of_the_day_are_filtered_shown_and_exported_by_it(shop, head_office, day, before, first, last, after):
    # given an order at each edge of the day
    numbers = [order_of(shop, ("A", 1), placed_at=f"{at}Z").number for at in (before, first, last, after)]
    client = browser(head_office)
    address = f"/orders/?changed=1&from={day}&to={day}"
    # when
    page = client.get(address)
    file = client.post(f"{address}&part=export", {"format": "data", "purpose": "administration"})
    # then those of the day, no other
    assert set(numbers_in(page)) == set(numbers[1:3])
    rows = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode())))
    assert {row["number"] for row in rows} == set(numbers[1:3])
    assert set(Order.objects.filter(business_date=day).values_list("number", flat=True)) == set(numbers[1:3])


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "before", "first", "last", "after"), EDGES)
def test_a_filter_by_day_takes_moments_by_the_clock_on_the_wall(head_office, day, before, first, last, after):
    # given a job asked for at each edge of the day
    for at in (before, first, last, after):
        Job.objects.filter(pk=start_job(kind="tests.file", owner=head_office).pk).update(queued_at=utc(at))
    # when
    asked = {"queued_after": str(day), "queued_before": str(day)}
    found = JobFilter(asked, queryset=Job.objects.order_by("queued_at")).qs
    # then
    assert list(found.values_list("queued_at", flat=True)) == [utc(first), utc(last)]


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "before", "first", "last", "after"), EDGES)
def test_sales_of_the_day_are_counted_on_it(shop, day, before, first, last, after):
    # given
    for at in (before, first, last, after):
        with time_machine.travel(utc(at), tick=False):
            order = order_of(shop, ("A", 1), placed_at=f"{at}Z")
            pick(number=order.number, actor="test")
            mark_ready(number=order.number, actor="test")
            hand_over(number=order.number, collect_code=order.collect_code, actor="test")
    # when
    catch_up()
    # then
    counted = dict(DailySales.objects.filter(orders__gt=0).values_list("business_date", "orders"))
    assert counted == {day - dt.timedelta(days=1): 1, day: 2, day + dt.timedelta(days=1): 1}
