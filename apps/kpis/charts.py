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
    series = [
        Series(_("Stores"), [f.store.net for f in found]),
        Series(_("Online"), [f.online.net for f in found]),
    ]
    return BarChart(
        title=_title(found),
        text=_text(months, found, period, currency),
        says=_("Net sales in %(currency)s by month, %(period)s. The figures are in the table.")
        % {"currency": currency, "period": period},
        head=_("Month"),
        labels=[formats.dated(month, "M Y") for month in months],
        series=[s for s in series if any(s.values)] or series[:1],
        total=_("Total") if all(any(s.values) for s in series) else "",
        urls=[orders_url(currency=currency, period=month) for month in period.months],
    )


def _title(found: list[Figures]) -> str:
    total = sum((f.total.net for f in found), Decimal(0))
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
