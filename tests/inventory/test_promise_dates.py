import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from apps.inventory.services.promise_dates import (
    asked_by,
    collect_from,
    dispatch,
    earliest_at_the_door,
    end_of_day,
    what_takes_long,
)
from apps.network.opening import Hours, read_spans

ZONE = "Europe/Amsterdam"
EVERY_DAY = Hours(ZONE)
CAREFUL = Hours(
    ZONE,
    week=[
        read_spans(text) for text in ("", *["9-18"] * 4, "9-13", "")
    ],  # closed on Sunday and Monday, short on Saturday
    closes_on_holidays=True,
    collect_cut_off=dt.time(16),
    picking=dt.timedelta(hours=1),
    transit_days=2,
)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("ordered", "ready"),
    [
        ("2026-11-20T10:00", "2026-11-20T12:00"),
        ("2026-11-20T10:00:01", "2026-11-20T12:15"),
        ("2026-11-20T10:15", "2026-11-20T12:15"),
        ("2026-11-20T06:30", "2026-11-20T11:00"),  # before the shop opens
        ("2026-11-20T15:45", "2026-11-20T17:45"),
        ("2026-11-20T15:55", "2026-11-21T09:00"),  # at closing time nobody collects
        ("2026-11-20T16:30", "2026-11-21T09:30"),  # half of it is done tonight
        ("2026-11-20T23:59", "2026-11-21T11:00"),
        ("2026-10-24T20:00", "2026-10-25T11:00"),  # over the end of summer time
        ("2026-03-28T20:00", "2026-03-29T11:00"),  # over its beginning
    ],
)
def test_an_order_is_ready_two_shop_hours_later(ordered: str, ready: str) -> None:
    assert collect_from(EVERY_DAY, at(ordered)) == at(ready)


@pytest.mark.parametrize(
    ("ordered", "ready"),
    [
        ("2026-11-20T16:00", "2026-11-20T17:00"),
        ("2026-11-20T16:00:01", "2026-11-21T10:00"),  # after the cut-off: begun when it opens
        ("2026-11-21T12:30", "2026-11-24T09:30"),  # Saturday noon goes on on Tuesday
        ("2026-11-23T10:00", "2026-11-24T10:00"),
        ("2026-12-24T16:30", "2026-12-29T10:00"),  # over Christmas, a Sunday and a Monday
    ],
)
def test_the_cut_off_and_days_off_of_a_store_count(ordered: str, ready: str) -> None:
    assert collect_from(CAREFUL, at(ordered)) == at(ready)


@pytest.mark.parametrize(
    ("ordered", "leaves", "comes"),
    [
        ("2026-11-19T17:00", "2026-11-19T17:00", "2026-11-20"),  # Thursday, in time
        ("2026-11-19T17:00:01", "2026-11-20T17:00", "2026-11-21"),
        ("2026-11-20T18:00", "2026-11-21T17:00", "2026-11-23"),  # leaves on Saturday, and nothing comes on Sunday
        ("2026-11-21T12:00", "2026-11-21T17:00", "2026-11-23"),  # Saturday
        ("2026-11-22T12:00", "2026-11-23T17:00", "2026-11-24"),  # Sunday: leaves on Monday
        ("2026-12-24T12:00", "2026-12-24T17:00", "2026-12-28"),  # nothing comes at Christmas
        ("2026-10-24T18:00", "2026-10-26T17:00", "2026-10-27"),  # over the end of summer time
    ],
)
def test_a_parcel_comes_the_working_day_after_it_left(ordered: str, leaves: str, comes: str) -> None:
    sent = dispatch(EVERY_DAY, at(ordered))
    assert (sent.by, sent.comes_on) == (at(leaves), dt.date.fromisoformat(comes))


def test_a_parcel_leaves_while_its_location_is_open_and_is_so_long_on_its_way():
    # when it is ordered on Saturday after the store closed, which opens again on Tuesday
    sent = dispatch(CAREFUL, at("2026-11-21T13:30"))
    # then
    assert (sent.by, sent.comes_on) == (at("2026-11-24T17:00"), dt.date(2026, 11, 26))
    assert end_of_day(sent.comes_on, time_zone=ZONE) == at("2026-11-26T23:59")


def test_what_comes_first_is_told_first():
    groups = [(CAREFUL, frozenset({1})), (EVERY_DAY, frozenset({2}))]
    assert earliest_at_the_door(groups, at("2026-11-21T12:00")) == [
        (dt.date(2026, 11, 23), frozenset({2})),
        (dt.date(2026, 11, 24), frozenset({1})),
    ]


def test_where_nothing_ever_leaves_no_day_is_told():
    # given a store that is open on Sundays only, and one that is closed for long
    sundays = Hours(ZONE, week=[*[()] * 6, read_spans("12-17")])
    first = dt.date(2026, 11, 20)
    closed = Hours(ZONE, days={first + dt.timedelta(days=n): () for n in range(80)})
    for nowhere in (sundays, closed):
        assert dispatch(nowhere, at("2026-11-20T12:00")) is None
        assert what_takes_long(nowhere, at("2026-11-20T12:00")) == ""
    groups = [(sundays, frozenset({1})), (EVERY_DAY, frozenset({2}))]
    assert earliest_at_the_door(groups, at("2026-11-20T12:00")) == [(dt.date(2026, 11, 21), frozenset({2}))]


@pytest.mark.parametrize(
    ("ordered", "leaves"),
    [("2026-11-23T09:30", "2026-11-23T14:00"), ("2026-11-23T11:00", "2026-11-24T14:00")],
)
def test_what_leaves_is_picked_first_where_the_cut_off_is_before_it_opens(ordered: str, leaves: str) -> None:
    evening = Hours(ZONE, week=[read_spans("12-18")] * 7, parcel_cut_off=dt.time(10))
    assert dispatch(evening, at(ordered)).by == at(leaves)


@pytest.mark.parametrize(
    ("ordered", "why"),
    [
        ("2026-11-20T12:00", "comes_on:2026-11-23"),  # two working days on its way
        ("2026-11-20T17:30", "cut_off:17:00"),
        ("2026-11-21T13:30", "cut_off:13:00"),  # it closes before its cut-off
        ("2026-11-22T12:00", "closed_until:2026-11-24"),
    ],
)
def test_what_keeps_a_parcel_is_told(ordered: str, why: str) -> None:
    assert what_takes_long(CAREFUL, at(ordered)) == why


def test_a_speed_is_a_day_by_which_somebody_wants_it() -> None:
    day = dt.date(2026, 11, 21)
    assert [asked_by(speed, day, country="NL") for speed in ("same_day", "next_day", "standard", "")] == [
        day,
        dt.date(2026, 11, 23),  # on Sunday nothing is brought
        None,
        None,
    ]
