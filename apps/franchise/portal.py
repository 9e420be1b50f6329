"""What the franchise contributes to the portal."""

import datetime as dt
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.money import ZERO
from apps.franchise.models import StoreRevenue
from apps.portal import formats, registry
from apps.portal.registry import Figure, Section

VIEW = "franchise.view"
DAYS = 30


def this_month(principal: Any) -> Figure | None:
    """What online sales brought one's stores in the last thirty days, in the currency with most of it."""
    since = timezone.localdate() - dt.timedelta(days=DAYS - 1)
    sums = (
        StoreRevenue.objects.visible_to(principal)
        .filter(business_date__gte=since)
        .values_list("currency")
        .annotate(net=Sum("credited", default=ZERO) - Sum("reversed", default=ZERO))
        .order_by("-net")
    )
    found = sums.first()
    if found is None:
        return None
    currency, net = found
    return Figure(
        name=_("Online revenue, 30 days"),
        value=formats.money(net, currency),
        url=f"{reverse('franchise:online-revenue')}?period=month&currency={currency}",
        how=_("Your share in online order lines, without VAT, less what came back."),
    )


registry.navigation(
    Section.SALES, gettext_lazy("Online revenue"), "franchise:online-revenue", "chart-pie", VIEW, order=60, key="e"
)
registry.navigation(Section.CHAIN, gettext_lazy("Rule sets"), "franchise:rule-sets", "route", VIEW, order=60)
registry.panel("orders.order", "credited", gettext_lazy("Credited to"), "franchise:on-order", VIEW, order=60, side=True)
registry.today("online-revenue", this_month, VIEW, order=60)
