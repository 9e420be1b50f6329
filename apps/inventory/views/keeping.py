"""What is kept back: safety stock of locations, thresholds of channels, and the feeds of tills."""

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.jobs.starting import start_job
from apps.inventory.forms_keeping import SafetyRuleForm, ThresholdForm, initial_of
from apps.inventory.models import ChannelThreshold, SafetyRule
from apps.inventory.services.keeping import drop_rule, put_rule
from apps.inventory.services.telling import drop_threshold, put_threshold
from apps.inventory.tables_keeping import FeedTable, SafetyRuleTable, ThresholdTable
from apps.network.models import Location
from apps.portal.pages import Action, ActionPage, FormPage, ListPage
from apps.portal.pages.actions import bind

VIEW, KEEP = "inventory.view", "inventory.keep"
_GOODS = ("variant__product", "category")
_BACK = ("inventory:safety", gettext_lazy("Safety stock"))
_BACK_TO_THRESHOLDS = ("inventory:thresholds", gettext_lazy("Thresholds"))


class SafetyRules(ListPage):
    permission = VIEW
    model = SafetyRule
    title = gettext_lazy("Safety stock")
    table_class = SafetyRuleTable
    search_fields = ("variant__sku", "variant__product__texts__name", "category__name", "location__name")
    select_related = (*_GOODS, "location")
    prefetch_related = ("variant__product__texts",)
    ordering = ("-quantity", "pk")
    actions = (
        Action(
            label=gettext_lazy("Thresholds of channels"), route="inventory:thresholds", permission=VIEW, icon="split"
        ),
        Action(
            label=gettext_lazy("Add rule"),
            route="inventory:add-safety-rule",
            permission=KEEP,
            icon="plus",
            primary=True,
        ),
    )
    empty_text = gettext_lazy("Every piece can be promised to customers who are not in the building.")
    empty_icon = "package"


class Thresholds(ListPage):
    permission = VIEW
    model = ChannelThreshold
    rail = "inventory:safety"
    title = gettext_lazy("Thresholds")
    table_class = ThresholdTable
    search_fields = ("variant__sku", "variant__product__texts__name", "category__name", "channel__name")
    select_related = (*_GOODS, "channel")
    prefetch_related = ("variant__product__texts",)
    ordering = ("channel__code", "pk")
    actions = (
        Action(label=gettext_lazy("Safety stock"), route="inventory:safety", permission=VIEW, icon="package"),
        Action(
            label=gettext_lazy("Add threshold"),
            route="inventory:add-threshold",
            permission=KEEP,
            icon="plus",
            primary=True,
        ),
    )
    empty_text = gettext_lazy("Every channel sells to the last piece.")
    empty_icon = "package"


class _RulePage(FormPage, abstract=True):
    """A rule in a form, new or to be changed. It has no page of its own beside this: the way back is the list it stands in."""

    permission = KEEP
    lookup = "key"
    rail = "inventory:safety"
    back: ClassVar[tuple[str, Any]]
    adding: ClassVar[Any]
    changing: ClassVar[Any]
    drop_route: ClassVar[str]

    def get_title(self) -> Any:
        return self.changing if self.is_about_one else self.adding

    def get_initial(self) -> dict[str, Any]:
        return initial_of(self.object) if self.is_about_one else {}

    def get_object_url(self) -> str:
        return reverse(self.back[0])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not self.is_about_one:
            return context
        take_out = Action(label=_("Take out"), route=self.drop_route, permission=KEEP, icon="x", asks=True)
        actions = bind((take_out,), self.request.user, self.object, self.kwargs)
        return context | {"actions": actions, "back_label": self.back[1]}

    def perform(self, form: Any) -> Any:
        rule = form.write_on(self.object if self.is_about_one else self.model())
        put_rule(rule=rule)
        return rule

    def get_success_url(self, result: Any) -> str:
        return reverse(self.back[0])


class SafetyRulePage(_RulePage):
    """Whoever saves it starts the job that writes it on the stock levels."""

    model = SafetyRule
    form_class = SafetyRuleForm
    select_related = (*_GOODS, "location")
    back = _BACK
    adding, changing = gettext_lazy("Add safety stock"), gettext_lazy("Change safety stock")
    drop_route = "inventory:drop-safety-rule"

    def perform(self, form: Any) -> Any:
        rule = super().perform(form)
        start_job(kind="inventory.safety", owner=self.request.user)
        return rule

    def get_success_message(self, result: Any) -> str:
        return _("Saved. Stock is gone through now, so that it counts everywhere.")


class ThresholdPage(_RulePage):
    model = ChannelThreshold
    form_class = ThresholdForm
    select_related = (*_GOODS, "channel")
    back = _BACK_TO_THRESHOLDS
    adding, changing = gettext_lazy("Add threshold"), gettext_lazy("Change threshold")
    drop_route = "inventory:drop-threshold"

    def perform(self, form: Any) -> Any:
        threshold = form.write_on(self.object if self.is_about_one else self.model())
        put_threshold(threshold=threshold)
        return threshold

    def get_success_message(self, result: Any) -> str:
        return _("Threshold saved.")


class _DropRule(ActionPage, abstract=True):
    permission = KEEP
    lookup = "key"
    button = gettext_lazy("Take out")
    danger = True
    listed: ClassVar[str]

    def get_question(self) -> str:
        return _("Take out %(rule)s?") % {"rule": self.object}

    def get_effect(self) -> str:
        return _("From then on the next most specific rule decides.")

    def act(self) -> None:
        drop_rule(rule=self.object)

    def get_success_url(self, result: Any) -> str:
        return reverse(self.listed)


class DropSafetyRule(_DropRule):
    model = SafetyRule
    select_related = (*_GOODS, "location")
    listed = _BACK[0]

    def act(self) -> None:
        super().act()
        start_job(kind="inventory.safety", owner=self.request.user)


class DropThreshold(_DropRule):
    model = ChannelThreshold
    select_related = (*_GOODS, "channel")
    listed = _BACK_TO_THRESHOLDS[0]

    def act(self) -> None:
        drop_threshold(threshold=self.object)


class Feeds(ListPage):
    """How far the tills of each store have told of their sales: as old as that is the stock that customers see."""

    permission = VIEW
    model = Location
    page_name = "feeds"
    title = gettext_lazy("Till feeds")
    table_class = FeedTable
    search_fields = ("code__istartswith", "name", "city")
    select_related = ("feed",)
    ordering = ("feed__known_until", "code")
    empty_icon = "store"

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(kind=Location.Kind.STORE)
