"""Why the goods of an order come from where they come from: every decision with what was looked at and why not."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.inventory.models import Criterion, SourcingProfile, SourcingRun
from apps.inventory.services.decisions import IN_ITS_SLOT, Verdict
from apps.network.models import Location
from apps.orders.models import Order
from apps.portal import formats


@dataclass(frozen=True)
class Looked:
    """A location that was looked at: what became of it, in words, and the SKUs that it sends."""

    code: str
    name: str
    verdict: str
    why: str
    km: float | None
    skus: list[str]

    @property
    def is_chosen(self) -> bool:
        return self.verdict == Verdict.CHOSEN


@dataclass(frozen=True)
class Choice:
    """One decision. `profile` is None for the built-in rule; `in_vain` are the strategies that could not send it all;
    `without_day` says that they were tried again without the promised day, which nobody could make."""

    decided_at: dt.datetime
    profile: SourcingProfile | None
    strategy: str
    in_vain: list[str]
    looked_at: list[Looked]
    others: dict[str, int]
    without_day: bool

    @property
    def not_chosen(self) -> list[Looked]:
        return [one for one in self.looked_at if not one.is_chosen]


def choices_of(order: Order) -> list[Choice]:
    """The decisions on an order, the first first; none where the customer chose the store. Wants `lines__demand` at hand."""
    lines = list(order.lines.all())
    held = {line.demand.reservation_id for line in lines if line.demand is not None}
    runs = list(SourcingRun.objects.filter(reservation__in=held).select_related("profile").order_by("decided_at", "pk"))
    codes = {candidate["location"] for run in runs for candidate in run.candidates}
    names = dict(Location.objects.filter(code__in=codes).values_list("code", "name"))
    skus = {line.variant_id: line.sku for line in lines}
    return [
        Choice(
            decided_at=run.decided_at,
            profile=run.profile,
            strategy=_strategy(run),
            in_vain=[_in_vain(passed) for passed in run.strategies],
            looked_at=[_looked(candidate, names, skus) for candidate in run.candidates],
            others={str(Verdict(verdict).label): count for verdict, count in run.others.items()},
            without_day=run.without_day,
        )
        for run in runs
    ]


def _strategy(run: SourcingRun) -> str:
    if run.profile is None and run.strategy == IN_ITS_SLOT.name:
        return _("From the location at which the customer chose a time")
    return run.strategy or _("From wherever it lies, as few parcels as possible")


def _in_vain(passed: Mapping[str, Any]) -> str:
    if passed["missing"] is None:
        return _("%(strategy)s: takes more parcels than allowed") % {"strategy": passed["name"]}
    return _("%(strategy)s: cannot send all of it") % {"strategy": passed["name"]}


def _detail(said: str) -> str:
    """By which criterion it came later, or what makes it late."""
    what, _colon, when = said.partition(":")
    if what == "closed_until":
        return _("nothing leaves before %(day)s") % {"day": formats.day(dt.date.fromisoformat(when))}
    if what == "cut_off":
        return _("ordered after its cut-off of %(time)s") % {"time": when}
    if what == "comes_on":
        return _("comes on %(day)s") % {"day": formats.day(dt.date.fromisoformat(when))}
    return str(Criterion(said).label)


def _looked(candidate: Mapping[str, Any], names: Mapping[str, str], skus: Mapping[int, str]) -> Looked:
    why = str(Verdict(candidate["verdict"]).label)
    if candidate.get("detail"):
        why = _("%(why)s: %(criterion)s") % {"why": why, "criterion": _detail(candidate["detail"])}
    return Looked(
        code=candidate["location"],
        name=names.get(candidate["location"], candidate["location"]),
        verdict=candidate["verdict"],
        why=why,
        km=candidate.get("km"),
        skus=[skus[id_] for id_ in candidate.get("variants", ()) if id_ in skus],
    )
