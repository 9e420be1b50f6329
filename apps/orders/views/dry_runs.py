"""Trying a sourcing profile out before it is published: start it, and compare what it makes of past orders."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.jobs.starting import start_job
from apps.core.models import Job
from apps.inventory.models import SourcingProfile
from apps.network.models import Location
from apps.orders.forms_dry_runs import TryOutForm, last_week
from apps.orders.models import DryRun
from apps.orders.services.dry_runs.measures import DryRunMeasure, measures
from apps.orders.services.dry_runs.outcome import km_a_parcel
from apps.orders.services.dry_runs.replaying import strategies_of
from apps.portal import formats
from apps.portal.pages import DetailPage, Fact, FormPage, PanelView

MAKE = "inventory.sourcing"
_SHOWN = 5
_LOCATIONS_SHOWN = 30


class DryRunsOfProfile(PanelView):
    """On the page of a profile: the dry runs made of it, the newest first."""

    permission = MAKE
    model = SourcingProfile
    lookup = "version"
    title = gettext_lazy("Tried out")
    template_name = "orders/_dry_runs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        runs = self.visible(DryRun).filter(profile=self.object)[:_SHOWN]
        return super().get_context_data(runs=runs, **kwargs)


class TryProfile(FormPage):
    """Over which orders; the job that does it stands in the header until it is done."""

    rail = "inventory:sourcing-profiles"
    permission = MAKE
    model = SourcingProfile
    lookup = "version"
    form_class = TryOutForm
    button = gettext_lazy("Try it out")

    def get_title(self) -> Any:
        return _("Try %(profile)s out") % {"profile": self.object}

    def get_initial(self) -> dict[str, Any]:
        return dict(last_week())

    def perform(self, form: TryOutForm) -> Job:
        given = form.cleaned_data
        period = {name: given[name].isoformat() for name in ("since", "until")}
        return start_job(
            kind="orders.dry_run",
            owner=self.request.user,
            parameters={"version": self.object.version, **period},
            title=_("Dry run of %(profile)s") % {"profile": self.object},
        )

    def get_success_message(self, result: Job) -> Any:
        return _("The orders are gone through once more.")

    def get_success_url(self, result: Job) -> str:
        return result.get_absolute_url()


class DryRunPage(DetailPage):
    """The profile tried, the one in force and what happened, figure by figure and location by location."""

    rail = "inventory:sourcing-profiles"
    permission = MAKE
    model = DryRun
    lookup = "key"
    select_related = ("profile", "against")
    template_name = "orders/dry_run.html"

    def get_title(self) -> Any:
        return _("Dry run of %(profile)s") % {"profile": self.object.profile}

    def get_sub(self) -> list[Any]:
        run = self.object
        return [
            _("orders of %(since)s to %(until)s") % {"since": formats.day(run.since), "until": formats.day(run.until)}
        ]

    def get_back(self) -> tuple[str, Any]:
        return self.object.profile.get_absolute_url(), self.object.profile.name

    def get_facts(self) -> list[Fact]:
        run = self.object
        picked = (
            _("all of them")
            if run.orders == run.placed
            else _("evenly picked of %(placed)s") % {"placed": formats.quantity(run.placed)}
        )
        in_force = run.against.name if run.against else _("as few parcels as possible, warehouses first")
        return [
            Fact(_("Orders gone through"), formats.quantity(run.orders), note=picked),
            Fact(_("In force then"), in_force),
            Fact(_("Made"), formats.when(run.made_at)),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.object
        outcomes = [run.tried, run.in_force, run.as_it_went]
        return super().get_context_data(
            figures=[(label, why, [say(one) for one in outcomes]) for label, why, say in _figures(run.orders)],
            locations=self._locations(outcomes),
            measured=self._measured(outcomes),
            currency=run.tried.get("currency", ""),
            left_out=run.tried.get("left_out", 0),
            is_old=run.strategies != strategies_of(run.profile),
            **kwargs,
        )

    def _locations(self, outcomes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What each location sends, those whose part changes most first."""
        codes = {code for one in outcomes for code in one["sent_from"]}
        named = dict(Location.objects.filter(code__in=codes).values_list("code", "name"))
        rows = [
            {
                "code": code,
                "name": named.get(code, code),
                "parcels": [one["sent_from"].get(code, {}).get("parcels", 0) for one in outcomes],
                "value": [Decimal(one["sent_from"].get(code, {}).get("value", "0")) for one in outcomes],
            }
            for code in codes
        ]
        return sorted(rows, key=lambda row: (-abs(row["value"][0] - row["value"][1]), row["code"]))[:_LOCATIONS_SHOWN]

    def _measured(self, outcomes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What other apps measured, per location; a run that was made before a measure came says nothing of it."""
        return [found for each in measures() if (found := self._measure(each, outcomes))["rows"]]

    def _measure(self, measure: DryRunMeasure, outcomes: list[dict[str, Any]]) -> dict[str, Any]:
        found = [one.get("measured", {}).get(measure.name, {}) for one in outcomes]
        codes = set().union(*found)
        named = dict(Location.objects.filter(code__in=codes).values_list("code", "name"))
        rows = [
            {
                "code": code,
                "name": named.get(code, code) if code else measure.nowhere,
                "value": [Decimal(amounts.get(code, "0")) for amounts in found],
            }
            for code in codes
        ]
        rows.sort(key=lambda row: (-abs(row["value"][0] - row["value"][1]), -row["value"][1], row["code"]))
        return {
            "name": measure.name.replace(".", "-"),
            "label": measure.label,
            "explanation": measure.explanation,
            "rows": rows[:_LOCATIONS_SHOWN],
        }


def _figures(orders: int) -> list[tuple[Any, Any, Callable[[dict[str, Any]], str]]]:
    """Each figure: its name, what it says, and how it is read out of an outcome."""
    return [
        (_("Parcels"), "", lambda one: formats.quantity(one["parcels"])),
        (
            _("Parcels an order"),
            "",
            lambda one: formats.quantity(Decimal(one["parcels"] / orders).quantize(Decimal("0.01"))),
        ),
        (_("Orders in more than one parcel"), "", lambda one: formats.quantity(one["split"])),
        (_("Orders not sent whole"), _("nobody had enough of a line"), lambda one: formats.quantity(one["unsent"])),
        (
            _("Kilometres"),
            _("as the crow flies, where the way is known"),
            lambda one: formats.quantity(round(one["km"])),
        ),
        (_("Kilometres a parcel"), "", _said_km),
        (
            _("Late parcels"),
            _("after the promised day, or above what a location can send that day"),
            lambda one: formats.quantity(one["late"]),
        ),
        (
            _("Refusals"),
            _("expected by what each location refused lately"),
            lambda one: formats.quantity(Decimal(str(one["refusals"]))),
        ),
    ]


def _said_km(one: dict[str, Any]) -> str:
    km = km_a_parcel(one)
    return formats.quantity(km) if km is not None else "–"
