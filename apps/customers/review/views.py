"""The review queue: findings, one of them with its looks, and what came of it; and the names that are watched."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.naming import names_of
from apps.core.actors import actor_of
from apps.customers.models import Customer
from apps.customers.review.models import Finding, Judgement, Look, Watched
from apps.customers.review.services import cases_of, judge, looks_of, stop_watching, watch
from apps.customers.review.tables import TONES, FindingFilter, FindingTable, outcome_word, role_word
from apps.customers.services.lookup import Purpose
from apps.customers.services.reading import source_records_of
from apps.customers.views.seeing import SeesCustomer
from apps.network.models import Location
from apps.portal import formats
from apps.portal.pages import Action, ActionPage, DetailPage, Fact, FormPage, ListPage, PlainPage, Preset
from apps.portal.pages.actions import BoundAction
from apps.portal.registry import contributed

REVIEW = "customers.review"


class Findings(ListPage):
    """What the rules found, the newest first."""

    permission = REVIEW
    model = Finding
    table_class = FindingTable
    filterset_class = FindingFilter
    views = (
        Preset("open", gettext_lazy("To review"), {"state": "open"}),
        Preset("all", gettext_lazy("All")),
    )
    select_related = ("user",)
    ordering = ("-found_at", "-id")
    title = gettext_lazy("Review of look-ups")
    empty_title = gettext_lazy("Nothing to review")
    empty_text = gettext_lazy(
        "Every few minutes rules read who looked at whom. What stands out waits here for a person."
    )
    empty_icon = "shield-check"
    actions = (Action(label=gettext_lazy("Watched names"), route="customers:watched", permission=REVIEW, icon="eye"),)

    def get_queryset(self) -> Any:
        last = Judgement.objects.filter(finding=OuterRef("pk")).order_by("-pk").values("outcome")[:1]
        return super().get_queryset().annotate(outcome=Subquery(last))


@dataclass(frozen=True)
class Line:
    """A look in words."""

    look: Look
    what: str
    beside: list[str]


class FindingPage(DetailPage):
    """One finding, with the looks it is about. Whom they were at is said only by a number; who that is, a look-up says."""

    permission = REVIEW
    model = Finding
    lookup = "key"
    template_name = "customers/finding.html"
    select_related = ("user",)
    back = ("customers:review", gettext_lazy("Review of look-ups"))
    actions = (
        Action(
            label=gettext_lazy("Judge"),
            route="customers:judge",
            permission=REVIEW,
            icon="check",
            primary=True,
        ),
    )

    def get_bound_actions(self) -> list[BoundAction]:
        own = self.object.principal == actor_of(self.request.user)
        return [] if own else super().get_bound_actions()

    def get_status(self) -> tuple[str, Any]:
        last = self.object.judgements.order_by("-pk").first()
        outcome = last.outcome if last else ""
        return TONES[outcome], outcome_word(outcome)

    def get_sub(self) -> list[Any]:
        finding = self.object
        return [self.who, role_word(finding.role), formats.day(finding.day)]

    @property
    def who(self) -> str:
        return self.object.user.name if self.object.user else names_of([self.object.principal])[self.object.principal]

    def get_facts(self) -> list[Fact]:
        finding = self.object
        facts = [Fact(_("Who"), self.who), Fact(_("Times"), formats.quantity(finding.number))]
        if finding.usual is not None:
            usual = _("Usual for colleagues") if finding.user else _("Usual for this system")
            facts.append(Fact(usual, formats.quantity(round(finding.usual))))
        if finding.customer_key:
            facts.append(Fact(_("Customer"), str(finding.customer_key)[-6:]))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        looks = looks_of(self.object)
        places = Location.objects.in_bulk({look.location_id for look in looks if look.location_id})
        cases = cases_of(looks)
        lines = [
            Line(
                look,
                said(look),
                [
                    word
                    for word in (
                        purpose_word(look.purpose),
                        cases.get(look.grant_key, ""),
                        places[look.location_id].name if look.location_id in places else "",
                        _("customer %(number)s") % {"number": str(look.customer_key)[-6:]} if look.customer_key else "",
                    )
                    if word
                ],
            )
            for look in looks
        ]
        judgements = list(self.object.judgements.order_by("-pk"))
        names = names_of(judgement.judged_by for judgement in judgements)
        judged = [(judgement, names[judgement.judged_by]) for judgement in judgements]
        own = self.object.principal == actor_of(self.request.user)
        return super().get_context_data(lines=lines, judged=judged, is_own=own, **kwargs)


def said(look: Look) -> str:
    """What a look was, in words: "Looked up by email: Found"."""
    if look.act == Look.Act.LOOK_UP:
        given = look.kind.replace("+", ", ") or "–"
        return _("Looked up by %(given)s: %(outcome)s") % {"given": given, "outcome": look.get_outcome_display()}
    if look.outcome == Look.Outcome.REFUSED:
        return _("Tried to open %(part)s: not open") % {"part": part_word(look.part)}
    return _("Saw %(part)s") % {"part": part_word(look.part)}


_PAGES = {
    "customers:customer": gettext_lazy("the customer's page"),
    "customers:timeline": gettext_lazy("the timeline"),
    "customers:where-from": gettext_lazy("where the customer comes from"),
    "customers:consents": gettext_lazy("the consents"),
    "privacy:request": gettext_lazy("a privacy request"),
}


def part_word(part: str) -> str:
    """What was seen, in words: a page of ours, a panel of any app; else the address it has in the API or the portal."""
    panel = contributed.panel_at(part)
    return str(_PAGES.get(part) or (panel.title if panel else part))


def purpose_word(purpose: str) -> str:
    return str(Purpose(purpose).label) if purpose in Purpose else purpose


class JudgementForm(forms.Form):
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), choices=Judgement.Outcome.choices)
    reason = forms.CharField(label=gettext_lazy("What you found out"), max_length=500, widget=forms.Textarea)
    request_number = forms.CharField(label=gettext_lazy("Request it led to"), max_length=32, required=False)


class JudgeFinding(FormPage):
    """Say what came of a finding. Nobody judges their own."""

    permission = REVIEW
    model = Finding
    lookup = "key"
    form_class = JudgementForm
    title = gettext_lazy("Judge")

    def perform(self, form: JudgementForm) -> Finding:
        judge(finding=self.object, principal=self.request.user, **form.cleaned_data)
        return self.object

    def get_success_message(self, result: Finding) -> str:
        return _("Written down.")


class WatchedNames(PlainPage):
    """The names of which every look is reviewed. The list is itself personal, so only the reviewers read it."""

    permission = REVIEW
    rail = "customers:review"
    template_name = "customers/watched.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Watched.objects.filter(ended_at=None).select_related("source_record__customer", "user").order_by("-pk")
        watched = list(rows[:500])
        names = names_of(row.added_by for row in watched)
        return super().get_context_data(rows=[(row, names[row.added_by]) for row in watched], **kwargs)


class StopWatching(PlainPage):
    permission = REVIEW
    http_method_names = ["post"]
    template_name = "customers/watched.html"

    def post(self, request: HttpRequest, key: Any) -> HttpResponse:
        stop_watching(watched=get_object_or_404(Watched, key=key))
        return HttpResponseRedirect(reverse("customers:watched"))


class WatchCustomer(SeesCustomer, ActionPage):
    """Put the customer on the list of names whose looks are reviewed."""

    permission = REVIEW
    button = gettext_lazy("Watch")

    def get_question(self) -> str:
        return _("Review every look at %(customer)s from now on?") % {"customer": self.object}

    def get_effect(self) -> str:
        return _("Who looks is not told; what they see is no different.")

    def act(self) -> Customer:
        watch(source_record_id=source_records_of(self.object)[0], principal=self.request.user)
        customer: Customer = self.object
        return customer

    def get_success_message(self, result: Customer) -> str:
        return _("Looks at %(customer)s are reviewed.") % {"customer": result}


def to_review(principal: Any) -> QuerySet[Finding]:
    """The findings that wait for this person: not those about themselves."""
    found: QuerySet[Finding] = Finding.objects.visible_to(principal).filter(judgements=None)
    return found.exclude(principal=actor_of(principal))
