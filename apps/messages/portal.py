"""What the outbox puts on the portal."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.messages.timeline import Mail, Receipts
from apps.portal import registry
from apps.portal.contributions import Through
from apps.portal.discretion import Tag
from apps.portal.registry import Section

registry.navigation(Section.SYSTEM, _("Outbox"), "messaging:outbox", "mail", "messages.view", order=40)
registry.datum("messages.sent", _("Mail to them"), Tag.DISCREET)
registry.timeline(
    "messages",
    Mail(),
    "customers.view",
    kind="message",
    label=_("Mail"),
    through={Through.ONLINE},
    order=40,
    datum="messages.sent",
)
registry.timeline(
    "receipts",
    Receipts(),
    "customers.view",
    kind="receipt",
    label=pgettext_lazy("of purchases", "Receipts"),
    through={Through.ONLINE},
    order=22,
    datum="messages.sent",
)
