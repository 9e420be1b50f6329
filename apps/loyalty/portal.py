"""What the loyalty programme puts on the portal."""

from django.utils.translation import gettext_lazy as _

from apps.customers.services.belongings import belonging
from apps.customers.timeline import VISITS
from apps.loyalty.scanning import link_new_card, match_blank_card
from apps.loyalty.standing import standings_of
from apps.loyalty.timeline import CardsTaken, Points
from apps.portal import registry
from apps.portal.contributions import Through
from apps.portal.discretion import Tag
from apps.portal.registry import UNKNOWN, Section

registry.datum("loyalty.points", _("Points"), Tag.OPEN)
registry.panel(
    "customers.customer",
    "loyalty",
    _("Loyalty"),
    "loyalty:standing",
    "loyalty.view",
    order=30,
    side=True,
    datum="loyalty.points",
)
registry.timeline("points", Points(), "loyalty.view", label=_("Points"), order=50, datum="loyalty.points")
registry.timeline(
    "cards",
    CardsTaken(),
    "loyalty.view",
    kind=VISITS,
    label=_("Visits"),
    through={Through.STORE},
    order=28,
    datum="customers.loyalty_card",
)
registry.scan("card without holder", "", match_blank_card, "customers.lookup", icon="id-card", order=90)
registry.navigation(Section.CUSTOMERS, _("New card"), "loyalty:new-card", "id-card", "loyalty.enrol", order=20, key="n")
registry.scan_act(
    UNKNOWN, "new-card", _("New card"), link_new_card, "loyalty.enrol", icon="id-card", order=20, gives_way=True
)

belonging(
    "points",
    _("Points"),
    lambda records: sum(standing.account.balance for standing in standings_of(list(records))),
    order=30,
)
