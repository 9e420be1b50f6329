"""When a customer can have it: the rules of thumb that the chain promises by, the same for every location."""

import datetime as dt
from zoneinfo import ZoneInfo

from apps.network.opening import CLOSES, OPENS

PICK_TIME = dt.timedelta(hours=2)
LEAVES_UNTIL = dt.time(17)  # ordered by then on a working day, a parcel leaves the same day
_QUARTER = 15
_SUNDAY = 6


def collect_from(now: dt.datetime, *, time_zone: str) -> dt.datetime:
    """The moment from which an order placed `now` can be collected: two shop hours later, on the quarter."""
    local = now.astimezone(ZoneInfo(time_zone))
    start = local.replace(hour=OPENS.hour, minute=0, second=0, microsecond=0)
    ready = max(local, start) + PICK_TIME
    if ready.date() != local.date() or ready.time() > CLOSES:
        ready = start + dt.timedelta(days=1) + PICK_TIME
    past = dt.timedelta(minutes=ready.minute % _QUARTER, seconds=ready.second, microseconds=ready.microsecond)
    return ready - past + dt.timedelta(minutes=_QUARTER) if past else ready


def delivery_on(now: dt.datetime, *, time_zone: str) -> dt.date:
    """The day on which a parcel ordered `now` is brought: the day after it leaves; nothing leaves or comes on Sundays."""
    local = now.astimezone(ZoneInfo(time_zone))
    leaves = local.date()
    if local.time() > LEAVES_UNTIL:
        leaves += dt.timedelta(days=1)
    if leaves.weekday() == _SUNDAY:
        leaves += dt.timedelta(days=1)
    comes = leaves + dt.timedelta(days=1)
    return comes + dt.timedelta(days=1) if comes.weekday() == _SUNDAY else comes
