"""What the figures contribute to the portal."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.kpis.charts import chart_of_days
from apps.kpis.models import DailySales
from apps.kpis.services.measuring import figures, figures_by_day, sold_in
from apps.portal import formats, registry
from apps.portal.charts import BarChart
from apps.portal.periods import Period
from apps.portal.registry import Figure, Section

VIEW = "kpis.view"
DAYS_SHOWN = 28


def last_day(principal: Any) -> Figure | None:
    """The net sales of the last day on which anything was sold, in the currency sold in last."""
    days = DailySales.objects.visible_to(principal)
    spans = sold_in(days)
    if not spans:
        return None
    currency, (_first, last) = next(iter(spans.items()))
    net = figures(days, currency=currency, period=Period(last, last)).total.net
    return Figure(
        name=_("Net sales today")
        if last == timezone.localdate()
        else _("Net sales, %(day)s") % {"day": formats.when(last)},
        value=formats.money(net, currency),
        url=f"{reverse('kpis:dashboard')}?currency={currency}&from={last.isoformat()}&to={last.isoformat()}",
        how=_("Goods that customers have, without VAT, online and in stores, less what came back."),
    )


def last_days(principal: Any) -> BarChart | None:
    """Net sales of the last days that are over, in the currency sold in last."""
    sold = DailySales.objects.visible_to(principal)
    spans = sold_in(sold)
    if not spans:
        return None
    currency, (_first, last) = next(iter(spans.items()))
    last = min(last, timezone.localdate() - dt.timedelta(days=1))
    shown = Period(last - dt.timedelta(days=DAYS_SHOWN - 1), last)
    both = Period(shown.before.start, shown.end)
    return chart_of_days(figures_by_day(sold, currency=currency, period=both), shown, currency)


registry.navigation(Section.CHAIN, gettext_lazy("Dashboard"), "kpis:dashboard", "chart-line", VIEW, order=10, key="d")
registry.navigation(Section.CHAIN, gettext_lazy("Goals"), "kpis:goals", "target", VIEW, order=20)
registry.today("kpis.sales", last_day, VIEW, order=5)
registry.chart("kpis.days", last_days, VIEW)
