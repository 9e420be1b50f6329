"""Comparisons of the books: all that are kept, one with each check, and a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.naming import names_of
from apps.core.actors import actor_of
from apps.core.comparing.runs import begin
from apps.core.jobs.starting import start_job
from apps.core.models import Compared, Comparison, Job
from apps.core.reconcile import Way, checks, nothing_to_do
from apps.portal import formats
from apps.portal.access import allowed
from apps.portal.pages import Action, DetailPage, Fact, FormPage, ListPage, Preset
from apps.portal.pages.actions import BoundAction, bind
from apps.portal.reconciling.filters import ComparisonFilter
from apps.portal.reconciling.running import said
from apps.portal.reconciling.tables import ComparisonTable, state_of

SHOWN = 100
"""Differences of a check that are shown; what is wrong in more places is wrong in one way."""

_NOW = Action(
    label=gettext_lazy("Compare now"),
    route="reconciling:now",
    permission="inventory.reconcile",
    icon="scale",
    primary=True,
)


class Comparisons(ListPage):
    """Every time that the books were compared, newest first."""

    permission = "inventory.reconcile"
    model = Comparison
    title = gettext_lazy("Books compared")
    table_class = ComparisonTable
    filterset_class = ComparisonFilter
    views = (
        Preset("all", gettext_lazy("All")),
        Preset("wrong", gettext_lazy("With differences"), {"wrong": "true"}, late=True),
    )
    actions = (_NOW,)
    ordering = ("-started_at",)
    empty_title = gettext_lazy("The books were not compared yet")
    empty_text = gettext_lazy("Once a day every running figure is compared with its ledger. You can do it now, too.")
    empty_icon = "scale"


@dataclass(frozen=True)
class Shown:
    """A difference on the page, and what the person can do about it."""

    what: str
    stored: str
    ledger: str
    difference: str
    ways: Sequence[Way]


class ComparisonPage(DetailPage):
    """What was compared, and each figure that is not what its ledger says."""

    permission = "inventory.reconcile"
    model = Comparison
    lookup = "key"
    template_name = "portal/reconciling/run.html"
    back = ("reconciling:runs", gettext_lazy("Books compared"))
    actions = (_NOW,)

    def get_title(self) -> Any:
        return _("Books compared %(when)s") % {"when": formats.when(self.object.started_at)}

    def get_bound_actions(self) -> list[BoundAction]:
        """Comparing anew is no act on this one: its address names none."""
        return bind(self.actions, self.request.user)

    def get_status(self) -> tuple[str, Any]:
        return state_of(self.object)

    def get_facts(self) -> list[Fact]:
        one = self.object
        facts = [
            Fact(_("Asked for by"), names_of([one.asked_by])[one.asked_by]),
            Fact(_("Started"), formats.when(one.started_at)),
        ]
        if one.finished_at:
            facts += [Fact(_("Took"), formats.duration(one.finished_at - one.started_at)), Fact(_("Result"), said(one))]
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known = {each.name: each for each in checks()}
        rows, equal = [], []
        for compared in self.object.checks.all():
            check = known.get(compared.check_name)
            ways = check.ways if check is not None else nothing_to_do
            name = check.label if check is not None else compared.check_name
            if not (compared.differences or compared.behind):
                equal.append(name)
                continue
            rows.append(
                {
                    "name": name,
                    "compared": compared,
                    "differences": self._shown(compared, ways),
                    "more": max(compared.differences - SHOWN, 0),
                }
            )
        return super().get_context_data(rows=rows, equal=equal, **kwargs)

    def _shown(self, compared: Compared, ways: Any) -> list[Shown]:
        return [
            Shown(
                what,
                formats.quantity(stored) if _is_number(stored) else stored,
                formats.quantity(ledger) if _is_number(ledger) else ledger,
                _between(stored, ledger),
                allowed(ways(key), self.request.user) if key else [],
            )
            for what, stored, ledger, key in compared.found[:SHOWN]
        ]


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _between(stored: str, ledger: str) -> str:
    if not (_is_number(stored) and _is_number(ledger)):
        return ""
    return formats.quantity(Decimal(stored) - Decimal(ledger))


class CompareNow(FormPage):
    """Compare the books in the background; one comparison at a time."""

    permission = "inventory.reconcile"
    model = Comparison
    form_class = forms.Form
    title = gettext_lazy("Compare the books now?")
    button = gettext_lazy("Compare now")
    back = ("reconciling:runs", gettext_lazy("Books compared"))
    template_name = "portal/reconciling/now.html"

    def perform(self, form: Any) -> Job:
        running = Job.objects.active().filter(kind="core.compare_books", owner=self.request.user).first()
        if running is not None:
            return running
        comparison = begin(actor=actor_of(self.request.user))
        return start_job(
            kind="core.compare_books",
            owner=self.request.user,
            parameters={"comparison": str(comparison.key)},
            once="books",
        )
