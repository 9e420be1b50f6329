"""How the chain is doing, in one currency at a time."""

import datetime as dt
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.kpis.charts import chart_of_months
from apps.kpis.figures import Reading, figure_of_channel_use, figures_of
from apps.kpis.models import DailySales, Goal
from apps.kpis.services.measuring import Figures, as_of, channel_use, figures, figures_by_month, sold_in
from apps.portal.pages import ChartFile, PlainPage
from apps.portal.periods import Period, choices, read_period

MONTHS_SHOWN = 13
COMPARISONS = {"before": _("The days before"), "year": _("A year before")}


class Dashboard(ChartFile, PlainPage):
    """Figures of a period beside another one; the currency is chosen, never converted."""

    permission = "kpis.view"
    template_name = "kpis/dashboard.html"

    @cached_property
    def days(self) -> QuerySet[DailySales]:
        return self.visible(DailySales)

    @cached_property
    def sold_in(self) -> dict[str, tuple[dt.date, dt.date]]:
        return sold_in(self.days)

    @cached_property
    def currency(self) -> str:
        asked = self.request.GET.get("currency", "")
        return asked if asked in self.sold_in else next(iter(self.sold_in), "EUR")

    @cached_property
    def _period_and_name(self) -> tuple[Period, str]:
        """Periods end at the last day with sales in this currency: history may have ended years ago."""
        today = timezone.localdate()
        last = min(self.sold_in[self.currency][1], today) if self.sold_in else today
        return read_period(self.request.GET, last=last)

    @property
    def period(self) -> Period:
        return self._period_and_name[0]

    @property
    def comparison(self) -> str:
        asked = self.request.GET.get("compare", "")
        return asked if asked in COMPARISONS else next(iter(COMPARISONS))

    @property
    def before(self) -> Period:
        return self.period.year_before if self.comparison == "year" else self.period.before

    @property
    def _is_comparable(self) -> bool:
        """Whether anything was sold yet when the period to compare with began: a part of it would mislead."""
        first, _last = self.sold_in.get(self.currency, (dt.date.max, dt.date.max))
        return first <= self.before.start

    def address(self, **changed: str) -> str:
        """This page in another state."""
        kept = {"currency": self.currency, "compare": self.comparison}
        if name := self._period_and_name[1]:
            kept["period"] = name
        else:
            kept |= {"from": self.period.start.isoformat(), "to": self.period.end.isoformat()}
        return f"{self.request.path}?{urlencode(kept | changed)}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        currency, period = self.currency, self.period
        reading = Reading(
            currency=currency,
            period=period,
            before=self.before,
            now=figures(self.days, currency=currency, period=period),
            then=figures(self.days, currency=currency, period=self.before) if self._is_comparable else Figures(),
        )
        use = channel_use(currency=currency, until=period.end)
        return super().get_context_data(
            period=period,
            before=self.before,
            as_of=as_of(),
            currency=currency,
            # Days chosen by hand mean nothing in a currency that was sold in at another time.
            currencies=[(code, f"{self.request.path}?{urlencode({'currency': code})}") for code in self.sold_in],
            periods=[(choice, self._choose(choice.value)) for choice in choices(self._period_and_name[1])],
            comparisons=[
                (label, self.address(compare=name), name == self.comparison) for name, label in COMPARISONS.items()
            ],
            figures=[*figures_of(reading), figure_of_channel_use(use, currency)] if self.sold_in else [],
            chart=self._chart() if self.sold_in else None,
            goals=list(self.visible(Goal)),
            **kwargs,
        )

    def _choose(self, name: str) -> str:
        kept = {"currency": self.currency, "compare": self.comparison, "period": name}
        return f"{self.request.path}?{urlencode(kept)}"

    def _chart(self) -> Any:
        last = self.period.end
        first = (last.replace(day=1) - dt.timedelta(days=31 * (MONTHS_SHOWN - 1) - 15)).replace(day=1)
        shown = Period(first, last)
        by_month = figures_by_month(self.days, currency=self.currency, period=shown)
        return chart_of_months(by_month, shown, self.currency)
