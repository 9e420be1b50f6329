"""Pages about customers."""

from apps.customers.views.consenting import ChangeConsent
from apps.customers.views.customer import CustomerPage, CustomerTimeline
from apps.customers.views.finding import ChooseCustomer, FindCustomer

__all__ = ["ChangeConsent", "ChooseCustomer", "CustomerPage", "CustomerTimeline", "FindCustomer"]
