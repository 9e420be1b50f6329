"""Identifiers that stand for nobody: what is barred and why, barring one, releasing one."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.naming import names_of
from apps.core.actors import actor_of
from apps.customers.filters import BarredFilter
from apps.customers.forms import BarForm, LimitsForm
from apps.customers.models import BarredValue
from apps.customers.services.barring import book
from apps.customers.services.disclosing import masked_value
from apps.customers.services.limiting import set_limits
from apps.customers.services.setting_apart import block, check_barred, holders_of, release
from apps.customers.tables import TONES, BarredTable
from apps.portal import formats
from apps.portal.pages import Action, ActionPage, DetailPage, Fact, FormPage, ListPage, Preset

BAR = "customers.bar"


class BarredValues(ListPage):
    permission = BAR
    model = BarredValue
    title = gettext_lazy("Barred identifiers")
    table_class = BarredTable
    filterset_class = BarredFilter
    views = (
        Preset("all", gettext_lazy("All")),
        Preset("quarantined", gettext_lazy("Set apart"), {"state": "quarantined"}),
        Preset("blocked", gettext_lazy("Blocked"), {"state": "blocked"}),
        Preset("released", gettext_lazy("Released"), {"state": "released"}),
    )
    ordering = ("-changed_at", "pk")
    actions = (
        Action(
            label=gettext_lazy("Bar an identifier"),
            route="customers:bar",
            permission=BAR,
            icon="plus",
            primary=True,
        ),
        Action(label=gettext_lazy("Limits"), route="customers:limits", permission=BAR, icon="gauge"),
    )
    empty_title = gettext_lazy("Nothing is barred")
    empty_text = gettext_lazy(
        "What too many people share is set apart by itself: the store's own phone, a till's address."
    )
    empty_icon = "users"


class BarredPage(DetailPage):
    """One identifier that finds nobody and joins nobody."""

    permission = BAR
    model = BarredValue
    lookup = "pk"
    rail = "customers:barred"
    back = ("customers:barred", gettext_lazy("Barred identifiers"))
    template_name = "customers/barred.html"
    actions = (
        Action(
            label=gettext_lazy("Release"),
            route="customers:release",
            permission=BAR,
            icon="undo-2",
            check=check_barred,
            asks=True,
        ),
    )

    def get_title(self) -> Any:
        return masked_value(self.object)

    def get_status(self) -> tuple[str, Any]:
        return TONES[self.object.state], self.object.get_state_display()

    def get_facts(self) -> list[Fact]:
        barred = self.object
        return [
            Fact(_("Kind"), barred.get_kind_display()),
            Fact(_("Records that hold it"), formats.quantity(len(holders_of(barred)))),
            Fact(_("Shared by"), formats.quantity(barred.people) if barred.people else "–"),
            Fact(_("Since"), formats.when(barred.changed_at)),
            Fact(_("By"), names_of([barred.actor]).get(barred.actor, barred.actor)),
            Fact(_("Reason"), barred.reason or "–"),
        ]


class BarIdentifier(FormPage):
    """Bar an identifier or a pattern."""

    permission = BAR
    model = BarredValue
    rail = "customers:barred"
    back = ("customers:barred", gettext_lazy("Barred identifiers"))
    form_class = BarForm
    title = gettext_lazy("Bar an identifier")
    button = gettext_lazy("Bar it")
    asks_reason = True

    def perform(self, form: BarForm) -> BarredValue:
        told = form.cleaned_data
        return block(kind=told["kind"], value=told["value"], reason=told["reason"], actor=actor_of(self.request.user))

    def get_success_url(self, result: BarredValue) -> str:
        return result.get_absolute_url()

    def get_success_message(self, result: BarredValue) -> Any:
        return _("Barred. Whoever was recognised by it alone stands apart again.")


class SetLimits(FormPage):
    """How many of each kind one customer gets, and from how many people on a value is set apart."""

    permission = BAR
    rail = "customers:barred"
    back = ("customers:barred", gettext_lazy("Barred identifiers"))
    form_class = LimitsForm
    template_name = "customers/limits.html"
    title = gettext_lazy("Limits")
    asks_reason = True

    def get_initial(self) -> dict[str, Any]:
        rules = book().rules
        return {f"{kind}-{part}": getattr(rule, part) for kind, rule in rules.items() for part in LimitsForm.parts}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        note = _("Above these numbers nobody is joined by themselves: somebody is asked. An empty field is no limit.")
        return super().get_context_data(**kwargs) | {"sub": [note]}

    def perform(self, form: LimitsForm) -> list[str]:
        return set_limits(rules=form.rules)

    def get_success_message(self, result: list[str]) -> Any:
        if not result:
            return _("Nothing was changed.")
        return _("The limits hold from now on. What too many people share is set apart within a day.")

    def get_success_url(self, result: Any) -> str:
        return reverse("customers:barred")


class ReleaseIdentifier(ActionPage):
    """Let an identifier stand for somebody again."""

    permission = BAR
    model = BarredValue
    lookup = "pk"
    rail = "customers:barred"
    button = gettext_lazy("Release")
    asks_reason = True

    def get_question(self) -> Any:
        return _("Release %(identifier)s?") % {"identifier": masked_value(self.object)}

    def get_effect(self) -> Any:
        return _(
            "It finds and joins people again, from the next time somebody gives it. It is not set apart by itself any more."
        )

    def act(self) -> BarredValue:
        reason = self.request.POST.get("reason", "")
        return release(barred=self.object, reason=reason, actor=actor_of(self.request.user))

    def get_success_url(self, result: BarredValue) -> str:
        return reverse("customers:barred-value", kwargs={"pk": result.pk})
