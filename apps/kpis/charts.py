"""Net sales by month, and the path of a goal, as bars."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.kpis.links import orders_url
from apps.kpis.services.measuring import Figures
from apps.portal import formats
from apps.portal.charts import BarChart, Series
from apps.portal.periods import Period


def chart_of_months(by_month: dict[dt.date, Figures], period: Period, currency: str) -> BarChart:
    """Net sales per calendar month, stores below and online on top."""
    months = [month.start.replace(day=1) for month in period.months]
    found = [by_month.get(month, Figures()) for month in months]
    series = _series(found)
    return BarChart(
        title=_title(found),
        text=_text(months, found, period, currency),
        says=_("Net sales in %(currency)s by month, %(period)s. The figures are in the table.")
        % {"currency": currency, "period": period},
        head=_("Month"),
        labels=[formats.dated(month, "M Y") for month in months],
        series=series,
        total=_total(series),
        urls=[orders_url(currency=currency, period=month) for month in period.months],
    )


def chart_of_days(by_day: dict[dt.date, Figures], period: Period, currency: str) -> BarChart:
    """Net sales per day of a period, told beside the same number of days before it: `by_day` holds both."""
    days = list(period)
    found = [by_day.get(day, Figures()) for day in days]
    series = _series(found)
    return BarChart(
        title=_change(found, [by_day.get(day, Figures()) for day in period.before], len(days)),
        text=_("Net sales of %(period)s: %(amount)s.")
        % {"period": period, "amount": formats.money(_net(found), currency)},
        says=_("Net sales in %(currency)s by day, %(period)s. The figures are in the table.")
        % {"currency": currency, "period": period},
        head=_("Day"),
        labels=[formats.dated(day, "j M") for day in days],
        series=series,
        total=_total(series),
        urls=[orders_url(currency=currency, period=Period(day, day)) for day in days],
    )


def _series(found: list[Figures]) -> list[Series]:
    """Stores and online, of which at least the first is drawn."""
    series = [Series(_("Stores"), [f.store.net for f in found]), Series(_("Online"), [f.online.net for f in found])]
    return [each for each in series if any(each.values)] or series[:1]


def _total(series: list[Series]) -> str:
    """The head of the column of totals, where there is more than one thing to add up."""
    return _("Total") if len(series) > 1 else ""


def _net(found: list[Figures]) -> Decimal:
    return sum((f.total.net for f in found), Decimal(0))


def _change(found: list[Figures], before: list[Figures], days: int) -> str:
    """What became of net sales since as many days before."""
    now, then = _net(found), _net(before)
    if then <= 0:
        return _("Net sales of %(days)s days") % {"days": days}
    change = now / then - 1
    said = {"share": formats.percent(abs(change)), "days": days}
    if change < 0:
        return _("Net sales are %(share)s below the %(days)s days before") % said
    return _("Net sales are %(share)s above the %(days)s days before") % said


def _title(found: list[Figures]) -> str:
    total = _net(found)
    online = sum((f.online.net for f in found), Decimal(0))
    if total <= 0:
        return _("More came back than was sold")
    if online == total:
        return _("All net sales are online")
    return _("Online is %(share)s of net sales") % {"share": formats.percent(online / total)}


def _text(months: list[dt.date], found: list[Figures], period: Period, currency: str) -> str:
    best = max(range(len(months)), key=lambda n: found[n].total.net)
    said = _("The best month was %(month)s with %(amount)s.") % {
        "month": formats.dated(months[best], "F Y"),
        "amount": formats.money(found[best].total.net, currency),
    }
    if (period.end + dt.timedelta(days=1)).month == period.end.month:
        said += " " + _("The last month counts up to and including %(day)s.") % {
            "day": formats.dated(period.end, "j F")
        }
    return said
