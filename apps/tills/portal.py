"""What the tills put on the portal: their tickets, and what could not be booked."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.inbox.models import Quarantined
from apps.customers.services.lookup import identifier_source
from apps.portal import registry
from apps.portal.registry import Section
from apps.tills.adapters.canonical import SOURCE
from apps.tills.receipts.finding import BY_RECEIPT, person_of_receipt


def tickets_waiting(principal: Any) -> QuerySet[Quarantined]:
    """Tickets that somebody has to look at. Rows of imported files are an account, not work."""
    return Quarantined.objects.visible_to(principal).open().filter(source=SOURCE)


registry.navigation(Section.SALES, _("Tickets"), "tills:tickets", "receipt", "tills.view", order=30, key="b")
registry.navigation(
    Section.SYSTEM, _("Quarantine"), "inbox:quarantine", "inbox", "inbox.view", order=30, waiting=tickets_waiting
)
identifier_source(BY_RECEIPT, person_of_receipt)
