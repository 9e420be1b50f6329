"""One page with everything that waits: for the people of a store, and per store for those who look after the chain."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.reach import reach_of
from apps.network.directory import Entry, locations
from apps.portal import formats
from apps.portal.pages import FormPage, PlainPage
from apps.portal.registry import contributed
from apps.portal.work.kinds import WorkKind
from apps.portal.work.reading import Standing, first_due, standing_now
from apps.portal.work.showing import address, as_task, by_store
from apps.portal.work.times import set_work_times, times_of

MOST_SHOWN = 100
MOST_STORES = 200
MOST_HOURS = 90 * 9


@dataclass(frozen=True)
class Tab:
    """A part of the work, with how much it is."""

    label: Any
    url: str
    current: bool
    count: int
    late: int


class Work(PlainPage):
    """Everything that waits in the person's stores, by its deadline; `?kind=` and `?store=` narrow it.

    Whoever looks after the chain sees the stores first, and the work of one by its name.
    """

    permission = "work.view"
    template_name = "portal/work/work.html"

    @cached_property
    def stands(self) -> list[Standing]:
        return standing_now(contributed, self.request.user)

    @cached_property
    def kinds(self) -> list[WorkKind]:
        return contributed.work_for(self.request.user)

    @cached_property
    def kind(self) -> str:
        """The kind that is asked for, if there is one by that name."""
        asked = self.request.GET.get("kind", "")
        return asked if any(kind.name == asked for kind in self.kinds) else ""

    @property
    def is_of_chain(self) -> bool:
        return reach_of(self.request.user).every_location

    @cached_property
    def store(self) -> Entry | None:
        """The location that is asked for, of those the person works in."""
        reach = reach_of(self.request.user)
        found = locations().by_code.get(self.request.GET.get("store", ""))
        return found if found and (reach.every_location or found.id in reach.location_ids) else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shows_stores = self.is_of_chain and self.store is None
        here = [each for each in self.stands if self.store is None or each.location_id == self.store.id]
        chosen = [each for each in here if self.kind in ("", each.kind)]
        total = sum(each.waiting for each in chosen)
        context: dict[str, Any] = {
            "as_of": timezone.now(),
            "store": self.store,
            "is_of_chain": self.is_of_chain,
            "kind_tabs": self._kind_tabs(here),
            "store_tabs": self._store_tabs(),
            "total": total,
            "late": sum(each.late for each in chosen),
        }
        if shows_stores:
            stores = by_store(chosen)
            context |= {"stores": stores[:MOST_STORES], "more": max(len(stores) - MOST_STORES, 0)}
        else:
            tasks = self._tasks({each.kind for each in chosen})
            context |= {"tasks": tasks, "more": max(total - len(tasks), 0)}
        return super().get_context_data(**context, **kwargs)

    def _tasks(self, busy: set[str]) -> list[Any]:
        now, several = timezone.now(), self.store is None and len(reach_of(self.request.user).location_ids) > 1
        found = first_due(
            [kind for kind in self.kinds if kind.name in busy],
            self.request.user,
            limit=MOST_SHOWN,
            location_ids=None if self.store is None else [self.store.id],
        )
        return [as_task(waiting, now, names_place=several) for waiting in found]

    def _kind_tabs(self, here: list[Standing]) -> list[Tab]:
        """All of it, and each kind of which anything waits (or which is asked for)."""
        code = self.store.code if self.store else ""
        tabs = [self._tab(_("All"), address(store=code), not self.kind, here)]
        for kind in self.kinds:
            own = [each for each in here if each.kind == kind.name]
            if own or kind.name == self.kind:
                tabs.append(self._tab(kind.label, address(kind=kind.name, store=code), kind.name == self.kind, own))
        return tabs

    def _store_tabs(self) -> list[Tab]:
        """The stores of somebody who works in several."""
        reach = reach_of(self.request.user)
        if reach.every_location or len(reach.location_ids) < 2:
            return []
        places = locations(knowing=reach.location_ids)
        tabs = [self._tab(_("All stores"), address(kind=self.kind), self.store is None, self.stands)]
        for place in sorted((places.by_id[id_] for id_ in reach.location_ids), key=lambda entry: entry.code):
            own = [each for each in self.stands if each.location_id == place.id]
            tabs.append(self._tab(place.name, address(store=place.code, kind=self.kind), place == self.store, own))
        return tabs

    def _tab(self, label: Any, url: str, current: bool, stands: list[Standing]) -> Tab:
        return Tab(label, url, current, sum(each.waiting for each in stands), sum(each.late for each in stands))


class WorkTimesForm(forms.Form):
    """Within how many opening hours each kind of work is to be done."""

    def __init__(self, *args: Any, kinds: list[WorkKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in kinds:
            usual = _("Usually %(hours)s.") % {"hours": formats.quantity(str(in_hours(kind.within)))}
            self.fields[kind.name] = forms.DecimalField(
                label=kind.label,
                min_value=0.25,
                max_value=MOST_HOURS,
                max_digits=5,
                decimal_places=2,
                localize=True,
                help_text=usual,
            )


def in_hours(length: dt.timedelta) -> float:
    """A length of time in hours, rounded to quarters where it is not whole."""
    hours = round(length / dt.timedelta(hours=1), 2)
    return int(hours) if hours == int(hours) else hours


class WorkTimes(FormPage):
    """How soon each kind of work is to be done in stores, for the whole chain."""

    permission = "work.times"
    rail = "portal:work"
    form_class = WorkTimesForm
    title = gettext_lazy("Deadlines of work")
    back = ("portal:work", gettext_lazy("Work"))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"kinds": contributed.work_for(self.request.user)}

    def get_initial(self) -> dict[str, Any]:
        return {name: in_hours(within) for name, within in times_of(contributed.work_for(self.request.user)).items()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        note = _("In hours that the store is open.")
        return super().get_context_data(**kwargs) | {"sub": [note]}

    def perform(self, form: WorkTimesForm) -> None:
        set_work_times(minutes={name: round(hours * 60) for name, hours in form.cleaned_data.items()})

    def get_success_message(self, result: Any) -> Any:
        return _("The deadlines are kept. They hold from now on, for what waits already, too.")

    def get_success_url(self, result: Any) -> str:
        return reverse("portal:work")
