"""Pages about customers."""

from apps.customers.views.barring import BarIdentifier, BarredPage, BarredValues, ReleaseIdentifier, SetLimits
from apps.customers.views.consenting import ChangeConsent, ConsentHistory
from apps.customers.views.customer import CustomerPage
from apps.customers.views.doubts import Decide, DoubtPage, Doubts, NextDoubt, TakeBackDoubt
from apps.customers.views.finding import ChooseCustomer, FindCustomer
from apps.customers.views.identity import JoinCustomer, JoinWith, TakeApart, WhereFrom
from apps.customers.views.matching import MatchingRunPage, MatchingRuns, MatchNow
from apps.customers.views.panels import HouseholdPanel, OpenWorkPanel
from apps.customers.views.seeing import CustomerPanel, SeesCustomer
from apps.customers.views.timeline import CustomerTimeline

__all__ = [
    "BarIdentifier",
    "BarredPage",
    "BarredValues",
    "ChangeConsent",
    "ChooseCustomer",
    "ConsentHistory",
    "CustomerPage",
    "CustomerPanel",
    "CustomerTimeline",
    "Decide",
    "DoubtPage",
    "Doubts",
    "FindCustomer",
    "HouseholdPanel",
    "JoinCustomer",
    "JoinWith",
    "MatchNow",
    "MatchingRunPage",
    "MatchingRuns",
    "NextDoubt",
    "OpenWorkPanel",
    "ReleaseIdentifier",
    "SeesCustomer",
    "SetLimits",
    "TakeApart",
    "TakeBackDoubt",
    "WhereFrom",
]
