"""What a customer's page says of spending and of returns on the way. Here, for what came back is known here."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy

from apps.customers.services.reading import source_records_of
from apps.customers.views import CustomerPanel
from apps.network.models import Channel, Location
from apps.orders.models import Order, OrderStatus
from apps.returns.models import Return, ReturnStatus
from apps.returns.states import state_of

DAYS = 365
_NOT_BOUGHT = (OrderStatus.CANCELLED, OrderStatus.AWAITING_PAYMENT)
_OVER = (ReturnStatus.SETTLED, ReturnStatus.WITHDRAWN)


class Spending(CustomerPanel):
    """Of the last year: orders and money by kind of channel and currency, net of returns; and the store they buy in most.

    Only what whoever looks may see of orders and returns counts, so a franchisee reads what was spent with them.
    """

    permission = "customers.view"
    datum = "orders.spend"
    title = gettext_lazy("Spend")
    template_name = "returns/_spending.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        records = source_records_of(self.object)
        since = timezone.localdate() - dt.timedelta(days=DAYS)
        bought = (
            self.visible(Order)
            .filter(source_record__in=records, business_date__gte=since)
            .exclude(status__in=_NOT_BOUGHT)
            .order_by()
        )
        back = (
            self.visible(Return)
            .filter(source_record__in=records, business_date__gte=since, status=ReturnStatus.SETTLED)
            .order_by()
        )
        sums: dict[tuple[str, str], list[Any]] = {}
        for kind, currency, total, number in _summed(bought):
            sums[kind, currency] = [number, total]
        for kind, currency, total, _number in _summed(back):
            # Bought before the year, or in another channel, it is less than nothing in this one.
            sums.setdefault((kind, currency), [0, Decimal()])[1] -= total
        rows = [
            {"channel": Channel.Kind(kind).label, "currency": currency, "number": number, "net": net}
            for (kind, currency), (number, net) in sorted(sums.items(), key=lambda row: (row[0][1], -row[1][1]))
        ]
        return super().get_context_data(rows=rows, favourite=self._favourite(bought), **kwargs)

    def _favourite(self, bought: QuerySet[Any]) -> Location | None:
        """The store they bought in most often, the latest of several."""
        most = (
            bought.filter(channel__kind=Channel.Kind.STORE)
            .values("channel__location")
            .annotate(number=Count("pk"), latest=Max("business_date"))
            .order_by("-number", "-latest")
            .first()
        )
        return Location.objects.filter(pk=most["channel__location"]).first() if most else None


class ReturnsOnTheWay(CustomerPanel):
    """What the customer still gets money back for, newest first."""

    permission = "customers.view"
    datum = "returns.history"
    title = gettext_lazy("Returns on the way")
    template_name = "returns/_on_the_way.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        returns = (
            self.visible(Return)
            .filter(source_record__in=source_records_of(self.object))
            .exclude(status__in=_OVER)
            .order_by("-occurred_at", "-id")[:10]
        )
        return super().get_context_data(rows=[(rma, *state_of(rma)) for rma in returns], **kwargs)


def _summed(documents: QuerySet[Any]) -> QuerySet[Any, tuple[str, str, Decimal, int]]:
    """Orders or returns by kind of channel and currency: their total and how many."""
    return documents.values_list("channel__kind", "currency").annotate(sum=Sum("total"), number=Count("pk"))
