"""The opening hours of the chain and of a location: shown and changed."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.network.directory import hours_of, locations
from apps.network.keeping_hours import drop_opening_day, set_hours, set_opening_day
from apps.network.models import Location, OpeningDay, Timetable
from apps.network.opening import Hours
from apps.portal import formats
from apps.portal.access import may
from apps.portal.network.forms_hours import HoursForm, OpeningDayForm, initial_of
from apps.portal.network.showing_hours import days_to_come, pace_of, week_of
from apps.portal.pages import Action, ActionPage, FormPage, PlainPage
from apps.portal.pages.actions import bind

OWN, CHAIN = "network.hours", "network.change"
_RAIL = "network:locations"
_BACK = ("network:chain-hours", gettext_lazy("Opening hours of the chain"))

ACTIONS = (
    Action(label=gettext_lazy("Add a day"), route="network:add-day", permission=OWN, icon="calendar-plus"),
    Action(label=gettext_lazy("Change hours"), route="network:change-hours", permission=OWN, icon="clock"),
)
_CHAIN_ACTIONS = (
    Action(label=gettext_lazy("Add a day"), route="network:add-chain-day", permission=CHAIN, icon="calendar-plus"),
    Action(
        label=gettext_lazy("Change hours"),
        route="network:change-chain-hours",
        permission=CHAIN,
        icon="clock",
        primary=True,
    ),
)


def hours_of_chain() -> Hours:
    return hours_of(None, time_zone=timezone.get_current_timezone_name())


class ChainHours(PlainPage):
    """What holds where a location says nothing of its own."""

    permission = "network.view"
    rail = _RAIL
    template_name = "portal/network/chain_hours.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hours = hours_of_chain()
        return super().get_context_data(
            title=_BACK[1],
            back_url=reverse(_RAIL),
            back_label=_("Locations"),
            sub=[_("Hold in every location that says nothing of its own")],
            actions=bind(_CHAIN_ACTIONS, self.request.user, None, {}),
            week=week_of(hours),
            pace=pace_of(hours),
            days=days_to_come(None, self.visible(OpeningDay), hours),
            may_change=may(self.request.user, CHAIN),
            **kwargs,
        )


class _Hours(FormPage, abstract=True):
    form_class = HoursForm
    rail = _RAIL

    def get_success_message(self, result: Timetable) -> str:
        return _("Saved. What was promised stays promised; new promises go by these hours.")


class ChangeHours(_Hours):
    permission = OWN
    model = Location
    lookup = "code"

    def get_title(self) -> str:
        return _("Opening hours of %(location)s") % {"location": self.object}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"kept": hours_of_chain()}

    def get_initial(self) -> dict[str, Any]:
        return initial_of(Timetable.objects.filter(location=self.object).first())

    def perform(self, form: HoursForm) -> Location:
        set_hours(location=self.object, **form.said())
        location: Location = self.object
        return location


class ChangeChainHours(_Hours):
    permission = CHAIN
    title = _BACK[1]
    back = _BACK

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"kept": Hours(timezone.get_current_timezone_name())}

    def get_initial(self) -> dict[str, Any]:
        return initial_of(Timetable.objects.filter(location=None).first())

    def perform(self, form: HoursForm) -> None:
        set_hours(location=None, **form.said())

    def get_success_url(self, result: Any) -> str:
        return reverse(_BACK[0])


class _AddDay(FormPage, abstract=True):
    form_class = OpeningDayForm
    rail = _RAIL
    button = gettext_lazy("Add day")

    def get_success_message(self, result: OpeningDay) -> str:
        day = formats.day(result.day)
        if not result.hours:
            return _("Closed on %(day)s.") % {"day": day}
        return _("Open on %(day)s: %(hours)s.") % {"day": day, "hours": result.hours}


class AddDay(_AddDay):
    permission = OWN
    model = Location
    lookup = "code"

    def get_title(self) -> str:
        return _("A day on which %(location)s keeps other hours") % {"location": self.object}

    def perform(self, form: OpeningDayForm) -> OpeningDay:
        return set_opening_day(location=self.object, **form.cleaned_data)


class AddChainDay(_AddDay):
    permission = CHAIN
    title = gettext_lazy("A day on which the chain keeps other hours")
    back = _BACK

    def perform(self, form: OpeningDayForm) -> OpeningDay:
        return set_opening_day(location=None, **form.cleaned_data)


class DropDay(ActionPage):
    """A day with other hours is taken out: of the own stores by who manages them, of the chain by who may change that."""

    permission = OWN
    model = OpeningDay
    lookup = "key"
    rail = _RAIL
    select_related = ("location",)
    button = gettext_lazy("Take out")
    danger = True

    def get_queryset(self) -> QuerySet[OpeningDay]:
        days = super().get_queryset()
        return days if may(self.request.user, CHAIN) else days.filter(location__isnull=False)

    @cached_property
    def back_to(self) -> str:
        return str(self.object.get_absolute_url())

    def get_object_url(self) -> str:
        return self.back_to

    def get_title(self) -> str:
        return formats.day(self.object.day)

    def get_question(self) -> str:
        return _("Keep the usual hours on %(day)s?") % {"day": formats.day(self.object.day)}

    def get_effect(self) -> str:
        hours = locations().by_id[self.object.location_id].hours if self.object.location_id else hours_of_chain()
        usual = week_of(hours)[self.object.day.weekday()]
        return _("The day is like others in the week, unless the chain or a holiday says otherwise: %(hours)s.") % {
            "hours": usual.value
        }

    def act(self) -> None:
        drop_opening_day(opening_day=self.object)

    def get_success_message(self, result: Any) -> str:
        return _("The usual hours hold.")
