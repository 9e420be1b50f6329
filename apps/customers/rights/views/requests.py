"""The officer's list with its clocks, and the page of one request with what to do next."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.naming import names_of
from apps.core.reach import reach_of
from apps.customers.models import Customer, PrivacyRequest, PrivacyStep
from apps.customers.review.noting import note_view
from apps.customers.rights.handling import check_identified, check_may_extend
from apps.customers.rights.tables import (
    PrivacyRequestFilter,
    PrivacyRequestTable,
    clock,
    clock_tone,
    clock_words,
)
from apps.portal import formats
from apps.portal.pages import Action, DetailPage, Fact, ListPage, Preset

HANDLE, REGISTER = "privacy.handle", "privacy.register"
Kind, Step = PrivacyRequest.Kind, PrivacyStep.Kind


class PrivacyRequests(ListPage):
    """Every request with its clock, what is due first at the top. Nobody is named here: opening one is written down."""

    permission = HANDLE
    model = PrivacyRequest
    table_class = PrivacyRequestTable
    filterset_class = PrivacyRequestFilter
    search_fields = ("number__istartswith",)
    views = (
        Preset("open", gettext_lazy("Open"), {"status": "open"}),
        Preset("overdue", gettext_lazy("Overdue"), {"clock": "overdue"}),
        Preset("soon", gettext_lazy("Due within a week"), {"clock": "soon"}),
        Preset("all", gettext_lazy("All")),
    )
    ordering = ("due_on", "id")
    title = gettext_lazy("Privacy requests")
    empty_title = gettext_lazy("No requests")
    empty_text = gettext_lazy("Whoever talks to a customer registers what they ask on the customer's page.")
    empty_icon = "scale"
    actions = (
        Action(label=gettext_lazy("How long data is kept"), route="privacy:retention", permission=HANDLE, icon="clock"),
    )

    def get_facts(self) -> list[Any]:
        open_now = PrivacyRequest.objects.filter(status=PrivacyRequest.Status.OPEN)
        kinds = dict(open_now.order_by().values_list("kind").annotate(number=Count("pk")))
        return [f"{label}: {kinds[kind]}" for kind, label in Kind.choices if kind in kinds]


@dataclass(frozen=True)
class Advice:
    """What to do next: in a sentence, and the act that does it."""

    title: Any
    text: Any
    label: Any = ""
    url: str = ""


_ADVICE = {
    Kind.ACCESS: (
        gettext_lazy("Give them what we know"),
        gettext_lazy(
            "Make the file, read its free texts through, and send it the way you checked who they are. "
            "Nothing of it is kept here."
        ),
        gettext_lazy("Make the file"),
        "privacy:export",
    ),
    Kind.PORTABILITY: (
        gettext_lazy("Give them their data to take along"),
        gettext_lazy("Make the file as JSON: another company's system can read it."),
        gettext_lazy("Make the file"),
        "privacy:export",
    ),
    Kind.RECTIFICATION: (
        gettext_lazy("Correct what is wrong"),
        gettext_lazy("Open the customer, and write down what is right."),
        gettext_lazy("Open the customer"),
        "privacy:open",
    ),
    Kind.ERASURE: (
        gettext_lazy("See what would go, then erase"),
        gettext_lazy("You see first what goes, what stays and why, and what must be finished before."),
        gettext_lazy("Show what would go"),
        "privacy:erase",
    ),
    Kind.RESTRICTION: (
        gettext_lazy("Restrict the use"),
        gettext_lazy("Nothing is used for segments, mailings, offers or matching until you end it."),
        gettext_lazy("Restrict the use"),
        "privacy:restrict",
    ),
    Kind.OBJECTION: (
        gettext_lazy("Stop what they object to"),
        gettext_lazy("Stop the purposes they no longer want. A later purchase does not bring them back."),
        gettext_lazy("Stop purposes"),
        "privacy:stop",
    ),
}
_DOES = {
    Kind.ACCESS: Step.EXPORTED,
    Kind.PORTABILITY: Step.EXPORTED,
    Kind.RECTIFICATION: Step.CORRECTED,
    Kind.ERASURE: Step.ERASED,
    Kind.RESTRICTION: Step.RESTRICTED,
    Kind.OBJECTION: Step.STOPPED,
}
"""The step that shows that what was asked is done."""


class PrivacyRequestPage(DetailPage):
    """One request: its clock, what to do next, and everything that was done."""

    permission = REGISTER
    model = PrivacyRequest
    template_name = "customers/rights/request.html"
    select_related = ("source_record__customer",)
    rail = "privacy:requests"
    actions = (
        Action(
            label=gettext_lazy("Open the customer"),
            route="privacy:open",
            permission=HANDLE,
            icon="user",
            asks=True,
            when=lambda request: request.source_record.customer.name != "",
        ),
        Action(
            label=gettext_lazy("Extend"),
            route="privacy:extend",
            permission=HANDLE,
            icon="calendar-plus",
            when=lambda request: request.is_open,
            check=check_may_extend,
        ),
        Action(
            label=gettext_lazy("Refuse"),
            route="privacy:refuse",
            permission=HANDLE,
            icon="circle-x",
            when=lambda request: request.is_open,
        ),
        Action(
            label=gettext_lazy("Withdrawn"),
            route="privacy:take-back",
            permission=HANDLE,
            icon="undo-2",
            asks=True,
            when=lambda request: request.is_open,
        ),
        Action(
            label=gettext_lazy("Close as done"),
            route="privacy:finish",
            permission=HANDLE,
            icon="check",
            when=lambda request: request.is_open,
            check=check_identified,
        ),
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        note_view(principal=request.user, part="privacy:request", customer_key=self.customer.key)
        return response

    @property
    def customer(self) -> Customer:
        customer: Customer = self.object.source_record.customer
        return customer

    def get_back(self) -> tuple[str, Any]:
        if reach_of(self.request.user).may(HANDLE):
            return reverse("privacy:requests"), _("Privacy requests")
        return self.customer.get_absolute_url(), str(self.customer)

    def get_title(self) -> Any:
        return f"{self.object.get_kind_display()} {self.object.number}"

    def get_sub(self) -> list[Any]:
        return [str(self.customer), _("Received %(day)s") % {"day": formats.day(self.object.received_on)}]

    def get_status(self) -> tuple[str, Any]:
        return clock_tone(self.object), clock_words(self.object)

    def get_facts(self) -> list[Fact]:
        asked = self.object
        due = _("Two months were added") if asked.extended_at else ""
        return [
            Fact(_("Customer"), str(self.customer)),
            Fact(_("What is asked"), asked.get_kind_display()),
            Fact(_("How it came"), asked.get_came_display()),
            Fact(_("Received"), formats.day(asked.received_on)),
            Fact(_("Due"), formats.day(asked.due_on), note=due),
            Fact(_("Identity"), asked.get_identity_display()),
        ]

    @cached_property
    def steps(self) -> list[PrivacyStep]:
        return list(self.object.steps.order_by("pk"))

    def get_advice(self) -> Advice | None:
        """What to do next; nothing for who only registers, or once it is closed."""
        asked, done = self.object, {step.kind for step in self.steps}
        if not asked.is_open or not reach_of(self.request.user).may(HANDLE):
            return None
        address = {"number": asked.number}
        if not asked.identity:
            return Advice(
                _("Make sure that it is them"),
                _("Answer nothing before: what we know is given to nobody else."),
                _("Say how you checked"),
                reverse("privacy:identity", kwargs=address),
            )
        if _DOES.get(Kind(asked.kind)) in done:
            return Advice(
                _("Tell them, and close"),
                _("They are told what was done, in plain words."),
                _("Close as done"),
                reverse("privacy:finish", kwargs=address),
            )
        title, text, label, route = _ADVICE[Kind(asked.kind)]
        return Advice(title, text, label, reverse(route, kwargs=address))

    def get_way(self) -> list[tuple[str, Any]]:
        """The way of a request, for the bar of steps: (state, word)."""
        asked, done = self.object, {step.kind for step in self.steps}
        words = [_("Received"), _("Identity"), asked.get_kind_display(), _("Closed")]
        reached = 1
        if asked.identity:
            reached = 3 if _DOES.get(Kind(asked.kind)) in done else 2
        if not asked.is_open:
            reached = 4
        return [("done" if n < reached else "now" if n == reached else "", word) for n, word in enumerate(words)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = names_of(step.actor for step in self.steps)
        return super().get_context_data(**kwargs) | {
            "advice": self.get_advice(),
            "way": self.get_way(),
            "steps": [(step, names[step.actor]) for step in self.steps],
        }


def to_answer(principal: Any) -> QuerySet[PrivacyRequest]:
    """The open requests that are overdue or due within a week, for the rail."""
    rows = PrivacyRequest.objects.filter(clock("overdue") | clock("soon"), status=PrivacyRequest.Status.OPEN)
    return rows if reach_of(principal).may(HANDLE) else rows.none()
