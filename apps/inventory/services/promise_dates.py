"""When a customer can have it: what follows from the hours of the location that handles it. Nothing here asks the database.

Everything that speaks of a day or a moment asks here: availability, orders, letters, the work of stores, sourcing.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from apps.inventory.models.sourcing import Speed
from apps.network.opening import Hours
from apps.network.public_holidays import is_public_holiday

_DAY = dt.timedelta(days=1)
_MINUTE = dt.timedelta(minutes=1)
_QUARTER = dt.timedelta(minutes=15)
_SUNDAY = 6
_KEPT = 4096  # answers of the last minutes
_LAST_MINUTE = dt.time(23, 59)
_AHEAD = 60
"""How many days after the order a day is looked for on which its parcel leaves."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """When a parcel leaves (until `by`, a moment on the day) and on which day it is at the door."""

    by: dt.datetime
    comes_on: dt.date


def collect_from(hours: Hours, placed: dt.datetime) -> dt.datetime:
    """The moment from which an order placed then can be collected, on the quarter and while the store is open.

    It is begun at once, or when the store opens; on the next day that it does after the cut-off.
    """
    return _collect_from(hours, _to_the_minute(placed))


@lru_cache(maxsize=_KEPT)
def _collect_from(hours: Hours, placed: dt.datetime) -> dt.datetime:
    begins, day = placed, hours.local_day(placed)
    if hours.collect_cut_off is not None and hours.is_open_on(day) and placed > _at(hours, day, hours.collect_cut_off):
        begins = hours.moments(hours.next_open_day(day + _DAY))[0][0]
    ready = hours.open_after(begins, hours.picking)
    past = dt.timedelta(minutes=ready.minute % 15, seconds=ready.second, microseconds=ready.microsecond)
    return hours.open_at(ready - past + _QUARTER if past else ready)


def dispatch(hours: Hours, placed: dt.datetime) -> Dispatch | None:
    """When a parcel ordered then leaves, and comes. Nothing leaves after the cut-off or while the location is closed, and nothing
    leaves or comes on Sundays and public holidays. None when nothing leaves in the coming weeks, as where it is only open on
    Sundays."""
    return _dispatch(hours, _to_the_minute(placed))


@lru_cache(maxsize=_KEPT)
def _dispatch(hours: Hours, placed: dt.datetime) -> Dispatch | None:
    first = hours.local_day(placed)
    days = (first + n * _DAY for n in range(_AHEAD))
    day = next((d for d in days if _sends_on(hours, d) and placed <= _ordered_until(hours, d)), None)
    if day is None:
        return None
    comes = day
    for _ in range(hours.transit_days):
        comes = _next_on_the_road(hours.country, comes)
    return Dispatch(_leaves_until(hours, day), comes)


def asked_by(speed: str, day: dt.date, *, country: str) -> dt.date | None:
    """By which day somebody wants it who asked for a speed on a day: that day, or the next on which anything is brought there;
    None for whenever it comes."""
    if speed == Speed.SAME_DAY:
        return day
    return _next_on_the_road(country, day) if speed == Speed.NEXT_DAY else None


def what_takes_long(hours: Hours, placed: dt.datetime) -> str:
    """Why a parcel ordered then does not come sooner: "closed_until:2026-11-23", "cut_off:16:00", or "comes_on:2026-11-25"
    where it leaves the same day; blank when it does not leave at all."""
    day, sent = hours.local_day(placed), dispatch(hours, placed)
    if sent is None:
        return ""
    leaves = hours.local_day(sent.by)
    if leaves == day:
        return f"comes_on:{sent.comes_on.isoformat()}"
    if not _sends_on(hours, day):
        return f"closed_until:{leaves.isoformat()}"
    return f"cut_off:{_ordered_until(hours, day).astimezone(ZoneInfo(hours.time_zone)):%H:%M}"


def end_of_day(day: dt.date, *, time_zone: str) -> dt.datetime:
    """The last minute of a day, until which what comes on it is in time."""
    return dt.datetime.combine(day, _LAST_MINUTE, ZoneInfo(time_zone)).astimezone(dt.UTC)


def earliest_at_the_door(
    senders: Iterable[tuple[Hours, frozenset[int]]], now: dt.datetime
) -> Sequence[tuple[dt.date, frozenset[int]]]:
    """The day on which a parcel ordered now comes, for groups of locations with the same hours; the earliest first, without those
    from which none leaves."""
    found = [(sent.comes_on, ids) for hours, ids in senders if (sent := dispatch(hours, now)) is not None]
    return sorted(found, key=lambda group: group[0])


def _to_the_minute(moment: dt.datetime) -> dt.datetime:
    """The end of the minute of a moment. Hours and cut-offs are whole minutes, so nothing else follows from it; and what is
    worked out for a minute is worked out once, however many ask."""
    past = dt.timedelta(seconds=moment.second, microseconds=moment.microsecond)
    return moment - past + _MINUTE if past else moment


def _at(hours: Hours, day: dt.date, wall: dt.time) -> dt.datetime:
    return hours.moment(day, wall.hour * 60 + wall.minute)


def _ordered_until(hours: Hours, day: dt.date) -> dt.datetime:
    """Until when what is ordered leaves on a day on which it is open."""
    closes = hours.moments(day)[-1][1]
    return closes if hours.parcel_cut_off is None else min(closes, _at(hours, day, hours.parcel_cut_off))


def _leaves_until(hours: Hours, day: dt.date) -> dt.datetime:
    """By when that leaves: at the cut-off, or where that is before it opens, once it is picked."""
    until, (opens, _closes) = _ordered_until(hours, day), hours.moments(day)[0]
    return until if until > opens else min(hours.moments(day)[-1][1], hours.open_after(opens, hours.picking))


def _sends_on(hours: Hours, day: dt.date) -> bool:
    """Whether it is open while carriers are on the road."""
    return hours.is_open_on(day) and _goes(hours.country, day)


def _goes(country: str, day: dt.date) -> bool:
    """Whether carriers are on the road."""
    return day.weekday() != _SUNDAY and not is_public_holiday(day, country=country)


def _next_on_the_road(country: str, day: dt.date) -> dt.date:
    day += _DAY
    while not _goes(country, day):
        day += _DAY
    return day
