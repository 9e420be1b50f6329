"""Sourcing profiles: the one in force, those before it, and those being made."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.naming import names_of
from apps.inventory.forms_sourcing import ProfileForm, StrategyForm, initial_of
from apps.inventory.models import SourcingProfile, SourcingStrategy
from apps.inventory.services.profiles import (
    check_is_draft,
    check_publishable,
    draft_profile,
    drop_strategy,
    publish_profile,
    put_strategy,
)
from apps.inventory.strategies import Told, told
from apps.inventory.tables import ProfileTable
from apps.portal import formats
from apps.portal.access import may
from apps.portal.pages import Action, ActionPage, DetailPage, Fact, FormPage, ListPage, ObjectPage

VIEW, MAKE = "inventory.view", "inventory.sourcing"


class Profiles(ListPage):
    permission = VIEW
    model = SourcingProfile
    table_class = ProfileTable
    prefetch_related = ("strategies",)
    ordering = ("-created_at",)
    actions = (
        Action(
            label=gettext_lazy("Draft profile"),
            route="inventory:draft-profile",
            permission=MAKE,
            icon="plus",
            primary=True,
        ),
    )
    empty_text = gettext_lazy("Until one is published, orders go in as few parcels as possible, warehouses first.")
    empty_icon = "truck"


class ProfilePage(DetailPage):
    """Its strategies in words, in order."""

    permission = VIEW
    model = SourcingProfile
    lookup = "version"
    template_name = "inventory/profile.html"
    back = ("inventory:sourcing-profiles", gettext_lazy("Sourcing"))
    actions = (
        Action(
            label=gettext_lazy("Add strategy"),
            route="inventory:add-strategy",
            permission=MAKE,
            icon="plus",
            check=check_is_draft,
        ),
        Action(
            label=gettext_lazy("Publish profile"),
            route="inventory:publish-profile",
            permission=MAKE,
            icon="check",
            primary=True,
            asks=True,
            check=check_publishable,
        ),
    )

    def get_status(self) -> tuple[str, Any]:
        if not self.object.is_published:
            return "wait", _("Draft")
        newest = SourcingProfile.objects.published().order_by("-published_at", "-pk").first()
        return ("ok", _("In force")) if newest == self.object else ("idle", _("Replaced"))

    def get_facts(self) -> list[Fact]:
        profile = self.object
        otherwise = _("from wherever it lies") if profile.takes_from_anywhere else _("the order is refused")
        facts = [Fact(_("Version"), profile.version), Fact(_("When none fits"), otherwise)]
        if profile.is_published:
            published_by = names_of([profile.published_by]).get(profile.published_by, "")
            facts.append(Fact(_("Published"), formats.when(profile.published_at), note=published_by))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        strategies: list[Told] = [told(strategy) for strategy in self.object.strategies.order_by("position")]
        may_make = may(self.request.user, MAKE)
        return super().get_context_data(strategies=strategies, may_make=may_make, **kwargs)


class DraftProfile(FormPage):
    """A new version; it begins with the strategies of the one in force."""

    permission = MAKE
    model = SourcingProfile
    form_class = ProfileForm
    title = gettext_lazy("Draft profile")
    button = gettext_lazy("Save draft")
    back = ("inventory:sourcing-profiles", gettext_lazy("Sourcing"))

    def perform(self, form: ProfileForm) -> SourcingProfile:
        return draft_profile(**form.cleaned_data)

    def get_success_message(self, result: SourcingProfile) -> str:
        return _("%(profile)s is saved as a draft. No order is divided by it until it is published.") % {
            "profile": result
        }


class PublishProfile(ActionPage):
    permission = MAKE
    model = SourcingProfile
    lookup = "version"
    button = gettext_lazy("Publish")

    def get_question(self) -> str:
        return _("Publish %(profile)s?") % {"profile": self.object}

    def get_effect(self) -> str:
        return _(
            "New orders are divided by it from now on; orders that stand stay where they are. A published profile can never "
            "be changed, only followed by another."
        )

    def act(self) -> SourcingProfile:
        return publish_profile(profile=self.object, principal=self.request.user)

    def get_success_message(self, result: SourcingProfile) -> str:
        return _("%(profile)s is published.") % {"profile": result}


class OfStrategy(ObjectPage, abstract=True):
    """One strategy of a profile, by its position."""

    permission = MAKE
    model = SourcingProfile
    lookup = "version"

    @cached_property
    def strategy(self) -> SourcingStrategy:
        return get_object_or_404(SourcingStrategy, profile=self.object, position=self.kwargs["position"])


class AddStrategy(FormPage):
    """The last of a draft, until another is added."""

    permission = MAKE
    model = SourcingProfile
    lookup = "version"
    form_class = StrategyForm
    title = gettext_lazy("Add strategy")

    def perform(self, form: StrategyForm) -> Any:
        put_strategy(profile=self.object, position=None, **form.values)
        return self.object

    def get_success_message(self, result: Any) -> str:
        return _("Strategy saved.")


class ChangeStrategy(OfStrategy, FormPage):
    form_class = StrategyForm
    title = gettext_lazy("Change strategy")

    def get_initial(self) -> dict[str, Any]:
        return initial_of(self.strategy)

    def perform(self, form: StrategyForm) -> Any:
        put_strategy(profile=self.object, position=self.strategy.position, **form.values)
        return self.object

    def get_success_message(self, result: Any) -> str:
        return _("Strategy saved.")


class DropStrategy(OfStrategy, ActionPage):
    button = gettext_lazy("Take out")
    danger = True

    def get_question(self) -> str:
        return _("Take out %(strategy)s?") % {"strategy": self.strategy}

    def act(self) -> None:
        drop_strategy(strategy=self.strategy)
