"""What the loyalty programme shows of a customer."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.customers.models import Customer
from apps.customers.services.reading import source_records_of
from apps.customers.views import CustomerPanel
from apps.loyalty.models import PointsEntry
from apps.loyalty.standing import standings_of
from apps.loyalty.tables import PointsTable
from apps.portal.pages import ListPage


class LoyaltyPanel(CustomerPanel):
    """Balance and card, on the customer's page."""

    permission = "loyalty.view"
    datum = "loyalty.points"
    title = gettext_lazy("Loyalty")
    template_name = "loyalty/_standing.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(standings=standings_of(source_records_of(self.object)), **kwargs)


class PointsOfCustomer(ListPage):
    """Every point that a customer earned or lost, and why: the rows behind the balance."""

    permission = "loyalty.view"
    personal = True
    model = PointsEntry
    table_class = PointsTable
    search_fields = ("order_number__istartswith",)
    ordering = ("-occurred_at", "-id")
    empty_icon = "gift"
    empty_title = gettext_lazy("No points yet")
    empty_text = gettext_lazy("Points follow a purchase as soon as the goods are handed over.")

    @cached_property
    def customer(self) -> Customer:
        return get_object_or_404(self.visible(Customer), pk__in=Customer.objects.meant_by(self.kwargs["key"]))

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(account__source_record__customer=self.customer)

    def get_title(self) -> Any:
        return _("Points of %(customer)s") % {"customer": self.customer}
