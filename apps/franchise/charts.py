"""Credited revenue as bars over a period."""

from bisect import bisect_right
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.franchise.models import Evidence
from apps.franchise.services.reading import Revenue, Sums
from apps.portal import formats
from apps.portal.charts import BarChart, Series
from apps.portal.periods import Period

MOST_DAYS, MOST_WEEKS = 35, 27 * 7


def chart_of(revenue: Revenue, period: Period, currency: str) -> BarChart:
    """Bars per day, week or month, whichever fits, one colour for each kind of evidence that occurs."""
    parts, head, labels = _parts(period)
    kinds = [kind for kind in Evidence if revenue.of(kind).credited]
    by_part = _by_part(revenue, parts)
    wholes = [sum(sums.values(), Sums()) for sums in by_part]
    return BarChart(
        title=_title(revenue, kinds),
        text=_text(labels, [whole.credited for whole in wholes], currency),
        says=_(
            "Credited online revenue in %(currency)s, %(period)s, by why it was credited. The figures are in the table."
        )
        % {"currency": currency, "period": period},
        head=head,
        labels=labels,
        series=[Series(kind.label, [sums[kind].credited for sums in by_part]) for kind in kinds],
        total=_("Credited"),
        more=[
            Series(
                _("Returns"), [-sum((s.reversed for s in sums.values()), start=Sums().reversed) for sums in by_part]
            ),
            Series(_("Net"), [sum((s.net for s in sums.values()), start=Sums().net) for sums in by_part]),
        ],
    )


def _parts(period: Period) -> tuple[list[Period], str, list[str]]:
    if period.days <= MOST_DAYS:
        days = [Period(day, day) for day in period]
        return days, _("Day"), [_day(part.start) for part in days]
    if period.days <= MOST_WEEKS:
        weeks = period.weeks
        return weeks, _("Week"), [_("wk %(week)s") % {"week": part.start.isocalendar().week} for part in weeks]
    months = period.months
    return months, _("Month"), [formats.dated(part.start, "M Y") for part in months]


def _day(day: date) -> str:
    return formats.dated(day, "j M")


def _by_part(revenue: Revenue, parts: list[Period]) -> list[dict[Evidence, Sums]]:
    starts = [part.start for part in parts]
    by_part = [dict.fromkeys(Evidence, Sums()) for _part in parts]
    for (day, kind), sums in revenue.by.items():
        there = by_part[bisect_right(starts, day) - 1]
        there[kind] += sums
    return by_part


def _title(revenue: Revenue, kinds: list[Evidence]) -> str:
    total = revenue.total().credited
    if not total:
        return _("Only returns in this period")
    most = max(kinds, key=lambda kind: revenue.of(kind).credited)
    share = {"share": formats.percent(revenue.of(most).credited / total)}
    match most:
        case Evidence.COLLECT:
            return _("Collecting brings %(share)s of it") % share
        case Evidence.REFERRAL:
            return _("Referrals bring %(share)s of it") % share
        case Evidence.HOME:
            return _("Own customers bring %(share)s of it") % share
        case _:
            return _("%(share)s of it stays with head office") % share


def _text(labels: list[str], totals: list[Decimal], currency: str) -> str:
    best = max(range(len(labels)), key=lambda n: totals[n])
    return _("The highest bar is %(when)s with %(amount)s. Returns are in the table.") % {
        "when": labels[best],
        "amount": formats.money(totals[best], currency),
    }
