"""On the page of an order: where its goods come from, and why not from elsewhere."""

from typing import Any

from django.utils.translation import gettext_lazy

from apps.orders.models import Order
from apps.orders.sources import choices_of
from apps.portal.pages import PanelView


class Sources(PanelView):
    permission = "inventory.view_everywhere"
    model = Order
    title = gettext_lazy("Where it comes from")
    template_name = "orders/_sources.html"
    prefetch_related = ("lines__demand", "lines__location")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(choices=choices_of(self.object), **kwargs)
