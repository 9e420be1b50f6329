"""How long data about people is kept: the rules, one of them with what it would come to, trying it out, setting its term."""

import datetime as dt
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.accounts.naming import names_of
from apps.core.jobs.models import Job
from apps.core.jobs.starting import start_job
from apps.customers.models import RetentionRun, RetentionTerm
from apps.customers.rights.forms import TermForm, TryTermForm
from apps.customers.rights.retention.deciding import check_months, decide, last_trial, terms
from apps.customers.rights.retention.rules import RetentionRule, rule_called, rules
from apps.customers.rights.views.requests import HANDLE
from apps.portal.pages import FormPage, PlainPage

_SHOWN = 30


def in_words(months: int) -> str:
    """ "2 years", "18 months": a term as people say it."""
    years, rest = divmod(months, 12)
    if rest:
        return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    return ngettext("%(n)s year", "%(n)s years", years) % {"n": years}


def standing(rule: RetentionRule, term: RetentionTerm | None) -> tuple[str, str]:
    """How a rule stands: the tone of its mark, and its word."""
    if term is None:
        return "wait", _("Not decided")
    return ("ok", _("In force")) if term.is_on else ("idle", _("Not in force"))


class Retention(PlainPage):
    """Every rule: what is kept for what, for how long, and what the last night did."""

    permission = HANDLE
    rail = "privacy:requests"
    template_name = "customers/rights/retention.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        decided = terms()
        carried_out = RetentionRun.objects.filter(is_trial=False).order_by("rule", "-pk").distinct("rule")
        last = {run.rule: run for run in carried_out}
        lines = []
        for rule in rules():
            term = decided.get(rule.code)
            months = term.months if term else rule.months
            lines.append((rule, term, in_words(months), *standing(rule, term), last.get(rule.code)))
        return super().get_context_data(lines=lines, **kwargs)


class OfRule(PlainPage, abstract=True):
    """About one rule."""

    permission = HANDLE
    rail = "privacy:requests"

    @cached_property
    def rule(self) -> RetentionRule:
        rule = rule_called(self.kwargs["code"])
        if rule is None:
            raise Http404
        return rule

    @cached_property
    def term(self) -> RetentionTerm | None:
        return terms().get(self.rule.code)

    def address(self, route: str) -> str:
        return reverse(route, kwargs={"code": self.rule.code})


class RetentionRulePage(OfRule):
    """One rule: what it is for, its term, the last time it was tried out with a sample, and what every night did."""

    template_name = "customers/rights/retention_rule.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rule, term = self.rule, self.term
        runs = list(RetentionRun.objects.filter(rule=rule.code).order_by("-pk")[:_SHOWN])
        decided = list(RetentionTerm.objects.filter(rule=rule.code).order_by("-pk")[:_SHOWN])
        names = names_of([*(run.asked_by for run in runs), *(row.decided_by for row in decided)])
        trial = last_trial(rule)
        tone, word = standing(rule, term)
        return super().get_context_data(**kwargs) | {
            "rule": rule,
            "tone": tone,
            "word": word,
            "term": in_words(term.months if term else rule.months),
            "proposed": in_words(rule.months),
            "least": in_words(rule.least),
            "trial": trial,
            "trial_term": in_words(trial.months) if trial else "",
            "sample": [(dt.datetime.fromisoformat(since), what) for since, what in trial.sample] if trial else [],
            "runs": [(run, in_words(run.months), names.get(run.asked_by, "")) for run in runs],
            "decided": [(row, in_words(row.months), names.get(row.decided_by, "")) for row in decided],
        }


class RuleForm(OfRule, FormPage, abstract=True):
    """A form about one rule."""

    template_name = "shell/form.html"

    def get_initial(self) -> dict[str, Any]:
        return {"months": self.term.months if self.term else self.rule.months}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"least": self.rule.least}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {"back_url": self.address("privacy:retention-rule"), "back_label": self.rule.name}
        context["sub"] = [_("The term counts %(since)s.") % {"since": self.rule.since}]
        return super().get_context_data(**kwargs) | context

    def get_success_url(self, result: Any) -> str:
        return self.address("privacy:retention-rule")

    def still_sees(self, row: Any) -> bool:
        return True  # terms are the officer's, as the page is


class TryTerm(RuleForm):
    """Have a worker count what a term would come to. Nothing is changed."""

    form_class = TryTermForm
    title = gettext_lazy("Try a term out")
    button = gettext_lazy("Count")

    def perform(self, form: TryTermForm) -> Job:
        months = form.cleaned_data["months"]
        check_months(self.rule, months)
        return start_job(
            kind="privacy.try_term",
            owner=self.request.user,
            parameters={"rule": self.rule.code, "months": months},
            title=_("%(rule)s: what %(term)s would come to") % {"rule": self.rule.name, "term": in_words(months)},
            once=f"{self.rule.code}:{months}",
        )

    def get_success_message(self, result: Job) -> Any:
        return _("It is being counted. Nothing is changed.")


class SetTerm(RuleForm):
    """Put a term in force, or end it. What was not tried out in the last days is not put in force."""

    form_class = TermForm
    title = gettext_lazy("Set the term")

    def get_initial(self) -> dict[str, Any]:
        tried = last_trial(self.rule)
        initial = super().get_initial() | {"is_on": self.term.is_on if self.term else True}
        return initial | ({"months": tried.months} if tried else {})

    def perform(self, form: TermForm) -> RetentionTerm:
        told = form.cleaned_data
        return decide(
            rule=self.rule,
            months=told["months"],
            is_on=told["is_on"],
            reason=told["reason"],
            principal=self.request.user,
        )

    def get_success_message(self, result: RetentionTerm) -> Any:
        if not result.is_on:
            return _("Not in force. Nothing is let go of by this rule.")
        return _("In force: the coming night does it.")
