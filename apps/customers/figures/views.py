"""The page of a store's own customers: numbers, never names."""

from typing import Any

from apps.customers.figures.counting import LEAST, NEW_DAYS, figures_for
from apps.portal.pages import PlainPage


class OwnCustomers(PlainPage):
    """How many customers each store within reach has. Franchisees see their own stores and nobody else's."""

    permission = "customers.figures"
    template_name = "customers/figures.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        figures = figures_for(self.request.user)
        return super().get_context_data(figures=figures, least=LEAST, new_days=NEW_DAYS, **kwargs)
