"""Online revenue: what is credited to whom, and why."""

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet, Sum
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.franchise.charts import chart_of
from apps.franchise.filters import ShareFilters
from apps.franchise.models import Attribution, Evidence, RevenueShare
from apps.franchise.services.explaining import explain_line, steps_of
from apps.franchise.services.reading import Sums, currencies, revenue_by_store, revenue_of, with_products
from apps.franchise.tables import NewestShares, ShareTable
from apps.network.models import Location
from apps.orders.models import Order
from apps.portal import formats
from apps.portal.pages import ChartFile, ListPage, PanelView, PlainPage
from apps.portal.periods import Period, choices, read_period

PERMISSION = "franchise.view"
NEWEST = 15
STORES = 10


class OnlineRevenue(ChartFile, PlainPage):
    """What online sales brought one's stores in a period, day by day and line by line."""

    permission = PERMISSION
    template_name = "franchise/online_revenue.html"

    @cached_property
    def store(self) -> Location | None:
        """The store that was asked for, if it is in reach."""
        code = self.request.GET.get("store", "").replace("\x00", "")
        return self.visible(Location).filter(kind=Location.Kind.STORE, code=code).first() if code else None

    @cached_property
    def everything(self) -> QuerySet[RevenueShare]:
        shares = self.visible(RevenueShare)
        return shares.filter(location=self.store) if self.store else shares

    @cached_property
    def currencies(self) -> list[str]:
        return currencies(self.everything) or ["EUR"]

    @cached_property
    def currency(self) -> str:
        asked = self.request.GET.get("currency", "")
        return asked if asked in self.currencies else self.currencies[0]

    def address(self, route: str = "", **changed: str) -> str:
        """This page, or with `route` the list of lines, for the same store, currency and days."""
        kept = {"store": self.store.code if self.store else "", "currency": self.currency}
        if route:
            kept |= {"day_after": self.period.start.isoformat(), "day_before": self.period.end.isoformat()}
        elif self.period_name:
            kept |= {"period": self.period_name}
        else:
            kept |= {"from": self.period.start.isoformat(), "to": self.period.end.isoformat()}
        query = urlencode({name: value for name, value in (kept | changed).items() if value})
        return f"{reverse(route) if route else self.request.path}?{query}"

    @cached_property
    def period_and_name(self) -> tuple[Period, str]:
        return read_period(self.request.GET, last=timezone.localdate())

    @property
    def period(self) -> Period:
        return self.period_and_name[0]

    @property
    def period_name(self) -> str:
        return self.period_and_name[1]

    def during(self, period: Period) -> QuerySet[RevenueShare]:
        return self.everything.filter(currency=self.currency, business_date__range=(period.start, period.end))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shares = self.during(self.period)
        revenue, before = revenue_of(shares), revenue_of(self.during(self.period.before))
        total = revenue.total()
        newest = NewestShares(with_products(shares).order_by("-business_date", "-id")[:NEWEST])
        return super().get_context_data(
            period=self.period,
            before=self.period.before,
            periods=[(choice, self.address(period=choice.value)) for choice in choices(self.period_name)],
            currency=self.currency,
            currencies=[(c, self.address(currency=c)) for c in self.currencies],
            store=self.store,
            everywhere_url=self.address(store=""),
            now=timezone.now(),
            total=total,
            net_before=before.total().net,
            change=_change(total.net, before.total().net, self.period.before),
            returned_share=total.reversed / total.credited if total.credited else None,
            by_evidence=[
                (kind, revenue.of(kind), self.address("franchise:lines", because=kind.value, kind="credit"))
                for kind in Evidence
                if revenue.of(kind) != Sums()
            ],
            credited_url=self.address("franchise:lines", kind="credit"),
            reversed_url=self.address("franchise:lines", kind="reversal"),
            lines_url=self.address("franchise:lines"),
            chart=chart_of(revenue, self.period, self.currency) if total.credits or total.reversals else None,
            stores=self._stores(shares),
            table=newest,
            lines=total.credits + total.reversals,
            **kwargs,
        )

    def _stores(self, shares: QuerySet[RevenueShare]) -> list[tuple[Any, str]]:
        """The stores that earned most, each with the address of its own page; nothing when there is only one."""
        if self.store:
            return []
        stores = revenue_by_store(shares, most=STORES)
        return [(s, self.address(store=s.code) if s.code else "") for s in stores] if len(stores) > 1 else []


def _change(now: Any, before: Any, period: Period) -> str:
    if not before:
        return _("Nothing in %(period)s to compare with") % {"period": period}
    change = {"change": formats.percent(abs(now - before) / abs(before)), "period": period}
    if now >= before:
        return _("%(change)s more than in %(period)s") % change
    return _("%(change)s less than in %(period)s") % change


class Lines(ListPage):
    """Every row of the revenue-share ledger that one may see."""

    permission = PERMISSION
    model = RevenueShare
    table_class = ShareTable
    filterset_class = ShareFilters
    search_fields = ("order_number__istartswith", "return_number__istartswith")
    ordering = ("-business_date", "-id")
    large = True
    title = gettext_lazy("Credited order lines")
    back = ("franchise:online-revenue", gettext_lazy("Online revenue"))
    empty_title = gettext_lazy("Nothing has been credited yet")
    empty_text = gettext_lazy("As soon as an online order is handed over, its lines stand here.")
    empty_icon = "chart-pie"

    def get_queryset(self) -> QuerySet[RevenueShare]:
        return with_products(super().get_queryset())

    def get_facts(self) -> list[Any]:
        sums = self.rows.order_by().values_list("currency").annotate(sum=Sum("amount")).order_by("currency")
        return [formats.money(amount, currency) for currency, amount in sums]


class Line(PlainPage):
    """Why a line is credited as it is: its receipt."""

    permission = PERMISSION
    template_name = "franchise/line.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number, line = self.kwargs["number"], self.kwargs["line"]
        attribution = (
            self.visible(Attribution)
            .select_related("rule_set", "location", "legal_entity")
            .filter(order_number=number)
            .first()
        )
        why = explain_line(attribution=attribution, line=line, principal=self.request.user) if attribution else None
        if why is None:
            raise Http404
        order_is_visible = self.visible(Order).filter(number=number).exists()
        return super().get_context_data(why=why, order_is_visible=order_is_visible, **kwargs)


class OnOrder(PanelView):
    """On the page of an order: to whom it is credited, line by line."""

    permission = PERMISSION
    model = Order
    template_name = "franchise/_on_order.html"
    title = gettext_lazy("Credited to")
    select_related = ("channel",)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number = self.object.number
        attribution = (
            self.visible(Attribution).select_related("rule_set", "location").filter(order_number=number).first()
        )
        lines = (
            self.visible(RevenueShare)
            .filter(order_number=number)
            .values("order_line", "currency")
            .annotate(amount=Sum("amount"))
            .order_by("order_line")
        )
        taken = None
        if attribution is not None:
            taken = next(step for step in steps_of(attribution, self.request.user) if step.is_taken)
        return super().get_context_data(attribution=attribution, taken=taken, lines=list(lines), **kwargs)
