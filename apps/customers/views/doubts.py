"""Pairs that may be one person: the list, one pair at a time, and what a clerk does with it."""

import uuid
from typing import Any

import django_filters
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from apps.accounts.models import User
from apps.accounts.roles import roles_with
from apps.core.errors import DomainError, InvalidInput
from apps.core.reach import reach_of
from apps.core.retry import in_transaction
from apps.customers.discretion import Tags
from apps.customers.models import Doubt, DoubtAct
from apps.customers.resolving import deciding
from apps.customers.resolving.doubting import SAMPLE
from apps.customers.resolving.showing import show
from apps.customers.resolving.wording import cause_choices, cause_words, likeness_words, notes_of
from apps.customers.services.lookup import Purpose
from apps.portal import formats
from apps.portal.filters import FilterSet
from apps.portal.flashes import undo_by
from apps.portal.pages import Action, DetailPage, Fact, ListPage, ObjectPage, PageAccess, Preset
from apps.portal.tables import Column, Table, WhenColumn

PERMISSION = "customers.match"
Outcome = Doubt.Outcome


class DoubtTable(Table):
    """Nobody is named here: who they are is seen by taking a pair, which is written down."""

    number = Column(gettext_lazy("Pair"), accessor="pk", slot="title", linkify=True, tight=True, orderable=False)
    cause = Column(gettext_lazy("Why it is asked"), slot="line", clip=True)
    probability = Column(gettext_lazy("Likeness"), slot="value", tight=True)
    recorded_at = WhenColumn(gettext_lazy("Since"), slot="note")
    assigned_to = Column(gettext_lazy("Assigned to"), slot="foot", dim=True, orderable=False, empty_values=(None,))
    outcome = Column(gettext_lazy("Outcome"), tight=True, extra=True)

    class Meta(Table.Meta):
        model = Doubt
        fields: tuple[str, ...] = ()

    def render_number(self, record: Doubt) -> str:
        return str(record)

    def render_cause(self, value: str) -> str:
        return cause_words(value)

    def render_probability(self, value: float) -> str:
        return formats.percent(value)


class DoubtFilter(FilterSet):
    cause = django_filters.ChoiceFilter(label=gettext_lazy("Why it is asked"), choices=cause_choices)
    waits = django_filters.BooleanFilter(label=gettext_lazy("Waits"), method="that_wait")
    mine = django_filters.BooleanFilter(label=gettext_lazy("Assigned to me"), method="assigned")
    alike = django_filters.NumberFilter(
        label=gettext_lazy("Likeness from (%)"), method="at_least", min_value=0, max_value=100
    )

    class Meta:
        model = Doubt
        fields: list[str] = []

    def that_wait(self, rows: Any, name: str, value: bool) -> Any:
        return rows.filter(outcome=Outcome.OPEN) if value else rows.exclude(outcome=Outcome.OPEN)

    def assigned(self, rows: Any, name: str, value: bool) -> Any:
        return rows.filter(assigned_to=self.request.user) if value else rows

    def at_least(self, rows: Any, name: str, value: Any) -> Any:
        return rows.filter(probability__gte=float(value) / 100)


class Doubts(ListPage):
    """Every pair, those that wait first."""

    permission = PERMISSION
    model = Doubt
    title = gettext_lazy("Pairs in doubt")
    table_class = DoubtTable
    filterset_class = DoubtFilter
    large = True
    views = (
        Preset("waiting", gettext_lazy("Waiting"), {"waits": "true"}),
        Preset("mine", gettext_lazy("Assigned to me"), {"waits": "true", "mine": "true"}),
        Preset("decided", gettext_lazy("Decided"), {"waits": "false"}),
    )
    ordering = ("-recorded_at",)
    actions = (
        Action(
            label=gettext_lazy("Begin"), route="customers:next-doubt", permission=PERMISSION, icon="play", primary=True
        ),
    )
    empty_title = gettext_lazy("No pairs in doubt")
    empty_text = gettext_lazy(
        "Records that may be of one person come here when matching is not sure enough to join them."
    )
    empty_icon = "users"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("assigned_to")


def clerk_of(request: HttpRequest) -> User:
    """Who asks; pages let nobody in who has not signed in."""
    assert isinstance(request.user, User)
    return request.user


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


class ToList(PageAccess, abstract=True):
    """Leads back to the list where there is no pair to show: as a whole page, also out of a swap."""

    def to_list(self) -> HttpResponse:
        address = reverse("customers:doubts")
        return HttpResponseClientRedirect(address) if self.is_swap else HttpResponseRedirect(address)


class NextDoubt(ToList):
    """To the pair that is next; it is held for whoever asked."""

    permission = PERMISSION

    def get(self, request: HttpRequest) -> HttpResponse:
        seen = self.visible(Doubt).filter(key=after).first() if (after := _key(request.GET.get("after", ""))) else None
        doubt = in_transaction(lambda: deciding.take_next(clerk=clerk_of(request), passing=seen))
        if doubt is None:
            messages.success(request, _("Nothing waits for you."))
            return self.to_list()
        return HttpResponseRedirect(doubt.get_absolute_url())


