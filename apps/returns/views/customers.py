"""What a customer's page says of spending. Here, for what came back is known here."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy

from apps.customers.services.reading import source_records_of
from apps.customers.views import CustomerPanel
from apps.network.models import Channel, Location
from apps.orders.models import Order, OrderStatus
from apps.returns.models import Return, ReturnLine, ReturnStatus

DAYS = 365
_NOT_BOUGHT = (OrderStatus.CANCELLED, OrderStatus.AWAITING_PAYMENT)


class Spending(CustomerPanel):
    """What was bought in the last year and kept: by kind of channel and currency, in orders and in money.

    What was called off or came back counts in the channel and the year in which it was bought, wherever it was brought; a
    return of a purchase that nobody knows counts where it was brought. And the store in which they buy most.
    """

    permission = "customers.view"
    datum = "orders.spend"
    title = gettext_lazy("Spend")
    template_name = "returns/_spending.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        records = source_records_of(self.object)
        since = timezone.localdate() - dt.timedelta(days=DAYS)
        of_year = self.visible(Order).filter(source_record__in=records, business_date__gte=since)
        bought = of_year.exclude(status__in=_NOT_BOUGHT).order_by()
        sums: dict[tuple[str, str], list[Any]] = {}
        for kind, currency, number, total in _summed(bought):
            sums[kind, currency] = [number, total]
        for kind, currency, total in self._came_back(records, since):
            sums.setdefault((kind, currency), [0, Decimal()])[1] -= total
        rows = [
            {"channel": Channel.Kind(kind).label, "currency": currency, "number": number, "net": net}
            for (kind, currency), (number, net) in sorted(sums.items(), key=lambda row: (row[0][1], -row[1][1]))
        ]
        return super().get_context_data(rows=rows, favourite=_favourite(bought), **kwargs)

    def _came_back(self, records: list[int], since: dt.date) -> QuerySet[Any, Any]:
        """What the customer got back, by kind of channel and currency."""
        settled = self.visible(Return).filter(source_record__in=records, status=ReturnStatus.SETTLED)
        of_unknown = Q(order__isnull=True, rma__business_date__gte=since)
        of_bought = Q(order__business_date__gte=since) & ~Q(order__status__in=_NOT_BOUGHT)
        return (
            ReturnLine.objects.filter(of_unknown | of_bought, rma__in=list(settled.values_list("pk", flat=True)))
            .order_by()
            .values_list(Coalesce("order__channel__kind", "rma__channel__kind"), F("rma__currency"))
            .annotate(total=Sum("amount"))
        )


def _summed(orders: Any) -> QuerySet[Any, tuple[str, str, int, Decimal]]:
    """Orders by kind of channel and currency: how many, and what stands of them after what was called off."""
    stands = Sum(F("total") - Coalesce(F("cancelled"), Decimal()))
    return orders.with_cancelled().values_list("channel__kind", "currency").annotate(number=Count("pk"), stands=stands)


def _favourite(bought: QuerySet[Any]) -> Location | None:
    """The store they bought in most often; of two as often, where they were last."""
    most = (
        bought.filter(channel__kind=Channel.Kind.STORE)
        .values("channel__location")
        .annotate(number=Count("pk"), latest=Max("business_date"))
        .order_by("-number", "-latest", "channel__location")
        .first()
    )
    return Location.objects.filter(pk=most["channel__location"]).first() if most else None
