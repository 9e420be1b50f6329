"""Hours as they are written down, put together: what a location says of itself, else what the chain says, else the usual."""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.network.models import OpeningDay, Timetable
from apps.network.opening import Hours, NotHours, Spans, read_spans

log = logging.getLogger(__name__)

_BACK = dt.timedelta(days=60)
"""How long ago days with other hours still matter, to what is late since."""
_KEPT = 2000
_FIELDS = ("closes_on_holidays", "collect_cut_off", "parcel_cut_off", "picking_minutes", "transit_days")
_USUAL = Hours("")

_made: dict[tuple[Any, ...], Hours] = {}


def one_of(**said: Any) -> Hours:
    """Hours that say this; the same object for the same words, so that what is worked out of them is worked out once."""
    key = tuple(tuple(value.items()) if name == "days" else value for name, value in said.items())
    if key not in _made:
        if len(_made) >= _KEPT:
            _made.clear()
        _made[key] = Hours(**said)
    return _made[key]


@dataclass(frozen=True, slots=True)
class Timetables:
    """All that is written down of hours, by location id; None is the chain."""

    own: Mapping[int | None, tuple[Any, ...]]
    weeks: Mapping[int | None, tuple[Spans, ...]]
    days: Mapping[int | None, Mapping[dt.date, Spans]] = field(default_factory=dict)

    def hours(self, location_id: int | None, *, time_zone: str, country: str) -> Hours:
        """The hours that hold at a location, or (None) where nothing is said but by the chain."""
        nothing = (None,) * len(_FIELDS)
        mine, chain = self.own.get(location_id, nothing), self.own.get(None, nothing)
        closes, collect, parcels, picking, transit = [
            a if a is not None else b for a, b in zip(mine, chain, strict=True)
        ]
        days = {**self.days.get(None, {}), **self.days.get(location_id, {})}
        return one_of(
            time_zone=time_zone,
            country=country,
            week=self.weeks.get(location_id) or self.weeks.get(None) or _USUAL.week,
            days=dict(sorted(days.items())),
            closes_on_holidays=bool(closes),
            collect_cut_off=collect,
            parcel_cut_off=_USUAL.parcel_cut_off if parcels is None else parcels,
            picking=_USUAL.picking if picking is None else dt.timedelta(minutes=picking),
            transit_days=_USUAL.transit_days if transit is None else transit,
        )


def read_timetables(today: dt.date) -> Timetables:
    """What is written down, with the days that still matter. Two queries, whatever the number of locations.

    Hours that cannot be read are passed over, with an error in the log: they must not keep every page from opening.
    """
    rows = list(Timetable.objects.values_list("location_id", "week", *_FIELDS))
    days: dict[int | None, dict[dt.date, Spans]] = defaultdict(dict)
    for location_id, day, hours in OpeningDay.objects.filter(day__gte=today - _BACK).values_list(
        "location_id", "day", "hours"
    ):
        if (read := _read(location_id, hours)) is not None:
            days[location_id][day] = read[0]
    return Timetables(
        own={location_id: tuple(said) for location_id, _week, *said in rows},
        weeks={location_id: read for location_id, week, *_said in rows if week and (read := _read(location_id, *week))},
        days=days,
    )


def _read(location_id: int | None, *texts: str) -> tuple[Spans, ...] | None:
    """The hours of these days; None when one of them cannot be read."""
    try:
        return tuple(map(read_spans, texts))
    except NotHours:
        log.exception("The hours %s of location %s cannot be read", texts, location_id)
        return None
