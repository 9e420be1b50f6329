"""Franchise in the register of personal data: stores, rules and amounts. `published_by` is an actor's key."""

from apps.core.privacy.register import declare
from apps.franchise.models import Attribution, RevenueShare, RuleSet, StoreRevenue

declare(RuleSet, impersonal={"version", "name", "waterfall", "published_by"})
declare(Attribution, impersonal={"order_number", "candidates", "evidence"})
declare(
    RevenueShare,
    impersonal={
        "cause_type",
        "cause_id",
        "kind",
        "actor",
        "order_number",
        "return_number",
        "currency",
        "evidence",
    },
)
declare(StoreRevenue, impersonal={"currency"})
