"""In which time slots a location can bring orders to customers near by, and until when they are to be ordered. Nothing here asks
the database.

A slot is written down by the clock on the wall of its location, and kept only on days on which that is open for all of it.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from apps.network.opening import Hours

LONGEST_AHEAD = 7
"""So many days, today included, can be chosen from at most."""
_ID = "%Y%m%d"
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time of a weekday (Monday is 0) in which a location brings at most `capacity` orders, ordered `cut_off` before it starts;
    `starts` and `ends` in minutes of the day by the clock on the wall."""

    weekday: int
    starts: int
    ends: int
    capacity: int
    cut_off: dt.timedelta


@dataclass(frozen=True, slots=True)
class Times:
    """What can be chosen: a slot of a location (by code) on a day, as moments. It is to be ordered until `order_by`."""

    location: str
    day: dt.date
    slot: Slot
    starts_at: dt.datetime
    ends_at: dt.datetime
    order_by: dt.datetime

    @property
    def id(self) -> str:
        """What channels call it: the same as long as it is offered, whatever else of it is changed."""
        return f"{self.location}_{self.day:{_ID}}_{_digits(self.slot.starts)}_{_digits(self.slot.ends)}"


class NotASlot(ValueError):
    """A text that names no time slot."""


@dataclass(frozen=True, slots=True)
class Named:
    """A time slot as an id names it, whether it is offered or not."""

    location: str
    day: dt.date
    starts: int
    ends: int


def read_id(text: str) -> Named:
    """What `Times.id` wrote. Raises `NotASlot` for anything else."""
    parts = text.rsplit("_", 3)
    if (
        [len(part) for part in parts[1:]] != [8, 4, 4]
        or not parts[0]
        or not all(p.isascii() and p.isdigit() for p in parts[1:])
    ):
        raise NotASlot(text)
    location, day, *clocks = parts
    try:
        on = dt.date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError as error:
        raise NotASlot(text) from error
    starts, ends = (int(clock[:2]) * 60 + int(clock[2:]) for clock in clocks)
    return Named(location, on, starts, ends)


def times_on(code: str, hours: Hours, slots: Sequence[Slot], day: dt.date) -> Iterator[Times]:
    """The slots of a location that it keeps on a day, in order: those for all of which it is open."""
    spans = hours.spans(day)
    for slot in slots:
        if slot.weekday == day.weekday() and any(o <= slot.starts and slot.ends <= c for o, c in spans):
            starts_at = hours.moment(day, slot.starts)
            yield Times(code, day, slot, starts_at, hours.moment(day, slot.ends, last=True), starts_at - slot.cut_off)


def times_from(code: str, hours: Hours, slots: Sequence[Slot], now: dt.datetime, *, days: int) -> Iterator[Times]:
    """What of the coming days, today first, can still be ordered."""
    today = hours.local_day(now)
    for n in range(min(days, LONGEST_AHEAD)):
        for times in times_on(code, hours, slots, today + n * _DAY):
            if now <= times.order_by:
                yield times


def clock(moment: dt.datetime, *, time_zone: str) -> str:
    """What the clock on the wall of a location says at a moment: "14:00"."""
    return f"{moment.astimezone(ZoneInfo(time_zone)):%H:%M}"


def _digits(minutes: int) -> str:
    return "{:02d}{:02d}".format(*divmod(minutes, 60))
