"""Reading the roll-ups: sales of a period, and what customers of one and of several kinds of channel spend.

Always of one currency; nothing here adds pounds to euros.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Expression, F, Max, Min, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from apps.core.events.models import Event, Subscription
from apps.core.money import ZERO
from apps.kpis.models import DailySales, Measure
from apps.kpis.services.rolling_up import FULFILLED, SETTLED, SUBSCRIBER
from apps.network.models import Channel
from apps.portal.periods import Period


@dataclass(frozen=True)
class Sales:
    """What was sold and what came back, net of VAT and as positive amounts, and how many orders that took."""

    sold: Decimal = ZERO
    returned: Decimal = ZERO
    known_sold: Decimal = ZERO
    orders: int = 0
    collect_orders: int = 0
    known_orders: int = 0

    @property
    def net(self) -> Decimal:
        return self.sold - self.returned

    def __add__(self, other: "Sales") -> "Sales":
        return Sales(
            self.sold + other.sold,
            self.returned + other.returned,
            self.known_sold + other.known_sold,
            self.orders + other.orders,
            self.collect_orders + other.collect_orders,
            self.known_orders + other.known_orders,
        )


@dataclass(frozen=True)
class Figures:
    """The sales of a period, online and in stores, and what follows from them. A share of nothing is None."""

    online: Sales = Sales()
    store: Sales = Sales()

    @property
    def total(self) -> Sales:
        return self.online + self.store

    @property
    def collect_share(self) -> Decimal | None:
        return _share(self.online.collect_orders, self.online.orders)

    @property
    def return_rate(self) -> Decimal | None:
        return _share(self.total.returned, self.total.sold)

    @property
    def known_share(self) -> Decimal | None:
        return _share(self.total.known_sold, self.total.sold)

    def of(self, measure: str) -> Decimal | None:
        """The figure that a goal's measure names."""
        match Measure(measure):
            case Measure.ONLINE_SALES:
                return self.online.net
            case Measure.STORE_SALES:
                return self.store.net
            case Measure.TOTAL_SALES:
                return self.total.net
            case Measure.COLLECT_SHARE:
                return self.collect_share
            case Measure.RETURN_RATE:
                return self.return_rate
            case Measure.KNOWN_SHARE:
                return self.known_share


def _share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return Decimal(part) / Decimal(whole) if whole > 0 else None


_SUMS = {
    "sold": Sum("net_goods", default=ZERO),
    "back": Sum("returned_net", default=ZERO),
    "known": Sum("known_net_goods", default=ZERO),
    "n": Sum("orders", default=0),
    "collected": Sum("collect_orders", default=0),
    "n_known": Sum("known_orders", default=0),
}


def figures(days: QuerySet[DailySales], *, currency: str, period: Period) -> Figures:
    """The figures of a period, in one statement."""
    online = store = Sales()
    rows = (
        days.filter(currency=currency, business_date__range=(period.start, period.end))
        .order_by()
        .values_list("channel__kind")
        .annotate(**_SUMS)
    )
    for kind, *sums in rows:
        if kind in Channel.ONLINE:
            online += Sales(*sums)
        else:
            store += Sales(*sums)
    return Figures(online, store)


def figures_by_month(days: QuerySet[DailySales], *, currency: str, period: Period) -> dict[dt.date, Figures]:
    """The figures of each calendar month that had any, by its first day, in one statement."""
    return _figures_by(TruncMonth("business_date"), days, currency, period)


def figures_by_day(days: QuerySet[DailySales], *, currency: str, period: Period) -> dict[dt.date, Figures]:
    """The figures of each day that had any, in one statement."""
    return _figures_by(F("business_date"), days, currency, period)


def _figures_by(
    span: Expression | F, days: QuerySet[DailySales], currency: str, period: Period
) -> dict[dt.date, Figures]:
    rows = (
        days.filter(currency=currency, business_date__range=(period.start, period.end))
        .order_by()
        .annotate(span=span)
        .values_list("span", "channel__kind")
        .annotate(**_SUMS)
    )
    found: dict[dt.date, Figures] = {}
    for first_day, kind, *sums in rows:
        there = found.get(first_day, Figures())
        if kind in Channel.ONLINE:
            found[first_day] = Figures(there.online + Sales(*sums), there.store)
        else:
            found[first_day] = Figures(there.online, there.store + Sales(*sums))
    return found


def sold_in(days: QuerySet[DailySales]) -> dict[str, tuple[dt.date, dt.date]]:
    """The currencies in which anything was sold, with the first and last day, the one sold in last first."""
    used = Channel.objects.order_by().values_list("currency", flat=True).distinct()
    found = {
        currency: days.filter(currency=currency).aggregate(first=Min("business_date"), last=Max("business_date"))
        for currency in sorted(used)
    }
    sold = {currency: (span["first"], span["last"]) for currency, span in found.items() if span["last"]}
    return dict(sorted(sold.items(), key=lambda item: item[1][1], reverse=True))


@dataclass(frozen=True)
class Spenders:
    """Customers and what they spent together."""

    customers: int = 0
    net: Decimal = ZERO

    @property
    def average(self) -> Decimal | None:
        return self.net / self.customers if self.customers else None


@dataclass(frozen=True)
class ChannelUse:
    """Known customers of several kinds of channel beside those of one. An association: it does not say what causes what."""

    months: Period
    several: Spenders
    one: Spenders

    @property
    def ratio(self) -> Decimal | None:
        several, one = self.several.average, self.one.average
        return several / one if several is not None and one else None


_SPENDERS = """
    WITH person AS (
        SELECT record.customer_id, SUM(spend.net) AS net,
               COUNT(DISTINCT spend.channel_kind) FILTER (WHERE spend.orders > 0) AS kinds
          FROM kpis_monthlyspend AS spend JOIN customers_sourcerecord AS record ON record.id = spend.source_record_id
         WHERE spend.currency = %s AND spend.month BETWEEN %s AND %s
         GROUP BY record.customer_id)
    SELECT kinds > 1, COUNT(*), SUM(net) FROM person WHERE kinds > 0 GROUP BY 1
"""


def channel_use(*, currency: str, until: dt.date) -> ChannelUse:
    """What known customers spent in the twelve calendar months up to and including that of `until`, in one statement."""
    last = until.replace(day=1)
    first = dt.date(last.year - (last.month < 12), last.month % 12 + 1, 1)
    with connection.cursor() as cursor:
        cursor.execute(_SPENDERS, [currency, first, last])
        found = {several: Spenders(customers, net) for several, customers, net in cursor.fetchall()}
    months = Period(first, Period(last, last + dt.timedelta(days=40)).months[0].end)
    return ChannelUse(months, found.get(True, Spenders()), found.get(False, Spenders()))


def as_of() -> dt.datetime:
    """The moment up to which everything that happened is in the figures: now, unless news is waiting."""
    position = Subscription.objects.filter(name=SUBSCRIBER).values_list("position", flat=True).first() or 0
    waiting = (
        Event.objects.filter(topic__in=[FULFILLED, SETTLED])
        .exclude(position__lte=position)
        .order_by("id")
        .values_list("recorded_at", flat=True)
    )
    return waiting.first() or timezone.now()
