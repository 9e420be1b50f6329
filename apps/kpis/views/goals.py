"""Goals: where they should be each year, where they are, and what that makes likely."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.kpis.models import DailySales, Goal, Measure, Milestone
from apps.kpis.services.goals import Progress, progress_of, yearly_growth
from apps.kpis.tables import GoalTable
from apps.portal import formats
from apps.portal.charts import BarChart, Series
from apps.portal.pages import ChartFile, DetailPage, Fact, ListPage

PERMISSION = "kpis.view"


class Goals(ListPage):
    permission = PERMISSION
    model = Goal
    table_class = GoalTable
    select_related = ("owner",)
    ordering = ("ends_on",)
    back = ("kpis:dashboard", gettext_lazy("Dashboard"))
    empty_icon = "target"


class GoalPage(ChartFile, DetailPage):
    """One goal with its yearly milestones, its progress now, and a forecast in words."""

    permission = PERMISSION
    model = Goal
    lookup = "slug"
    select_related = ("owner",)
    template_name = "kpis/goal.html"
    back = ("kpis:goals", gettext_lazy("Goals"))

    def get_queryset(self) -> QuerySet[Goal]:
        return super().get_queryset().prefetch_related("milestones")

    def said(self, value: Decimal | None) -> str:
        """A value of the goal's measure as people read it."""
        if value is None:
            return ""
        if Measure(self.object.measure).is_amount:
            return formats.money(value, self.object.currency, 0)
        return formats.percent(value)

    def get_facts(self) -> list[Fact]:
        goal = self.object
        return [
            Fact(_("Measure"), goal.get_measure_display(), note=_("per year") if self._is_amount else ""),
            Fact(_("Baseline"), self.said(goal.baseline), note=goal.baseline_source),
            Fact(_("Target"), self.said(goal.target), note=_("by %(day)s") % {"day": formats.day(goal.ends_on)}),
            Fact(_("Growth"), formats.percent(yearly_growth(goal)), note=_("a year, on top of the year before")),
            Fact(_("Owner"), goal.owner.name),
        ]

    @property
    def _is_amount(self) -> bool:
        return Measure(self.object.measure).is_amount

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        goal = self.object
        progress = progress_of(goal, self.visible(DailySales))
        milestones = list(goal.milestones.all())
        return context | {
            "progress": progress,
            "value": self.said(progress.value) if progress else "",
            "path_today": self.said(progress.path_today) if progress else "",
            "forecast": self.forecast(progress) if progress else "",
            "basis": self.basis(progress) if progress else "",
            "chart": self.chart(milestones, progress),
            "milestones": [(m.due_on, self.said(m.value), self._reached(m, progress)) for m in milestones],
        }

    def _reached(self, milestone: Milestone, progress: Progress | None) -> bool | None:
        """Whether the value of now would do for this milestone."""
        if progress is None:
            return None
        rises = self.object.target >= self.object.baseline
        return progress.value >= milestone.value if rises else progress.value <= milestone.value

    def basis(self, progress: Progress) -> str:
        """What the value of now rests on."""
        days = {"period": progress.measured, "days": progress.measured.days}
        if progress.is_extrapolated:
            return (
                ngettext(
                    "Over %(period)s, %(days)s day, taken over a whole year.",
                    "Over %(period)s, %(days)s days, taken over a whole year.",
                    progress.measured.days,
                )
                % days
            )
        return _("Over the twelve months of %(period)s.") % days

    def forecast(self, progress: Progress) -> str:
        """What lies ahead, in words, and what it rests on."""
        goal = self.object
        end = date_format(goal.ends_on, "j F Y")
        gap = formats.percent(abs(progress.value - progress.path_today) / progress.path_today)
        sentences = [
            _("That is %(gap)s above where the path is today.") % {"gap": gap}
            if progress.value >= progress.path_today
            else _("That is %(gap)s below where the path is today.") % {"gap": gap}
        ]
        if progress.forecast is not None and progress.growth is not None:
            meant = {"value": self.said(progress.forecast), "day": end, "growth": _signed(progress.growth)}
            sentences.append(
                _("At the growth of the last twelve months (%(growth)s a year) it is %(value)s on %(day)s.") % meant
            )
        else:
            sentences.append(_("A forecast by growth takes two years of sales, and there are not as many yet."))
        if progress.growth_needed is not None:
            sentences.append(
                _("From here %(growth)s a year leads to the target.") % {"growth": _signed(progress.growth_needed)}
            )
        return " ".join(sentences)

    def chart(self, milestones: list[Milestone], progress: Progress | None) -> BarChart:
        """The path as bars, the baseline first and the value of now beside it."""
        goal = self.object
        factor = 1 if self._is_amount else 100
        steps = [(str(goal.starts_on.year - 1), goal.baseline)] + [(str(m.due_on.year), m.value) for m in milestones]
        path = [value * factor for _label, value in steps]
        nothing = Decimal(0)
        labels, series = [label for label, _value in steps], [Series(_("Path"), path)]
        if progress:
            labels.insert(1, _("now"))
            now = [nothing, progress.value * factor, *([nothing] * len(milestones))]
            series = [Series(_("Path"), [path[0], nothing, *path[1:]]), Series(_("Now"), now)]
        return BarChart(
            title=_("%(growth)s a year leads from %(baseline)s to %(target)s")
            % {
                "growth": formats.percent(yearly_growth(goal)),
                "baseline": self.said(goal.baseline),
                "target": self.said(goal.target),
            },
            text="",
            says=_("The path of the goal by year, with where it is now. The figures are in the table."),
            head=_("Year"),
            labels=labels,
            series=series,
        )


def _signed(growth: Decimal) -> str:
    return f"{'+' if growth >= 0 else ''}{formats.percent(growth)}"
