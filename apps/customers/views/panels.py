"""What stands beside a customer's timeline and is known on this floor."""

from typing import Any

from django.utils.translation import gettext_lazy

from apps.customers.services.households import living_of, speaking_of
from apps.customers.services.open_work import open_work_of
from apps.customers.services.reading import source_records_of
from apps.customers.views.seeing import CustomerPanel


class HouseholdPanel(CustomerPanel):
    """How many customers live at the address, and the organisations somebody speaks for. Nobody is named."""

    permission = "customers.view"
    datum = "customers.household"
    title = gettext_lazy("Household")
    template_name = "customers/_household.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        records = source_records_of(self.object)
        return super().get_context_data(living=living_of(records), speaking=speaking_of(records), **kwargs)


class OpenWorkPanel(CustomerPanel):
    """What is still to be done for the customer, whoever has to do it."""

    permission = "customers.view"
    datum = "customers.open_work"
    title = gettext_lazy("Still to be done")
    template_name = "customers/_open_work.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        records = source_records_of(self.object)
        waiting = open_work_of(records, principal=self.request.user, shows=self.tags.shows)
        items = [(item, self.tags(datum)) for datum, item in waiting]
        return super().get_context_data(items=items, **kwargs)