class DoubtPage(DetailPage):
    """Two customers side by side, field by field, and the keys to decide with."""

    permission = PERMISSION
    model = Doubt
    lookup = "key"
    template_name = "customers/doubt.html"
    back = ("customers:doubts", gettext_lazy("Pairs in doubt"))
    rail = "customers:doubts"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("part"):
            return super().get(request, *args, **kwargs)
        try:
            self.object = deciding.take(doubt=self.object, clerk=self.clerk)
        except DomainError as refusal:
            context = {"refusal": refusal, "back_url": reverse("customers:doubts"), "back_label": _("Pairs in doubt")}
            return self.response_class(request, ["409.html"], context, status=refusal.status)
        deciding.write_down_look(doubt=self.object, clerk=self.clerk)
        response = super().get(request, *args, **kwargs)
        if self.is_swap:
            response["HX-Push-Url"] = request.get_full_path()
        return response

    def get_title(self) -> Any:
        return _("Is this one person?") if self.object.outcome == Outcome.OPEN else str(self.object)

    def get_status(self) -> tuple[str, Any] | None:
        tones = {Outcome.JOINED: "ok", Outcome.APART: "bad", Outcome.MOOT: "idle"}
        outcome = self.object.outcome
        return (tones[outcome], self.object.get_outcome_display()) if outcome else None

    def get_sub(self) -> list[Any]:
        return [str(self.object), likeness_words(self.object), cause_words(self.object.cause)]

    def get_facts(self) -> list[Fact]:
        doubt = self.object
        facts = [Fact(_("Waits since"), formats.when(doubt.recorded_at))]
        if doubt.probability is not None:
            facts.append(Fact(_("Likeness"), formats.percent(doubt.probability)))
        if doubt.assigned_to:
            facts.append(Fact(_("Assigned to"), doubt.assigned_to.name))
        if doubt.first_yes_by:
            facts.append(Fact(_("Second look"), _("A colleague said that they are one.")))
        return facts

    @cached_property
    def clerk(self) -> User:
        return clerk_of(self.request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        doubt = self.object
        waiting = deciding.waiting_for(self.clerk).count()
        last = deciding.last_act(self.clerk)
        return super().get_context_data(**kwargs) | {
            "shown": show(doubt, Tags(purpose=Purpose.MATCHING, roles=reach_of(self.clerk).roles)),
            "notes": notes_of(doubt.explanation),
            "explanation": doubt.explanation,
            "is_open": doubt.outcome == Outcome.OPEN,
            "is_sample": doubt.cause == SAMPLE,
            "waiting": waiting,
            "whys": list(enumerate(deciding.Why.choices, 1)),
            "colleagues": colleagues_of(self.clerk),
            "last": last,
            "needs_second": deciding.needs_second(doubt) and not doubt.first_yes_by,
        }


def colleagues_of(clerk: Any) -> Any:
    """Who else may decide about pairs."""
    roles = roles_with(PERMISSION)
    return (
        User.objects.filter(is_active=True, assignments__role__in=roles)
        .exclude(pk=clerk.pk)
        .distinct()
        .order_by("name")
    )


class Decide(ObjectPage):
    """What a clerk does with a pair; then the next one."""

    permission = PERMISSION
    model = Doubt
    lookup = "key"
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        doubt, clerk = self.object, clerk_of(request)
        try:
            act = in_transaction(lambda: self.act(request, doubt, clerk))
        except DomainError as refusal:
            back = {"back_url": doubt.get_absolute_url(), "back_label": str(doubt)}
            return self.response_class(request, ["409.html"], {"refusal": refusal, **back}, status=refusal.status)
        undo = undo_by(reverse("customers:take-back-doubt"), {})
        messages.success(request, said_of(act), extra_tags=undo)
        return HttpResponseRedirect(f"{reverse('customers:next-doubt')}?after={doubt.key}")

    def act(self, request: HttpRequest, doubt: Doubt, clerk: Any) -> DoubtAct:
        match request.POST.get("act"):
            case "same":
                return deciding.say_same(doubt=doubt, clerk=clerk)
            case "never":
                return deciding.say_never(doubt=doubt, clerk=clerk, why=request.POST.get("why", ""))
            case "put_off":
                return deciding.put_off(doubt=doubt, clerk=clerk)
            case "assign":
                to = colleagues_of(clerk).filter(pk=_number(request.POST.get("to", ""))).first()
                if to is None:
                    raise InvalidInput(_("Choose a colleague."), code="required")
                return deciding.assign(doubt=doubt, clerk=clerk, to=to)
        raise InvalidInput(_("Say what is to be done with this pair."), code="required")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


class TakeBackDoubt(ToList):
    """Undo the last thing one did, and back to that pair."""

    permission = PERMISSION
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            act = in_transaction(lambda: deciding.take_back(clerk=clerk_of(request)))
        except DomainError as refusal:
            messages.warning(request, refusal.faults[0].detail)
            return self.to_list()
        messages.success(request, said_of(act))
        return HttpResponseRedirect(act.doubt.get_absolute_url())


def said_of(act: DoubtAct) -> str:
    """What was done, in one sentence."""
    words = {
        DoubtAct.Kind.JOINED: _("%(pair)s is one customer."),
        DoubtAct.Kind.AGREED: _("%(pair)s waits for a second look by a colleague."),
        DoubtAct.Kind.APART: _("%(pair)s is never joined."),
        DoubtAct.Kind.PUT_OFF: _("%(pair)s was put off until tomorrow."),
        DoubtAct.Kind.ASSIGNED: _("%(pair)s was given to a colleague."),
        DoubtAct.Kind.UNDONE: _("What you said of %(pair)s was taken back."),
    }
    return words[DoubtAct.Kind(act.kind)] % {"pair": act.doubt}
