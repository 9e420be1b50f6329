"""Pages of the privacy officer."""

from apps.customers.rights.views.erasing import EraseCustomer
from apps.customers.rights.views.exporting import ExportData
from apps.customers.rights.views.handling import (
    CheckIdentity,
    ExtendRequest,
    FinishRequest,
    OpenCustomer,
    RefuseRequest,
    TakeBackRequest,
)
from apps.customers.rights.views.objecting import StopPurposes
from apps.customers.rights.views.protecting import CorrectCustomer, EndHold, EndRestriction, Hold, RestrictUse
from apps.customers.rights.views.registering import PrivacyPanel, RegisterRequest
from apps.customers.rights.views.requests import PrivacyRequestPage, PrivacyRequests
from apps.customers.rights.views.retaining import Retention, RetentionRulePage, SetTerm, TryTerm

__all__ = [
    "CheckIdentity",
    "CorrectCustomer",
    "EndHold",
    "EndRestriction",
    "EraseCustomer",
    "ExportData",
    "ExtendRequest",
    "FinishRequest",
    "Hold",
    "OpenCustomer",
    "PrivacyPanel",
    "PrivacyRequestPage",
    "PrivacyRequests",
    "RefuseRequest",
    "RegisterRequest",
    "RestrictUse",
    "Retention",
    "RetentionRulePage",
    "SetTerm",
    "StopPurposes",
    "TakeBackRequest",
    "TryTerm",
]
