"""When locations are open: the hours that the chain keeps, the same everywhere and every day."""

import datetime as dt
from zoneinfo import ZoneInfo

OPENS, CLOSES = dt.time(9), dt.time(18)
DAY = dt.timedelta(hours=CLOSES.hour - OPENS.hour)
"""How long a location is open in a day."""


def open_time_after(moment: dt.datetime, length: dt.timedelta, *, time_zone: str) -> dt.datetime:
    """The first moment by which a location was open for `length` (more than nothing) since `moment`."""
    day, rest = divmod(_opened(moment, time_zone) + length, DAY)
    return _moment(day - 1, DAY, time_zone) if not rest else _moment(day, rest, time_zone)


def open_time_before(moment: dt.datetime, length: dt.timedelta, *, time_zone: str) -> dt.datetime:
    """The last moment since which a location was open for `length` by `moment`.

    So `open_time_after(since, length) <= now` exactly where `since <= open_time_before(now, length)`.
    """
    day, rest = divmod(_opened(moment, time_zone) - length, DAY)
    return _moment(day, rest, time_zone)


def closing_time(day: dt.date, *, time_zone: str) -> dt.datetime:
    """When locations close on a day."""
    return dt.datetime.combine(day, CLOSES, ZoneInfo(time_zone))


def _opened(moment: dt.datetime, time_zone: str) -> dt.timedelta:
    """How long a location had been open by then, counted from the year 1."""
    local = moment.astimezone(ZoneInfo(time_zone))
    today = local.replace(tzinfo=None) - dt.datetime.combine(local.date(), OPENS)
    return local.toordinal() * DAY + min(max(today, dt.timedelta(0)), DAY)


def _moment(day: int, open_for: dt.timedelta, time_zone: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromordinal(day), OPENS, ZoneInfo(time_zone)) + open_for
