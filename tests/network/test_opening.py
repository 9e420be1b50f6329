import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from apps.network.opening import DAY, open_time_after, open_time_before

AMS = "Europe/Amsterdam"


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(AMS))


def after(text: str, **length: float) -> dt.datetime:
    return open_time_after(local(text), dt.timedelta(**length), time_zone=AMS)


def test_time_goes_by_while_the_store_is_open():
    assert after("2026-11-21 10:00", hours=2) == local("2026-11-21 12:00")
    assert after("2026-11-21 16:00", hours=2) == local("2026-11-21 18:00")
    assert after("2026-11-21 17:30", hours=2) == local("2026-11-22 10:30")
    assert after("2026-11-21 22:00", hours=2) == local("2026-11-22 11:00")
    assert after("2026-11-21 06:00", hours=9) == local("2026-11-21 18:00")
    assert after("2026-11-21 12:00", hours=63) == local("2026-11-28 12:00")


def test_a_day_has_the_same_opening_hours_when_the_clock_changes():
    assert after("2026-10-24 17:00", hours=2) == local("2026-10-25 10:00")
    assert after("2026-03-28 17:00", hours=2) == local("2026-03-29 10:00")


MOMENTS = st.timedeltas(dt.timedelta(0), dt.timedelta(days=400)).map(local("2026-01-01 00:00").__add__)
LENGTHS = st.timedeltas(dt.timedelta(minutes=1), 5 * DAY)


@given(since=MOMENTS, now=MOMENTS, length=LENGTHS)
def test_what_is_late_by_its_deadline_is_late_by_when_it_came_in(since, now, length):
    by_deadline = open_time_after(since, length, time_zone=AMS) <= now
    by_since = since <= open_time_before(now, length, time_zone=AMS)
    assert by_deadline == by_since


@given(since=MOMENTS, length=LENGTHS)
def test_at_its_own_deadline_it_is_late_and_a_moment_before_it_is_not(since, length):
    due = open_time_after(since, length, time_zone=AMS)
    assert since <= open_time_before(due, length, time_zone=AMS)
    assert since > open_time_before(due - dt.timedelta(microseconds=1), length, time_zone=AMS)
