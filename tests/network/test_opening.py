import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.network.opening import Hours, NotHours, read_spans, write_spans

AMS = "Europe/Amsterdam"
EVERY_DAY = Hours(AMS)
DAY = dt.timedelta(hours=9)
# Open in two parts, late on Thursday, short on Saturday, closed on Sunday.
STREET = Hours(
    AMS,
    week=[read_spans(text) for text in ("13-18", "9-12:30, 13:30-18", "9-18", "9-21", "9-18", "9-17", "")],
    closes_on_holidays=True,
)
NIGHT = Hours(AMS, week=[read_spans("0:00-24:00")] * 7)


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(AMS))


def after(text: str, kept: Hours = EVERY_DAY, **length: float) -> dt.datetime:
    return kept.open_after(local(text), dt.timedelta(**length))


def test_time_goes_by_while_the_store_is_open():
    assert after("2026-11-21 10:00", hours=2) == local("2026-11-21 12:00")
    assert after("2026-11-21 16:00", hours=2) == local("2026-11-21 18:00")
    assert after("2026-11-21 17:30", hours=2) == local("2026-11-22 10:30")
    assert after("2026-11-21 22:00", hours=2) == local("2026-11-22 11:00")
    assert after("2026-11-21 06:00", hours=9) == local("2026-11-21 18:00")
    assert after("2026-11-21 12:00", hours=63) == local("2026-11-28 12:00")


def test_no_time_goes_by_at_lunch_nor_on_a_day_off():
    two = dt.timedelta(hours=2)
    assert STREET.open_after(local("2026-11-24 12:00"), two) == local("2026-11-24 15:00")
    assert STREET.open_after(local("2026-11-21 16:00"), two) == local(
        "2026-11-23 14:00"
    )  # over Sunday and Monday morning
    assert STREET.open_after(local("2026-11-26 18:30"), two) == local("2026-11-26 20:30")  # late on Thursday


def test_a_public_holiday_is_closed_unless_that_day_is_said_to_be_open():
    king = dt.date(2026, 4, 27)  # a Monday
    assert not STREET.is_open_on(king)
    assert EVERY_DAY.is_open_on(king)
    assert Hours(AMS, closes_on_holidays=True, days={king: read_spans("12-17")}).spans(king) == ((720, 1020),)
    assert Hours(AMS, closes_on_holidays=True, country="DE").is_open_on(king)
    assert Hours(AMS, closes_on_holidays=True, country="ZZ").is_open_on(king)


def test_a_day_off_ends_at_the_closing_time_of_the_next_open_day():
    assert STREET.closing_time(dt.date(2026, 11, 21)) == local("2026-11-21 17:00")
    assert STREET.closing_time(dt.date(2026, 11, 22)) == local("2026-11-23 18:00")


def test_a_day_has_the_same_opening_hours_when_the_clock_changes():
    assert after("2026-10-24 17:00", hours=2) == local("2026-10-25 10:00")
    assert after("2026-03-28 17:00", hours=2) == local("2026-03-29 10:00")


def test_a_night_is_as_long_as_it_is_when_the_clock_changes():
    # given a place that is open at night
    # then the night of 25 October has an hour more, and that of 29 March one less
    assert after("2026-10-25 01:00", NIGHT, hours=3).astimezone(ZoneInfo(AMS)) == local("2026-10-25 03:00")
    assert after("2026-03-29 01:00", NIGHT, hours=3).astimezone(ZoneInfo(AMS)) == local("2026-03-29 05:00")
    until_three = Hours(AMS, week=[read_spans("2:00-2:30")] * 7)
    (october,), (march,) = (until_three.moments(dt.date(2026, m, d)) for m, d in ((10, 25), (3, 29)))
    assert october[1] - october[0] == dt.timedelta(
        minutes=90
    )  # from the first time it is two to the second time half past
    assert march[1] - march[0] == dt.timedelta(minutes=30)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("9-18", "09:00-18:00"),
        ("13:30 – 18:00, 9.00 - 12.30", "09:00-12:30, 13:30-18:00"),
        ("", ""),
        ("0-24", "00:00-24:00"),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, kept: str) -> None:
    assert write_spans(read_spans(text)) == kept


@pytest.mark.parametrize("text", ["9", "18-9", "9-25", "9:70-12", "9-13, 12-18", "gesloten", "9-9"])
def test_what_says_no_hours_is_refused(text: str) -> None:
    with pytest.raises(NotHours):
        read_spans(text)


MOMENTS = st.timedeltas(dt.timedelta(0), dt.timedelta(days=400)).map(local("2026-01-01 00:00").__add__)
LENGTHS = st.timedeltas(dt.timedelta(minutes=1), 5 * DAY)
KEPT = st.sampled_from([EVERY_DAY, STREET, NIGHT])


@given(hours=KEPT, since=MOMENTS, now=MOMENTS, length=LENGTHS)
def test_what_is_late_by_its_deadline_is_late_by_when_it_came_in(hours, since, now, length):
    by_deadline = hours.open_after(since, length) <= now
    by_since = since <= hours.open_before(now, length)
    assert by_deadline == by_since


@given(hours=KEPT, since=MOMENTS, length=LENGTHS)
def test_at_its_own_deadline_it_is_late_and_a_moment_before_it_is_not(hours, since, length):
    due = hours.open_after(since, length)
    assert since <= hours.open_before(due, length)
    assert since > hours.open_before(due - dt.timedelta(microseconds=1), length)
