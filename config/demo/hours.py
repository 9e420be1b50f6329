"""When the demo's stores and distribution centres are open."""

import datetime as dt

from apps.network.keeping_hours import set_hours, set_opening_day
from apps.network.public_holidays import public_holidays
from config.demo.chain import Chain
from config.demo.plan import Plan

_WEEK = ("9-18", "9-18", "9-18", "9-21", "9-18", "9-17", "12-17")
_WITHOUT_SUNDAY = (*_WEEK[:6], "")
_OVER_LUNCH = ("", *["9-12:30, 13:30-18"] * 4, "9-17", "")
_DAY_AND_NIGHT = (*["6-24"] * 5, "6-18", "")
_OTHERWISE = (_WITHOUT_SUNDAY, _OVER_LUNCH)


def open_doors(plan: Plan, chain: Chain) -> None:
    """Stores keep the week of the chain, every third one of its own; some days differ. Orders to collect wait until the next
    day after five, parcels of stores after four, those of a distribution centre hardly ever."""
    set_hours(
        location=None, week=_WEEK, closes_on_holidays=True, collect_cut_off=dt.time(17), parcel_cut_off=dt.time(16)
    )
    for n, store in enumerate(chain.stores):
        if n % 3 == 1 and store != chain.demo_store:
            set_hours(location=store, week=_OTHERWISE[n // 3 % 2])
    for dc in chain.dcs:
        set_hours(location=dc, week=_DAY_AND_NIGHT, parcel_cut_off=dt.time(22), picking_minutes=60)
    # Shops are open on some holidays all the same, and close early before Christmas.
    for year in (plan.today.year, plan.today.year + 1):
        for day in public_holidays(country="NL", year=year):
            if day > plan.today and (day.month, day.day) == (12, 26):
                set_opening_day(location=None, day=day, hours="12-17", name="Tweede kerstdag")
        eve = dt.date(year, 12, 24)
        if eve > plan.today:
            set_opening_day(location=None, day=eve, hours="9-16", name="Kerstavond")
    set_opening_day(location=chain.demo_store, day=plan.today + dt.timedelta(days=9), hours="", name="Verbouwing")
