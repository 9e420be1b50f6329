import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from apps.inventory.services.promise_dates import collect_from, delivery_on

ZONE = "Europe/Amsterdam"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("ordered", "ready"),
    [
        ("2026-11-20T10:00", "2026-11-20T12:00"),
        ("2026-11-20T10:01", "2026-11-20T12:15"),
        ("2026-11-20T06:30", "2026-11-20T11:00"),  # before the shop opens
        ("2026-11-20T16:00", "2026-11-20T18:00"),
        ("2026-11-20T16:01", "2026-11-21T11:00"),  # not before it closes
        ("2026-11-20T23:59", "2026-11-21T11:00"),
        ("2026-10-24T20:00", "2026-10-25T11:00"),  # over the end of summer time
    ],
)
def test_an_order_is_ready_two_shop_hours_later(ordered: str, ready: str) -> None:
    assert collect_from(at(ordered), time_zone=ZONE) == at(ready)


@pytest.mark.parametrize(
    ("ordered", "comes"),
    [
        ("2026-11-19T17:00", "2026-11-20"),  # Thursday, in time
        ("2026-11-19T17:01", "2026-11-21"),
        ("2026-11-20T18:00", "2026-11-23"),  # leaves on Saturday, and nothing comes on Sunday
        ("2026-11-21T12:00", "2026-11-23"),  # Saturday
        ("2026-11-22T12:00", "2026-11-24"),  # Sunday: leaves on Monday
    ],
)
def test_a_parcel_comes_the_working_day_after_it_left(ordered: str, comes: str) -> None:
    assert delivery_on(at(ordered), time_zone=ZONE) == dt.date.fromisoformat(comes)
