"""Pages about customers."""

from apps.customers.views.consenting import ChangeConsent, ConsentHistory
from apps.customers.views.customer import CustomerPage
from apps.customers.views.finding import ChooseCustomer, FindCustomer
from apps.customers.views.identity import HouseholdPanel, JoinCustomer, JoinWith, TakeApart, WhereFrom
from apps.customers.views.seeing import CustomerPanel, SeesCustomer
from apps.customers.views.timeline import CustomerTimeline

__all__ = [
    "ChangeConsent",
    "ChooseCustomer",
    "ConsentHistory",
    "CustomerPage",
    "CustomerPanel",
    "CustomerTimeline",
    "FindCustomer",
    "HouseholdPanel",
    "JoinCustomer",
    "JoinWith",
    "SeesCustomer",
    "TakeApart",
    "WhereFrom",
]
