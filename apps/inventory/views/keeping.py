"""What is kept back: safety stock of locations, thresholds of channels, and the feeds of tills."""

from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import Conflict
from apps.core.jobs.starting import start_job
from apps.inventory.forms_keeping import SafetyRuleForm, ThresholdForm, initial_of
from apps.inventory.models import ChannelThreshold, SafetyRule
from apps.inventory.services.keeping import drop_rule, put_safety_rule, put_threshold
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


class _Changes(FormPage, abstract=True):
    """One rule in a form. It has no page of its own beside this: the way back is the list, and here it can be taken out."""

    permission = KEEP
    lookup = "key"
    drop: ClassVar[str]
    listed: ClassVar[tuple[str, Any]]

    def get_initial(self) -> dict[str, Any]:
        return initial_of(self.object)

    def get_object_url(self) -> str:
        return reverse(self.listed[0])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        take_out = Action(label=_("Take out"), route=self.drop, permission=KEEP, icon="x", asks=True)
        actions = bind((take_out,), self.request.user, self.object, self.kwargs)
        return super().get_context_data(actions=actions, **kwargs) | {"back_label": self.listed[1]}


class _SafetyRulePage(FormPage, abstract=True):
    """A rule as a form; whoever saves it starts the job that writes it on the stock levels."""

    permission = KEEP
    model = SafetyRule
    form_class = SafetyRuleForm
    back = _BACK

    def perform(self, form: SafetyRuleForm) -> SafetyRule:
        rule = _saved(put_safety_rule, rule=form.write_on(self.rule()))
        start_job(kind="inventory.safety", owner=self.request.user)
        return rule

    def rule(self) -> SafetyRule:
        raise NotImplementedError

    def get_success_message(self, result: SafetyRule) -> str:
        return _("Saved. Stock is gone through now, so that it counts everywhere.")

    def get_success_url(self, result: SafetyRule) -> str:
        return reverse("inventory:safety")


class AddSafetyRule(_SafetyRulePage):
    title = gettext_lazy("Add safety stock")

    def rule(self) -> SafetyRule:
        return SafetyRule()


class ChangeSafetyRule(_Changes, _SafetyRulePage):
    select_related = (*_GOODS, "location")
    title = gettext_lazy("Change safety stock")
    drop = "inventory:drop-safety-rule"
    listed = _BACK

    def rule(self) -> SafetyRule:
        rule: SafetyRule = self.object
        return rule


class _DropRule(ActionPage, abstract=True):
    permission = KEEP
    lookup = "key"
    button = gettext_lazy("Take out")
    danger = True

    def get_question(self) -> str:
        return _("Take out %(rule)s?") % {"rule": self.object}

    def get_effect(self) -> str:
        return _("From then on the next most specific rule decides.")

    def act(self) -> None:
        drop_rule(rule=self.object)


class DropSafetyRule(_DropRule):
    model = SafetyRule
    select_related = (*_GOODS, "location")
    back = _BACK

    def act(self) -> None:
        super().act()
        start_job(kind="inventory.safety", owner=self.request.user)

    def get_success_url(self, result: Any) -> str:
        return reverse("inventory:safety")


class _ThresholdPage(FormPage, abstract=True):
    permission = KEEP
    model = ChannelThreshold
    rail = "inventory:safety"
    form_class = ThresholdForm
    back = _BACK_TO_THRESHOLDS

    def threshold(self) -> ChannelThreshold:
        raise NotImplementedError

    def perform(self, form: ThresholdForm) -> ChannelThreshold:
        return _saved(put_threshold, threshold=form.write_on(self.threshold()))

    def get_success_message(self, result: ChannelThreshold) -> str:
        return _("Threshold saved.")

    def get_success_url(self, result: ChannelThreshold) -> str:
        return reverse("inventory:thresholds")


class AddThreshold(_ThresholdPage):
    title = gettext_lazy("Add threshold")

    def threshold(self) -> ChannelThreshold:
        return ChannelThreshold()


class ChangeThreshold(_Changes, _ThresholdPage):
    select_related = (*_GOODS, "channel")
    title = gettext_lazy("Change threshold")
    drop = "inventory:drop-threshold"
    listed = _BACK_TO_THRESHOLDS

    def threshold(self) -> ChannelThreshold:
        threshold: ChannelThreshold = self.object
        return threshold


class DropThreshold(_DropRule):
    model = ChannelThreshold
    select_related = (*_GOODS, "channel")
    back = _BACK_TO_THRESHOLDS

    def get_success_url(self, result: Any) -> str:
        return reverse("inventory:thresholds")


def _saved(put: Any, **rule: Any) -> Any:
    """Save a rule; another one about the same is a conflict, told in words."""
    try:
        with transaction.atomic():
            return put(**rule)
    except IntegrityError as error:
        if "one_safety_rule" in str(error) or "one_threshold" in str(error):
            raise Conflict(_("There is a rule about this already; change that one.")) from error
        raise


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
