"""The list of till tickets; a ticket itself is shown as the order or return it became."""

from django.utils.translation import gettext_lazy

from apps.portal.pages import ListPage
from apps.tills.filters import TicketFilter
from apps.tills.models import Ticket
from apps.tills.tables import TicketTable


class TicketList(ListPage):
    permission = "tills.view"
    model = Ticket
    table_class = TicketTable
    filterset_class = TicketFilter
    search_fields = ("number__istartswith", "sequence__startswith", "operator__istartswith")
    select_related = ("location", "order", "rma")
    ordering = ("-occurred_at", "-id")
    large = True
    title = gettext_lazy("Tickets")
    empty_title = gettext_lazy("No tickets yet")
    empty_text = gettext_lazy("What the tills sell appears here within a second of the sale.")
    empty_icon = "receipt"
