"""Loyalty in the register of personal data."""

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet

from apps.core.privacy.register import Personal, declare
from apps.customers.rights.retention.rules import keeps_customers
from apps.loyalty.models import EarnRule, Invitation, LoyaltyAccount, PointsEntry, PointsLot
from apps.loyalty.services import forfeiting  # noqa: F401  (registers what an erasure does to points)

declare(EarnRule, impersonal={"version", "currency"})
declare(LoyaltyAccount, personal={"card_number": Personal("loyalty card")}, subject="source_record")
declare(PointsLot, impersonal={"order_number"})
declare(PointsEntry, impersonal={"cause_type", "cause_id", "kind", "actor", "order_number", "rule_version"})
declare(Invitation, impersonal={"code", "device"})  # a digest of a random value that one phone was given


@keeps_customers
def has_points(since: dt.datetime) -> QuerySet[Any]:
    """Whoever has points left, or took a card since then."""
    return LoyaltyAccount.objects.filter(Q(balance__gt=0) | Q(pending__gt=0) | Q(opened_at__gte=since)).values(
        "source_record"
    )
