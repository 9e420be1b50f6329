"""What the figures contribute to the portal."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.kpis.models import DailySales
from apps.kpis.services.measuring import figures, sold_in
from apps.portal import formats, registry
from apps.portal.periods import Period
from apps.portal.registry import Figure, Section

VIEW = "kpis.view"


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


registry.navigation(Section.CHAIN, gettext_lazy("Dashboard"), "kpis:dashboard", "chart-line", VIEW, order=10, key="d")
registry.navigation(Section.CHAIN, gettext_lazy("Goals"), "kpis:goals", "target", VIEW, order=20)
registry.today("kpis.sales", last_day, VIEW, order=5)
