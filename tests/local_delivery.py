"""Stores that bring orders to customers near by, for tests."""

import datetime as dt
from typing import Any

from apps.network import directory
from apps.network.keeping_slots import add_slots, deliver_within
from apps.network.local_delivery import Slot, Times
from apps.network.models import Location
from tests.shop import Shop

HOME = {"postcode": "3512JC", "house_number": "1", "city": "Utrecht"}  # under a kilometre from S1, forty from S2
EVERY_DAY = range(7)


def brings(
    shop: Shop,
    location: Location,
    *times: tuple[int, int],
    capacity: int = 2,
    km: int = 10,
    cut_off: int = 60,
) -> None:
    """Let a store bring orders each day in these hours, (14, 16) without any."""
    shop.sends(location)
    deliver_within(location=location, km=km)
    for starts, ends in times or ((14, 16),):
        add_slots(
            location=location,
            weekdays=EVERY_DAY,
            starts=dt.time(starts),
            ends=dt.time(ends),
            capacity=capacity,
            cut_off_minutes=cut_off,
        )
    directory.forget()


def slot_id(location: Location, day: dt.date, starts: int = 14, ends: int = 16) -> str:
    slot = Slot(day.weekday(), starts * 60, ends * 60, 1, dt.timedelta())
    moment = dt.datetime.combine(day, dt.time(), dt.UTC)
    return Times(location.code, day, slot, moment, moment, moment).id


def brought(slot: str, **changes: Any) -> dict[str, Any]:
    """The fulfilment of an order that is brought to `HOME` at a time."""
    return {"method": "delivery", "address": HOME, "slot": slot} | changes
