"""A sourcing strategy in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.inventory.models import Criterion, SourcingStrategy, Speed
from apps.portal import formats


@dataclass(frozen=True)
class Told:
    """When it applies, which locations take part, and what comes first."""

    position: int
    name: str
    when: list[str]
    who: list[str]
    order: list[str]


def told(strategy: SourcingStrategy) -> Told:
    return Told(strategy.position, strategy.name, _when(strategy), _who(strategy), _order(strategy))


def _when(strategy: SourcingStrategy) -> list[str]:
    said = []
    if strategy.channels:
        said.append(_("orders of %(channels)s") % {"channels": ", ".join(strategy.channels)})
    if strategy.speeds:
        said.append(_("deliveries: %(speeds)s") % {"speeds": ", ".join(str(Speed(s).label) for s in strategy.speeds)})
    if strategy.most_days is not None:
        n = strategy.most_days
        said.append(ngettext("promised within %(n)s day", "promised within %(n)s days", n) % {"n": formats.quantity(n)})
    if strategy.countries:
        said.append(_("to %(countries)s") % {"countries": ", ".join(strategy.countries)})
    if strategy.least_value is not None:
        said.append(_("from %(value)s") % {"value": formats.quantity(strategy.least_value)})
    if strategy.most_value is not None:
        said.append(_("below %(value)s") % {"value": formats.quantity(strategy.most_value)})
    return said or [_("always")]


def _who(strategy: SourcingStrategy) -> list[str]:
    said = [str(strategy.get_sources_display())]
    if strategy.only_own:
        said.append(_("no franchisees"))
    if strategy.in_time:
        said.append(_("only who makes the promised day"))
    if strategy.most_km:
        said.append(_("at most %(km)s km away") % {"km": formats.quantity(strategy.most_km)})
    if strategy.most_parcels:
        n = strategy.most_parcels
        said.append(ngettext("at most %(n)s parcel", "at most %(n)s parcels", n) % {"n": formats.quantity(n)})
    if strategy.keep_days:
        n = strategy.keep_days
        said.append(
            ngettext("stores keep %(n)s day of their own sale", "stores keep %(n)s days of their own sale", n)
            % {"n": formats.quantity(n)}
        )
    if strategy.divides:
        said.append(_("divides a line over locations"))
    return said


def _order(strategy: SourcingStrategy) -> list[str]:
    return [str(Criterion(criterion).label) for criterion in strategy.criteria]
