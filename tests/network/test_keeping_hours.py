"""What is written down of opening hours, and what holds where."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.errors import InvalidInput
from apps.network.directory import hours_of, locations
from apps.network.keeping_hours import drop_opening_day, set_hours, set_opening_day
from apps.network.models import Location, OpeningDay, Timetable

WEEK = ["9-18"] * 6 + [""]
SUNDAY, DAY = dt.date(2027, 2, 7), dt.date(2027, 2, 9)
NINE_TO_SIX = ((540, 1080),)


@pytest.fixture
def store(db: None) -> Location:
    return Location.objects.create(code="S1", name="Utrecht", postcode="3511AB", city="Utrecht")


@pytest.fixture
def other(db: None) -> Location:
    return Location.objects.create(
        code="S2", name="Kiel", postcode="24103", city="Kiel", country="DE", time_zone="Europe/Berlin"
    )


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done after a commit is done at once."""
    monkeypatch.setattr(transaction, "on_commit", lambda act: act())


def spans(location: Location, day: dt.date) -> object:
    return locations().by_id[location.pk].hours.spans(day)


def test_until_the_chain_says_otherwise_it_is_open_from_nine_to_six_every_day(store: Location) -> None:
    assert spans(store, SUNDAY) == NINE_TO_SIX
    assert spans(store, dt.date(2026, 12, 25)) == NINE_TO_SIX


def test_a_store_keeps_the_hours_of_the_chain_and_says_what_differs(store: Location, other: Location) -> None:
    # when
    set_hours(location=None, week=WEEK, closes_on_holidays=True, collect_cut_off=dt.time(16), transit_days=2)
    set_hours(location=other, week=None, collect_cut_off=dt.time(12), picking_minutes=30)
    # then
    mine, theirs = (locations().by_id[location.pk].hours for location in (store, other))
    assert (mine.spans(SUNDAY), theirs.spans(SUNDAY)) == ((), ())
    assert (mine.collect_cut_off, theirs.collect_cut_off) == (dt.time(16), dt.time(12))
    assert (mine.picking, theirs.picking) == (dt.timedelta(hours=2), dt.timedelta(minutes=30))
    assert (mine.transit_days, mine.parcel_cut_off) == (2, dt.time(17))
    assert (theirs.country, theirs.time_zone) == ("DE", "Europe/Berlin")
    king = dt.date(2027, 4, 27)
    assert (mine.is_open_on(king), theirs.is_open_on(king)) == (False, True)  # a holiday in one country only


def test_stores_with_the_same_hours_share_what_is_worked_out_of_them(store: Location) -> None:
    third = Location.objects.create(code="S3", name="Leiden", postcode="2312AB", city="Leiden")
    set_hours(location=store, week=["9-18"] * 7)
    by_id = locations().by_id
    assert by_id[store.pk].hours is by_id[third.pk].hours


def test_a_day_of_the_store_counts_before_that_of_the_chain(store: Location, other: Location) -> None:
    set_opening_day(location=None, day=DAY, hours="", name="Stock-taking")
    mine = set_opening_day(location=store, day=DAY, hours="12-17")
    assert (spans(store, DAY), spans(other, DAY)) == (((720, 1020),), ())
    drop_opening_day(opening_day=mine)
    assert spans(store, DAY) == ()


def test_a_day_that_is_said_twice_is_written_down_once(store: Location) -> None:
    set_opening_day(location=store, day=DAY, hours="12-17")
    set_opening_day(location=store, day=DAY, hours="10-12", name="Move")
    said = OpeningDay.objects.get()
    assert (said.hours, said.name) == ("10:00-12:00", "Move")
    set_hours(location=None, week=WEEK)
    set_hours(location=None, week=None)
    assert Timetable.objects.count() == 1


@pytest.mark.parametrize(
    ("week", "attr"), [(["9-18", "18-9", *WEEK[2:]], "week.1"), ([""] * 7, "week"), (["9-18"], "week")]
)
def test_a_week_that_cannot_be_is_refused(store: Location, week: list[str], attr: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        set_hours(location=store, week=week)
    assert [fault.attr for fault in refused.value.faults] == [attr]
    assert not Timetable.objects.exists()


def test_a_day_that_is_over_is_refused(store: Location) -> None:
    with pytest.raises(InvalidInput):
        set_opening_day(location=store, day=timezone.localdate() - dt.timedelta(days=1), hours="")


def test_the_database_takes_no_week_without_an_open_day_nor_two_of_the_chain(db: None) -> None:
    for wrong in ({"week": [""] * 7}, {"week": ["09:00-18:00"]}, {"picking_minutes": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Timetable.objects.create(**wrong)
    Timetable.objects.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        Timetable.objects.create()


def test_without_a_location_the_chain_speaks(db: None) -> None:
    set_hours(location=None, week=WEEK)
    assert hours_of(None, time_zone="Europe/Amsterdam").spans(SUNDAY) == ()


def test_more_hours_than_can_be_written_down_are_refused_not_cut_off(store: Location) -> None:
    many = "1-2,3-4,5-6,7-8,9-10,11-12,13-14"
    with pytest.raises(InvalidInput) as week:
        set_hours(location=store, week=[many, *WEEK[1:]])
    with pytest.raises(InvalidInput) as day:
        set_opening_day(location=store, day=DAY, hours=many)
    assert [fault.attr for refused in (week, day) for fault in refused.value.faults] == ["week.0", "hours"]


def test_hours_that_cannot_be_read_are_passed_over_and_told_of(
    store: Location, other: Location, caplog: pytest.LogCaptureFixture
) -> None:
    # given what somebody wrote past the form
    set_hours(location=None, week=WEEK)
    Timetable.objects.create(location=store, week=["9-"] * 7, transit_days=3)
    OpeningDay.objects.create(location=other, day=DAY, hours="nine")
    # when
    mine, theirs = (locations(knowing=[place.pk]).by_id[place.pk].hours for place in (store, other))
    # then what the chain keeps holds there
    assert (mine.spans(DAY), mine.transit_days, theirs.spans(DAY)) == (NINE_TO_SIX, 3, NINE_TO_SIX)
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2
