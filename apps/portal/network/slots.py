"""The times at which a location brings orders to customers near by: shown and changed, beside its opening hours."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.network.keeping_slots import FURTHEST_KM, add_slots, change_slot, deliver_within, drop_slot
from apps.network.models import DeliverySlot, Location
from apps.network.opening import Hours
from apps.portal import formats
from apps.portal.network.forms_slots import AddSlotForm, ChangeSlotForm
from apps.portal.network.hours import OWN
from apps.portal.pages import Action, ActionPage, Editable, Fact, FormPage, ObjectPage

_RAIL = "network:locations"

ACTIONS = (Action(label=gettext_lazy("Add a time slot"), route="network:add-slot", permission=OWN, icon="truck"),)
RADIUS = Editable(
    name="delivers_within_km",
    field=forms.IntegerField(
        label=gettext_lazy("Brings orders within (km)"),
        required=False,
        min_value=1,
        max_value=FURTHEST_KM,
        help_text=gettext_lazy("As the crow flies, from postcode to postcode. Empty: it brings nothing itself."),
    ),
    permission=OWN,
    read=lambda location: location.delivers_within_km,
    save=lambda location, km: deliver_within(location=location, km=km),
)


def radius_of(location: Location) -> list[Fact]:
    """How far away it brings orders; nothing for a location that sends none."""
    km = location.delivers_within_km
    if not location.ships_orders and km is None:
        return []
    note = "" if location.ships_orders or km is None else _("not while it sends no orders")
    said = _("no") if km is None else _("within %(km)s km") % {"km": formats.quantity(km)}
    return [Fact(_("Brings orders"), said, edit=RADIUS.name, note=note)]


@dataclass(frozen=True)
class SlotRow:
    """A time slot as its page shows it; `is_closed` when the location is not open for all of it in a usual week."""

    slot: DeliverySlot
    day: str
    hours: str
    until: str
    is_closed: bool


def slots_of(slots: Iterable[DeliverySlot], hours: Hours) -> list[SlotRow]:
    def is_open(slot: DeliverySlot) -> bool:
        starts, ends = (time.hour * 60 + time.minute for time in (slot.starts, slot.ends))
        return any(opens <= starts and ends <= closes for opens, closes in hours.week[slot.weekday])

    return [
        SlotRow(slot, day_name(slot), hours_in_words(slot), _cut_off(slot.cut_off_minutes), not is_open(slot))
        for slot in slots
    ]


def day_name(slot: DeliverySlot) -> str:
    return capfirst(str(WEEKDAYS[slot.weekday]))


def hours_in_words(slot: DeliverySlot) -> str:
    return f"{slot.starts:%H:%M}–{slot.ends:%H:%M}"


def _cut_off(minutes: int) -> str:
    if not minutes:
        return _("until it starts")
    return _("%(duration)s before") % {"duration": formats.duration(dt.timedelta(minutes=minutes))}


class AddSlot(FormPage):
    permission = OWN
    model = Location
    lookup = "code"
    rail = _RAIL
    form_class = AddSlotForm
    button = gettext_lazy("Add a time slot")

    def get_title(self) -> str:
        return _("A time slot in which %(location)s brings orders") % {"location": self.object}

    def perform(self, form: AddSlotForm) -> Location:
        location: Location = self.object
        add_slots(location=location, **form.cleaned_data)
        return location

    def get_success_message(self, result: Location) -> str:
        if result.delivers_within_km is None:
            return _("Saved. Say as well how far away orders are brought; until then no time is offered.")
        return _("Saved. Customers near by can choose it.")


class _OneSlot(ObjectPage, abstract=True):
    """A time slot of one's own location."""

    permission = OWN
    model = DeliverySlot
    lookup = "key"
    rail = _RAIL
    select_related = ("location",)

    def get_title(self) -> str:
        return f"{day_name(self.object)} {hours_in_words(self.object)}"


class ChangeSlot(_OneSlot, FormPage):
    form_class = ChangeSlotForm

    def get_initial(self) -> dict[str, Any]:
        return {"capacity": self.object.capacity, "cut_off_minutes": self.object.cut_off_minutes}

    def perform(self, form: ChangeSlotForm) -> DeliverySlot:
        return change_slot(slot=self.object, **form.cleaned_data)

    def get_success_message(self, result: Any) -> str:
        return _("Saved. Orders that have a place keep it.")


class DropSlot(_OneSlot, ActionPage):
    button = gettext_lazy("Take out")
    danger = True

    def get_object_url(self) -> str:
        return str(self.object.location.get_absolute_url())

    def get_question(self) -> str:
        return _("Offer this time slot no more?")

    def get_effect(self) -> str:
        return _("Customers cannot choose it any more. Orders that have a place in it keep it, and are brought then.")

    def act(self) -> None:
        drop_slot(slot=self.object)

    def get_success_message(self, result: Any) -> str:
        return _("The time slot is not offered any more.")
