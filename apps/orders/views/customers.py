"""What the orders app shows on a customer's page."""

from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy

from apps.customers.services.reading import source_records_of
from apps.customers.views import CustomerPanel
from apps.orders.models import Order, OrderLine, OrderStatus
from apps.orders.states import line_state_of, state_of, steps_of
from apps.orders.tables import fulfilment_of

GOING = (
    OrderStatus.AWAITING_PAYMENT,
    OrderStatus.OPEN,
    OrderStatus.COMING,
    OrderStatus.SOURCED,
    OrderStatus.PICKING,
    OrderStatus.READY,
    OrderStatus.SHIPPED,
)
MOST_ORDERS = 20


class OpenOrders(CustomerPanel):
    """The customer's orders that still go somewhere, newest first."""

    permission = "customers.view"
    datum = "orders.open"
    title = gettext_lazy("Open orders")
    template_name = "orders/_open_orders.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        records = source_records_of(self.object)
        lines = Prefetch("lines", OrderLine.objects.order_by("line"))
        orders = (
            self.visible(Order)
            .filter(source_record__in=records, status__in=GOING)
            .select_related("channel", "location", "slot_booking__slot")
            .prefetch_related(lines)
            .order_by("-placed_at", "-id")[:MOST_ORDERS]
        )
        shown = [
            {
                "order": order,
                "fulfilment": fulfilment_of(order, [line.method for line in order.lines.all()]),
                "status": state_of(order),
                "steps": steps_of(order, order.lines.all()),
                "lines": [(line, *line_state_of(order, line)) for line in order.lines.all()],
            }
            for order in orders
        ]
        pairs = [shown[n : n + 2] for n in range(0, len(shown), 2)]  # two stand side by side
        return super().get_context_data(pairs=pairs, **kwargs)
