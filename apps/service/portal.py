"""What the service desk puts on the portal."""

from django.utils.translation import gettext_lazy as _

from apps.portal import registry
from apps.portal.registry import Section
from apps.service.timeline import contact_moments

registry.navigation(
    Section.CUSTOMERS, _("Contact moments"), "service:contacts", "message-square", "service.view", order=20, key="m"
)
registry.panel(
    "customers.customer", "contact", _("Write this contact down"), "service:compose", "service.write", order=50
)
registry.timeline("contact moments", contact_moments, "service.view")
registry.topic("contact.logged", _("Logged"))
