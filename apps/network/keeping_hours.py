"""Saying when a location is open and how fast it handles orders. What it was and who changed it is in the audit trail."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.network import directory
from apps.network.models import Location, OpeningDay, Timetable
from apps.network.opening import LONGEST, NotHours, read_spans, write_spans

WEEKDAYS = 7


@transaction.atomic
def set_hours(
    *,
    location: Location | None,
    week: Sequence[str] | None,
    closes_on_holidays: bool | None = None,
    collect_cut_off: dt.time | None = None,
    parcel_cut_off: dt.time | None = None,
    picking_minutes: int | None = None,
    transit_days: int | None = None,
) -> Timetable:
    """What a location keeps from now on, or (None) the chain; None means as the chain, for the chain itself as usual.

    `week` has a text per day, as `opening.read_spans` takes it. What was promised stays promised. Raises InvalidInput, naming the
    days as `week.0` to `week.6`, for what is no hours, and `week` for a week in which it never opens.
    """
    said = [_said(text, f"week.{n}") for n, text in enumerate(week)] if week is not None else None
    if said is not None and (len(said) != WEEKDAYS or not any(said)):
        detail = _("Say on which day it is open.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "week")])
    row, _created = Timetable.objects.update_or_create(
        location=location,
        defaults={
            "week": said,
            "closes_on_holidays": closes_on_holidays,
            "collect_cut_off": collect_cut_off,
            "parcel_cut_off": parcel_cut_off,
            "picking_minutes": picking_minutes,
            "transit_days": transit_days,
        },
    )
    transaction.on_commit(directory.forget)
    return row


@transaction.atomic
def set_opening_day(*, location: Location | None, day: dt.date, hours: str, name: str = "") -> OpeningDay:
    """On a day a location (None: the whole chain) keeps other hours; without any it is closed. Said again, the last holds.

    Raises InvalidInput for a day that is over, or what is no hours.
    """
    if day < timezone.localdate():
        detail = _("Choose today or a later day.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "day")])
    said, _created = OpeningDay.objects.update_or_create(
        location=location, day=day, defaults={"hours": _said(hours, "hours"), "name": name}
    )
    transaction.on_commit(directory.forget)
    return said


@transaction.atomic
def drop_opening_day(*, opening_day: OpeningDay) -> None:
    """The day is like others of the week again, or what the chain says of it."""
    opening_day.delete()
    transaction.on_commit(directory.forget)


def _said(text: str, attr: str) -> str:
    """Hours as they are kept. Raises InvalidInput for what says none, or too many: PostgreSQL would cut them off."""
    try:
        written = write_spans(read_spans(text))
    except NotHours as error:
        detail = _("Write hours like 9:00-18:00, or 9:00-12:30, 13:30-18:00. “%(text)s” says none.") % {"text": error}
        raise InvalidInput(detail, faults=[Fault("invalid", detail, attr)]) from error
    if len(written) > LONGEST:
        detail = _("Too many hours for one day: “%(text)s” is longer than %(n)s characters.") % {
            "text": written,
            "n": LONGEST,
        }
        raise InvalidInput(detail, faults=[Fault("max_length", detail, attr)])
    return written
