"""How matching goes: every run with its figures, how often it is right, and a run now."""

from typing import Any

from django import forms
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.naming import names_of
from apps.core.actors import SYSTEM, actor_of
from apps.core.jobs.starting import start_job
from apps.core.models import Job
from apps.customers.models import MatchingRun, MatchRequest
from apps.customers.resolving.arriving import MOST_TRIES
from apps.customers.resolving.rebuilding import begin
from apps.customers.resolving.reporting import Precision, precision_found
from apps.portal import formats
from apps.portal.filters import DayRangeFilter, FilterSet
from apps.portal.pages import Action, DetailPage, Fact, FormPage, ListPage
from apps.portal.pages.actions import BoundAction, bind
from apps.portal.tables import Column, QuantityColumn, Table, WhenColumn, status_mark

PERMISSION = "customers.matching"

_NOW = Action(
    label=gettext_lazy("Match now"), route="customers:match-now", permission=PERMISSION, icon="play", primary=True
)


def state_of(run: MatchingRun) -> tuple[str, Any]:
    """How a run ended, as tone and word."""
    return ("ok", _("Done")) if run.finished_at else ("busy", _("At work, or cut off"))


class RunTable(Table):
    started_at = WhenColumn(gettext_lazy("When"), slot="title", linkify=True)
    state = Column(gettext_lazy("Status"), slot="note", tight=True, empty_values=(), orderable=False)
    records = QuantityColumn(gettext_lazy("Records"), slot="line", orderable=False)
    joined = QuantityColumn(gettext_lazy("Joined"), slot="value", orderable=False)
    asked = QuantityColumn(gettext_lazy("For a clerk"), slot="foot", orderable=False)
    refused = QuantityColumn(gettext_lazy("Of which contradicted"), orderable=False)
    largest = QuantityColumn(gettext_lazy("Largest customer"), orderable=False, wide=62)
    asked_by = Column(gettext_lazy("By"), tight=True, dim=True, orderable=False, wide=70)

    class Meta(Table.Meta):
        model = MatchingRun
        fields: tuple[str, ...] = ()

    def render_state(self, record: MatchingRun) -> Any:
        return status_mark(*state_of(record))

    def render_asked_by(self, value: str) -> Any:
        return _("the clock") if value == SYSTEM else _("somebody")


class RunFilter(FilterSet):
    started = DayRangeFilter(field_name="started_at", label=gettext_lazy("When"))

    class Meta:
        model = MatchingRun
        fields: list[str] = []


class MatchingRuns(ListPage):
    """Every time that all records were matched, newest first."""

    permission = PERMISSION
    model = MatchingRun
    title = gettext_lazy("Matching")
    table_class = RunTable
    filterset_class = RunFilter
    actions = (_NOW,)
    ordering = ("-started_at",)
    empty_title = gettext_lazy("Nothing was matched yet")
    empty_text = gettext_lazy("Every night all records are held against each other. You can do it now, too.")
    empty_icon = "users"

    def get_facts(self) -> list[Any]:
        return [precision_words(precision_found())]


def precision_words(found: Precision) -> str:
    """How often joining by likeness is right, as far as clerks looked."""
    if not found.looked_at:
        return _("No joining was checked by a clerk yet")
    return _("%(right)s of %(count)s checked joinings were right (%(low)s to %(high)s of all, in 95 of 100 cases)") % {
        "right": formats.quantity(found.right),
        "count": formats.quantity(found.looked_at),
        "low": formats.percent(found.low),
        "high": formats.percent(found.high),
    }


class MatchingRunPage(DetailPage):
    """One run: what was held against what, what came of it, and how good the joined picture is since."""

    permission = PERMISSION
    model = MatchingRun
    lookup = "key"
    select_related = ("model",)
    template_name = "customers/matching_run.html"
    back = ("customers:matching", gettext_lazy("Matching"))
    rail = "customers:matching"
    actions = (_NOW,)

    def get_title(self) -> Any:
        return _("Matched %(when)s") % {"when": formats.when(self.object.started_at)}

    def get_status(self) -> tuple[str, Any]:
        return state_of(self.object)

    def get_bound_actions(self) -> list[BoundAction]:
        """Matching anew is no act on this run: its address names none."""
        return bind(self.actions, self.request.user)

    def get_facts(self) -> list[Fact]:
        run, model = self.object, self.object.model
        facts = [Fact(_("Asked for by"), names_of([run.asked_by])[run.asked_by])]
        if run.finished_at:
            facts.append(Fact(_("Took"), formats.duration(run.finished_at - run.started_at)))
        if model:
            learned = _("learned from %(count)s records") % {"count": formats.quantity(model.records)}
            facts.append(Fact(_("Model"), f"{model.version}: {model.get_origin_display()}", note=learned))
            facts.append(Fact(_("One customer from"), formats.percent(model.same_from)))
            facts.append(Fact(_("A clerk is asked from"), formats.percent(model.clerk_from)))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.object
        came = [
            (_("Records"), run.records, ""),
            (_("Pairs compared"), run.compared, ""),
            (_("Customers that became one"), run.joined, ""),
            (_("Pairs that wait for a clerk"), run.asked, reverse("customers:doubts")),
            (_("Of which something contradicts"), run.refused, ""),
            (_("Pairs that are no question any more"), run.moot, ""),
        ]
        quality = [
            (_("Customers"), run.customers, ""),
            (_("Records of the largest customer"), run.largest, ""),
            (_("Customers with several dates of birth"), run.birth_dates, ""),
        ]
        stuck = MatchRequest.objects.filter(tries__gte=MOST_TRIES).count()
        return super().get_context_data(**kwargs) | {
            "came": came,
            "quality": quality if run.finished_at else [],
            "precision": precision_words(precision_found()),
            "stuck": stuck,
        }


class MatchNowForm(forms.Form):
    learns = forms.BooleanField(
        label=gettext_lazy("Learn anew from our own customers first"),
        required=False,
        help_text=gettext_lazy("Needs some thousands of records; what was decided before stays as it is."),
    )


class MatchNow(FormPage):
    """Match all records in the background; one run at a time."""

    permission = PERMISSION
    model = MatchingRun
    form_class = MatchNowForm
    title = gettext_lazy("Match all records now?")
    button = gettext_lazy("Match")
    back = ("customers:matching", gettext_lazy("Matching"))

    @transaction.atomic
    def perform(self, form: MatchNowForm) -> Job:
        user = self.request.user
        run = begin(actor=actor_of(user), learns=form.cleaned_data["learns"])
        job = start_job(kind="customers.match", owner=user, parameters={"run": str(run.key)}, once="match")
        if job.parameters["run"] != str(run.key):  # one is going on
            run.delete()
        return job

    def still_sees(self, row: Any) -> bool:
        return True  # a job of one's own
