"""Goals: set once with a frozen baseline, followed by measuring."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.kpis.models import DailySales, Goal, Measure, Milestone
from apps.kpis.services.measuring import figures, sold_in
from apps.portal.periods import Period

YEAR = 365
_PLACES = Decimal("0.0001")


@transaction.atomic
def set_goal(
    *,
    slug: str,
    name: str,
    measure: str,
    currency: str,
    baseline: Decimal,
    baseline_source: str,
    target: Decimal,
    starts_on: dt.date,
    ends_on: dt.date,
    owner: Any,
    why: str = "",
) -> Goal:
    """Set a goal for a number of whole years, with a milestone at the end of each.

    Milestones lie on the compound path: every year the same percentage on top of the year before. Amounts are per year in
    `currency`, shares are fractions of one.
    """
    years = _whole_years(starts_on, ends_on)
    if measure not in Measure.values:
        _refuse("measure", _("There is no measure %(measure)s.") % {"measure": measure})
    if baseline <= 0 or target <= 0:
        _refuse("baseline", _("A path that grows by a percentage starts and ends above nought."))
    if Measure(measure).is_amount and not currency:
        _refuse("currency", _("An amount has a currency."))
    goal = Goal.objects.create(
        slug=slug,
        name=name,
        measure=measure,
        currency=currency,
        baseline=baseline,
        baseline_source=baseline_source,
        target=target,
        starts_on=starts_on,
        ends_on=ends_on,
        owner=owner,
        why=why,
    )
    Milestone.objects.bulk_create(
        Milestone(
            goal=goal,
            due_on=_years_on(starts_on, year) - dt.timedelta(days=1),
            value=on_path(baseline, target, Decimal(year) / years),
        )
        for year in range(1, years + 1)
    )
    return goal


def on_path(baseline: Decimal, target: Decimal, part: Decimal) -> Decimal:
    """Where the compound path from baseline to target is after a part (0 to 1) of the way."""
    if part >= 1:
        return target
    return (baseline * (target / baseline) ** part).quantize(_PLACES)


def yearly_growth(goal: Goal) -> Decimal:
    """The growth per year that leads from baseline to target: 0.0574 is 5.74 %."""
    return (goal.target / goal.baseline) ** (Decimal(1) / _whole_years(goal.starts_on, goal.ends_on)) - 1


@dataclass(frozen=True)
class Progress:
    """How a goal stands.

    `value` is of the last twelve months, or, while there is less history, an amount taken over a whole year from the days
    there are (`is_extrapolated`). `growth` is against the twelve months before, None without two years of sales.
    """

    value: Decimal
    measured: Period
    is_extrapolated: bool
    path_today: Decimal
    growth: Decimal | None
    forecast: Decimal | None
    growth_needed: Decimal | None

    @property
    def is_on_path(self) -> bool:
        return self.value >= self.path_today


def progress_of(goal: Goal, days: QuerySet[DailySales]) -> Progress | None:
    """Measure a goal on the roll-ups; None when nothing was sold yet in its currency."""
    spans = sold_in(days)
    currency = goal.currency or next(iter(spans), "")
    if currency not in spans:
        return None
    first, last = spans[currency]
    measured = Period(max(first, last - dt.timedelta(days=YEAR - 1)), last)
    value = figures(days, currency=currency, period=measured).of(goal.measure)
    if value is None:
        return None
    is_extrapolated = Measure(goal.measure).is_amount and measured.days < YEAR
    if is_extrapolated:
        value = value * YEAR / measured.days
    way = Decimal((last - goal.starts_on).days) / (goal.ends_on - goal.starts_on).days
    left = Decimal((goal.ends_on - last).days) / YEAR
    growth = _growth(goal, days, currency, measured, value) if first <= measured.before.start else None
    return Progress(
        value=value,
        measured=measured,
        is_extrapolated=is_extrapolated,
        path_today=on_path(goal.baseline, goal.target, max(way, Decimal(0))),
        growth=growth,
        forecast=value * (1 + growth) ** left if growth is not None and left > 0 else None,
        growth_needed=(goal.target / value) ** (1 / left) - 1 if value > 0 and left > 0 else None,
    )


def _growth(goal: Goal, days: QuerySet[DailySales], currency: str, measured: Period, value: Decimal) -> Decimal | None:
    before = figures(days, currency=currency, period=measured.before).of(goal.measure)
    return value / before - 1 if before is not None and before > 0 else None


def _whole_years(start: dt.date, end: dt.date) -> int:
    years = (end + dt.timedelta(days=1)).year - start.year
    if years < 1 or _years_on(start, years) != end + dt.timedelta(days=1):
        _refuse(
            "ends_on", _("A goal runs for whole years, for instance from 1 January up to and including 31 December.")
        )
    return years


def _years_on(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return dt.date(day.year + years, 3, 1)


def _refuse(attr: str, detail: str) -> None:
    raise InvalidInput(detail, code="invalid", faults=[Fault("invalid", detail, attr)])
