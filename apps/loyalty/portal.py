"""What the loyalty programme puts on the portal."""

from django.utils.translation import gettext_lazy as _

from apps.loyalty.scanning import match_blank_card
from apps.loyalty.timeline import points_of
from apps.portal import registry
from apps.portal.discretion import Tag

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
registry.timeline("points", points_of, "loyalty.view", label=_("Points"), order=50, datum="loyalty.points")
registry.scan("card without holder", "", match_blank_card, "customers.lookup", icon="id-card", order=90)
