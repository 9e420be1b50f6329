"""Days and nights as people count them, whatever the clock in UTC says: business dates, and the hours for what takes long."""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone

_NIGHT = range(1, 6)  # o'clock


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def business_date(at: dt.datetime, time_zone: str) -> dt.date:
    """The local date of `at` (aware) in the named time zone."""
    return at.astimezone(_zone(time_zone)).date()


def is_night() -> bool:
    """Whether few people work now, by the chain's clock: the time for what takes long."""
    return timezone.localtime().hour in _NIGHT
