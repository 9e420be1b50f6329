"""Business dates: the day on which a location or channel counts something, whatever the clock in UTC says."""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def business_date(at: dt.datetime, time_zone: str) -> dt.date:
    """The local date of `at` (aware) in the named time zone."""
    return at.astimezone(_zone(time_zone)).date()
