"""The links of the portal itself and of the network below it."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.portal import registry
from apps.portal.access import SIGNED_IN
from apps.portal.importing import running  # noqa: F401  (its kinds of jobs)
from apps.portal.importing.views.access import MAY_IMPORT
from apps.portal.network.scanning import match_location
from apps.portal.network.search import find_locations
from apps.portal.reconciling import running as comparing  # noqa: F401  (its kind of job)
from apps.portal.registry import Section
from apps.portal.webhooks.health import ailing, ailing_figure
from apps.portal.work.reading import things_to_do


def waiting(principal: Any) -> list[QuerySet[Any, Any]]:
    """What waits in the person's stores."""
    return things_to_do(registry.contributed, principal)


registry.navigation(Section.START, _("Today"), "portal:today", "house", SIGNED_IN, order=10, store_order=50, key="t")
registry.navigation(
    Section.START, _("Work"), "portal:work", "list-checks", "work.view", waiting, order=15, store_order=15, key="w"
)
registry.navigation(
    Section.START, _("Scan"), "portal:scan", "scan-barcode", "scan.use", order=20, store_order=10, key="s"
)
registry.navigation(Section.CHAIN, _("Locations"), "network:locations", "store", "network.view", order=10, key="l")
registry.navigation(Section.SYSTEM, _("Imports"), "imports:imports", "upload", MAY_IMPORT, order=40, key="i")
registry.navigation(Section.SYSTEM, _("Books compared"), "reconciling:runs", "scale", "inventory.reconcile", order=50)
registry.navigation(Section.SYSTEM, _("Webhooks"), "webhooks:endpoints", "webhook", "webhooks.manage", ailing, order=55)
registry.today("webhooks", ailing_figure, "webhooks.manage", order=70)
registry.scan("location", _("Location code"), match_location, "network.view", icon="store", order=60)
registry.search(
    "location",
    _("Locations"),
    find_locations,
    "network.view",
    icon="store",
    order=50,
    list_route="network:locations",
    guesses=True,
)
