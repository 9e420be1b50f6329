"""When a location is open, and when work that takes so much opening time is done. Nothing here asks the database.

Hours are written down as people say them, by the clock on the wall; everything is worked out between moments, so a night on
which the clock changes is as long as it is.
"""

import datetime as dt
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from apps.network.public_holidays import is_public_holiday

Span = tuple[int, int]
"""From and until, in minutes of the day by the clock on the wall; midnight at the end is 1440."""
Spans = tuple[Span, ...]
Moments = tuple[dt.datetime, dt.datetime]

_DAY = dt.timedelta(days=1)
_MINUTES = 24 * 60
_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|tot|to)\s*(\d{1,2})(?:[:.](\d{2}))?")
_KEPT = 1000
LONGEST = 80
"""So many characters the hours of a day may take, written down."""


class NotHours(ValueError):
    """A text that says no opening hours."""


def read_spans(text: str) -> Spans:
    """Opening hours of a day as people write them: "9:00-12:30, 13:30-18:00"; nothing means closed.

    Raises `NotHours` for what cannot be read, or overlaps.
    """
    spans = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = _SPAN.fullmatch(part)
        if found is None:
            raise NotHours(part)
        opens, closes = (int(found[n]) * 60 + int(found[n + 1] or 0) for n in (1, 3))
        if not opens < closes <= _MINUTES or int(found[2] or 0) > 59 or int(found[4] or 0) > 59:
            raise NotHours(part)
        spans.append((opens, closes))
    spans.sort()
    if any(before[1] > after[0] for before, after in itertools.pairwise(spans)):
        raise NotHours(text)
    return tuple(spans)


def write_spans(spans: Spans) -> str:
    """The same as it is kept and shown: "09:00-12:30, 13:30-18:00"."""
    return ", ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in spans)


def _clock(minutes: int) -> str:
    return "{:02d}:{:02d}".format(*divmod(minutes, 60))


USUAL_WEEK: tuple[Spans, ...] = (((9 * 60, 18 * 60),),) * 7
"""What holds until the chain has said otherwise: nine to six, every day."""


@dataclass(frozen=True, eq=False)
class Hours:
    """When a location is open, until when orders are still handled the same day, and how long that takes.

    `week` has the spans of Monday to Sunday, of which at least one is open; `days` those of dated exceptions. On public
    holidays of its country it is closed where `closes_on_holidays`, unless an exception says otherwise. An order after
    `collect_cut_off`, or a parcel after `parcel_cut_off`, is handled on the next day it is open (None: as long as it
    is open). `picking` is opening time from order to ready; a parcel is `transit_days` on its way. Compared by identity: equal
    hours are one object (`timetables`).
    """

    time_zone: str
    country: str = "NL"
    week: Sequence[Spans] = USUAL_WEEK
    days: Mapping[dt.date, Spans] = field(default_factory=dict)
    closes_on_holidays: bool = False
    collect_cut_off: dt.time | None = None
    parcel_cut_off: dt.time | None = dt.time(17)
    picking: dt.timedelta = dt.timedelta(hours=2)
    transit_days: int = 1
    _known: dict[dt.date, tuple[Moments, ...]] = field(default_factory=dict, repr=False)

    def spans(self, day: dt.date) -> Spans:
        """The hours of a day by the clock on the wall; none when it is closed."""
        if day in self.days:
            return self.days[day]
        if self.closes_on_holidays and is_public_holiday(day, country=self.country):
            return ()
        return self.week[day.weekday()]

    def is_open_on(self, day: dt.date) -> bool:
        return bool(self.spans(day))

    def moments(self, day: dt.date) -> tuple[Moments, ...]:
        """The hours of a day as moments in UTC."""
        known = self._known.get(day)
        if known is None:
            if len(self._known) > _KEPT:
                self._known.clear()
            known = self._known[day] = tuple(
                (self.moment(day, opens), self.moment(day, closes, last=True)) for opens, closes in self.spans(day)
            )
        return known

    def moment(self, day: dt.date, minutes: int, *, last: bool = False) -> dt.datetime:
        """When the clock on the wall says so many minutes; on a night on which it says so twice, the first or `last` time."""
        wall = (dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)).replace(
            tzinfo=ZoneInfo(self.time_zone)
        )
        first = wall.astimezone(dt.UTC)
        return max(first, wall.replace(fold=1).astimezone(dt.UTC)) if last else first

    def local_day(self, moment: dt.datetime) -> dt.date:
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def open_after(self, moment: dt.datetime, length: dt.timedelta) -> dt.datetime:
        """The first moment by which it was open for `length` (more than nothing) since `moment`."""
        for opens, closes in self._from(moment):
            there = closes - max(opens, moment)
            if length <= there:
                return closes - (there - length)
            length -= max(there, dt.timedelta(0))
        raise AssertionError("a week has a day on which it is open")

    def open_before(self, moment: dt.datetime, length: dt.timedelta) -> dt.datetime:
        """The last moment since which it was open for `length` by `moment`.

        So `open_after(since, length) <= now` exactly where `since <= open_before(now, length)`.
        """
        day = self.local_day(moment)
        while True:
            for opens, closes in reversed(self.moments(day)):
                there = min(closes, moment) - opens
                if there >= length:
                    return opens + (there - length)
                length -= max(there, dt.timedelta(0))
            day -= _DAY

    def open_at(self, moment: dt.datetime) -> dt.datetime:
        """The moment itself while it is open, else when it opens next; at closing time it is closed."""
        return next(max(opens, moment) for opens, closes in self._from(moment) if closes > moment)

    def next_open_day(self, day: dt.date) -> dt.date:
        """The day itself when it opens then, else the next on which it does."""
        while not self.is_open_on(day):
            day += _DAY
        return day

    def closing_time(self, day: dt.date) -> dt.datetime:
        """When it closes on a day, or on the next on which it is open."""
        return self.moments(self.next_open_day(day))[-1][1]

    def _from(self, moment: dt.datetime) -> Iterator[Moments]:
        day = self.local_day(moment)
        while True:
            yield from self.moments(day)
            day += _DAY
