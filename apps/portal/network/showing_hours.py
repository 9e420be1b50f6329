"""Opening hours as people read them: the week, days that differ, and how fast orders go."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.network.models import Location, OpeningDay
from apps.network.opening import Hours, Spans
from apps.network.public_holidays import public_holidays
from apps.portal import formats
from apps.portal.pages import Fact

_AHEAD = dt.timedelta(days=365)


@dataclass(frozen=True)
class OtherDay:
    """A day with other hours, or a public holiday. `said` is what was written down for it, if anything was."""

    day: dt.date
    name: str
    hours: str
    said: OpeningDay | None = None
    is_of_chain: bool = False


def in_words(spans: Spans) -> str:
    """Hours as people read them: "09:00–12:30, 13:30–18:00"."""
    return ", ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in spans) or _("closed")


def _clock(minutes: int) -> str:
    return "{:02d}:{:02d}".format(*divmod(minutes, 60))


def week_of(hours: Hours) -> list[Fact]:
    return [Fact(capfirst(str(WEEKDAYS[n])), in_words(spans)) for n, spans in enumerate(hours.week)]


def pace_of(hours: Hours) -> list[Fact]:
    """Until when orders are handled the same day, and how long they take."""

    def until(cut_off: dt.time | None) -> str:
        return f"{cut_off:%H:%M}" if cut_off else _("closing time")

    n = hours.transit_days
    days = ngettext("%(n)s working day", "%(n)s working days", n) % {"n": formats.quantity(n)} if n else _("same day")
    return [
        Fact(_("To collect, begun the same day until"), until(hours.collect_cut_off)),
        Fact(_("Parcels leave the same day until"), until(hours.parcel_cut_off)),
        Fact(_("Opening time to pick"), formats.duration(hours.picking)),
        Fact(_("A parcel is on its way"), days),
    ]


def days_to_come(location: Location | None, days: QuerySet[OpeningDay], hours: Hours) -> list[OtherDay]:
    """What differs from the week in the coming year: what was written down, of the location before that of the chain, and public
    holidays on which it is closed."""
    today = timezone.localdate()
    of = Q(location=None) | Q(location=location) if location else Q(location=None)
    found = {day: OtherDay(day, name, in_words(hours.spans(day))) for day, name in _holidays(hours, today)}
    for said in days.filter(of, day__gte=today).select_related("location").order_by("location_id"):
        before = found.get(said.day)
        if before is not None and before.said is not None and before.said.location is not None:
            continue  # the location's own word counts
        name = said.name or (before.name if before else "")
        is_of_chain = location is not None and said.location is None
        found[said.day] = OtherDay(said.day, name, in_words(hours.spans(said.day)), said, is_of_chain)
    return [found[day] for day in sorted(found)]


def _holidays(hours: Hours, today: dt.date) -> Iterable[tuple[dt.date, str]]:
    if not hours.closes_on_holidays:
        return
    for year in (today.year, today.year + 1):
        for day, name in public_holidays(country=hours.country, year=year).items():
            if today <= day < today + _AHEAD:
                yield day, capfirst(name)
